import { beforeEach, describe, expect, test } from 'vitest';
import { type Actor, join } from '../actor.ts';
import { admin } from '../events/admin.ts';
import { useServer } from '../harness.ts';
import { acts, type Stage, setStage } from './sanction-stage.ts';

const server = useServer();
let stage: Stage;
let host: Actor;
let moderator: Actor;
let ada: Actor;
let eventId: string;
beforeEach(async () => {
  stage = await setStage(server);
  ({ host, moderator, ada, eventId } = stage);
});
const { timeOut, ban } = acts(() => stage);

describe.each([
  ['timeOutUser', { seconds: 5 }],
  ['banUser', {}],
  ['liftSanction', {}],
])('%s', (mutation, more) => {
  test('is for the host, moderators and admins; others are refused, a guest has to log in', async () => {
    const bob = await server.signUp();
    await join(bob, eventId);
    const input = { eventId, userId: ada.id, ...more };
    for (const other of [bob, ada, await server.signUp({ role: 'HOST' })]) {
      expect(await other.mutate(mutation, input)).toMatchObject({ code: 'FORBIDDEN' });
    }
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input!`;
    const document = `mutation($input: ${type}) { ${mutation}(input: $input) { __typename } }`;
    expect(await server.guest.refusal(document, { input })).toBe('UNAUTHENTICATED');
    if (mutation === 'liftSanction') await ban(host);
    expect(await (await admin(server)).mutate(mutation, input)).not.toHaveProperty('code');
  });

  test('an event or a user that is none is not found', async () => {
    const none = (type: string) => Buffer.from(`${type}:01900000-0000-7000-8000-000000000000`).toString('base64');
    expect(await host.mutate(mutation, { eventId: none('VideoEvent'), userId: ada.id, ...more })).toMatchObject({
      code: 'NOT_FOUND',
    });
    expect(await host.mutate(mutation, { eventId, userId: none('User'), ...more })).toMatchObject({
      code: 'NOT_FOUND',
    });
  });
});

describe.each([
  ['timeOutUser', { seconds: 5 }],
  ['banUser', {}],
])('%s', (mutation, more) => {
  test('is not for oneself, the host, an admin, or one moderator against another', async () => {
    const second = await server.signUp();
    await host.mutate('appointModerator', { eventId, userId: second.id });
    const boss = await admin(server);
    for (const [by, against] of [
      [moderator, moderator],
      [host, host],
      [moderator, host],
      [moderator, boss],
      [moderator, second],
    ] as const) {
      expect(await by.mutate(mutation, { eventId, userId: against.id, ...more })).toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(await host.mutate(mutation, { eventId, userId: second.id, ...more })).not.toHaveProperty('code');
  });
});

test('the moderation log tells moderators who did what to whom, and others nothing', async () => {
  const { sentMessage } = await ada.mutate('sendMessage', { eventId, text: 'rude' }, 'sentMessage { id }');
  await moderator.mutate('pinMessage', { messageId: sentMessage.id });
  await moderator.mutate('unpinMessage', { eventId });
  await moderator.mutate('deleteMessage', { messageId: sentMessage.id });
  await timeOut(moderator, 60, 'rude');
  await moderator.mutate('liftSanction', { eventId, userId: ada.id });
  await ban(host, 'again');
  await host.mutate('dismissModerator', { eventId, userId: moderator.id });
  await host.mutate('appointModerator', { eventId, userId: moderator.id });
  const document = `query($id: ID!) { videoEvent(id: $id) { sanctions { totalCount } moderationLog(first: 20) { totalCount
    edges { node { kind actor { id } user { id } messageId reason } } } } }`;
  const { videoEvent } = await moderator.ask(document, { id: eventId });
  const line = (kind: string, actor: Actor, user: Actor | null, about: object = {}) => ({
    kind,
    actor: { id: actor.id },
    user: user === null ? null : { id: user.id },
    messageId: null,
    reason: null,
    ...about,
  });
  const message = { messageId: sentMessage.id };
  expect(videoEvent.moderationLog.edges.map(({ node }: { node: unknown }) => node)).toEqual([
    line('MODERATOR_APPOINTED', host, moderator),
    line('MODERATOR_DISMISSED', host, moderator),
    line('USER_BANNED', host, ada, { reason: 'again' }),
    line('SANCTION_LIFTED', moderator, ada),
    line('USER_TIMED_OUT', moderator, ada, { reason: 'rude' }),
    line('MESSAGE_REMOVED', moderator, ada, message),
    line('MESSAGE_UNPINNED', moderator, null, message),
    line('MESSAGE_PINNED', moderator, ada, message),
    line('MODERATOR_APPOINTED', host, moderator),
  ]);
  const bob = await server.signUp();
  await join(bob, eventId);
  for (const other of [bob, server.guest]) {
    expect((await other.ask(document, { id: eventId })).videoEvent).toEqual({
      sanctions: { totalCount: 0 },
      moderationLog: { totalCount: 0, edges: [] },
    });
  }
});

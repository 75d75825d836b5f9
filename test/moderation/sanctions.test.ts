import { beforeEach, describe, expect, test } from 'vitest';
import { type Actor, createEvent, join } from '../actor.ts';
import { admin } from '../events/admin.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

const server = useServer();
let host: Actor;
let moderator: Actor;
let ada: Actor;
let eventId: string;
beforeEach(async () => {
  host = await server.signUp({ role: 'HOST' });
  moderator = await server.signUp();
  ada = await server.signUp();
  eventId = await createEvent(host, 'LIVE');
  await host.mutate('appointModerator', { eventId, userId: moderator.id });
  await join(ada, eventId);
});

const sanction = 'sanction { kind reason until liftedAt imposedBy { id } user { id } }';
/** As `mutate`, with what the errors about sanctions tell. */
async function attempt(actor: Actor, mutation: string, input: Record<string, unknown>) {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}`;
  const document = `mutation($input: ${type}Input!) { result: ${mutation}(input: $input) {
    __typename ... on Error { code message } ${mutation.endsWith('User') ? '... on AlreadySanctionedError { kind until reason }' : '... on SanctionedError { kind until reason }'} } }`;
  return (await actor.ask(document, { input })).result;
}
const timeOut = (by: Actor, seconds = 60, reason?: string) =>
  by.mutate('timeOutUser', { eventId, userId: ada.id, seconds, reason }, sanction);
const ban = (by: Actor, reason?: string) => by.mutate('banUser', { eventId, userId: ada.id, reason }, sanction);
const say = (text = 'hello') => attempt(ada, 'sendMessage', { eventId, text });
const own = async () =>
  (await ada.ask('query($id: ID!) { videoEvent(id: $id) { viewerSanction { kind reason until } } }', { id: eventId }))
    .videoEvent.viewerSanction;

describe('timeOutUser', () => {
  test('the user watches and says nothing, and is told for how long; moderators and the user hear of it', async () => {
    const stream = await moderator.follow(
      eventId,
      '... on SanctionImposed { user { userId } sanction { kind reason until } }',
    );
    const { feedCursor } = (await ada.ask('{ viewer { feedCursor } }')).viewer;
    const told = ada.subscribe(
      'subscription($after: String) { myFeed(after: $after) { __typename ... on SanctionImposed { eventId sanction { kind reason } } } }',
      { after: feedCursor },
    );
    const watching = await ada.follow(eventId);
    const imposed = await timeOut(moderator, 60, 'too loud');
    expect(imposed).toMatchObject({
      __typename: 'TimeOutUserPayload',
      sanction: {
        kind: 'TIMEOUT',
        reason: 'too loud',
        liftedAt: null,
        imposedBy: { id: moderator.id },
        user: { id: ada.id },
      },
    });
    const { until: end } = imposed.sanction;
    expect(await say()).toEqual({
      __typename: 'SanctionedError',
      code: 'SANCTIONED',
      message: `You are timed out in this event until ${end}.`,
      kind: 'TIMEOUT',
      until: end,
      reason: 'too loud',
    });
    expect(await own()).toEqual({ kind: 'TIMEOUT', reason: 'too loud', until: end });
    expect(await stream.next()).toMatchObject({
      __typename: 'SanctionImposed',
      user: { userId: ada.id },
      sanction: { kind: 'TIMEOUT', reason: 'too loud', until: end },
    });
    expect(await told.next()).toEqual({
      __typename: 'SanctionImposed',
      eventId,
      sanction: { kind: 'TIMEOUT', reason: 'too loud' },
    });
    await host.mutate('sendMessage', { eventId, text: 'she still watches' });
    expect(await watching.next()).toMatchObject({ __typename: 'MessageSent' });
    await Promise.all([stream.close(), told.close(), watching.close()]);
  });

  test('is over when its time is', async () => {
    await timeOut(host, 1);
    expect((await say()).code).toBe('SANCTIONED');
    await until(async () => (await say()).__typename === 'SendMessagePayload', { what: 'the end of the timeout' });
    expect(await own()).toBeNull();
    // What is over is in nobody's way.
    expect(await timeOut(host)).toMatchObject({ __typename: 'TimeOutUserPayload' });
  });

  test('a second one is refused, and tells of the first', async () => {
    const { sanction: first } = await timeOut(moderator, 3600, 'first');
    expect(await attempt(host, 'timeOutUser', { eventId, userId: ada.id, seconds: 5 })).toEqual({
      __typename: 'AlreadySanctionedError',
      code: 'ALREADY_SANCTIONED',
      message: `The user is timed out already until ${first.until}.`,
      kind: 'TIMEOUT',
      until: first.until,
      reason: 'first',
    });
  });

  test.each([0, -1, 14 * 24 * 3600 + 1])('%d seconds are refused', async (seconds) => {
    expect(await timeOut(host, seconds)).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await own()).toBeNull();
  });
});

describe('banUser', () => {
  test('the user loses place, seat and subscriptions, and neither writes nor comes back', async () => {
    const sentMessage = (await ada.mutate('sendMessage', { eventId, text: 'before' }, 'sentMessage { id }'))
      .sentMessage;
    const watching = await ada.follow(eventId);
    expect(await ban(moderator, 'spam')).toMatchObject({
      __typename: 'BanUserPayload',
      sanction: { kind: 'BAN', reason: 'spam', until: null },
    });
    await until(() => watching.over, { what: 'the end of the subscription' });
    expect(watching.results.at(-1)?.errors?.[0]?.extensions).toMatchObject({ code: 'SANCTIONED', kind: 'BAN' });
    for (const refused of [
      await say(),
      await attempt(ada, 'joinVideoEvent', { eventId }),
      await attempt(ada, 'deleteMessage', { messageId: sentMessage.id }),
    ]) {
      expect(refused).toMatchObject({ __typename: 'SanctionedError', kind: 'BAN', until: null, reason: 'spam' });
    }
    const again = ada.subscribe('subscription($id: ID!) { videoEventFeed(eventId: $id) { __typename } }', {
      id: eventId,
    });
    await until(() => again.over, { what: 'the refusal' });
    expect(again.results.at(-1)?.errors?.[0]?.extensions).toMatchObject({ code: 'SANCTIONED' });
    const { videoEvent } = await host.ask(
      'query($id: ID!) { videoEvent(id: $id) { participantCount sanctions { totalCount } } }',
      { id: eventId },
    );
    expect(videoEvent).toEqual({ participantCount: 0, sanctions: { totalCount: 1 } });
    await Promise.all([watching.close(), again.close()]);
  });

  test('takes the place of a timeout; a second ban is refused', async () => {
    await timeOut(moderator, 3600);
    expect(await ban(moderator)).toMatchObject({ __typename: 'BanUserPayload' });
    expect(await attempt(host, 'banUser', { eventId, userId: ada.id })).toMatchObject({
      __typename: 'AlreadySanctionedError',
      kind: 'BAN',
      until: null,
    });
  });

  test('of two moderators who ban at once one does, and one is told', async () => {
    const answers = await Promise.all([ban(moderator), ban(host), ban(moderator), ban(host)]);
    expect(answers.map(({ code = 'ok' }) => code).sort()).toEqual([
      'ALREADY_SANCTIONED',
      'ALREADY_SANCTIONED',
      'ALREADY_SANCTIONED',
      'ok',
    ]);
  });

  test('while somebody writes without a pause: nothing of theirs stands behind the ban', async () => {
    let banned = false;
    const writing = (async () => {
      for (;;) {
        const answers = await Promise.all(Array.from({ length: 10 }, () => say('again')));
        if (answers.every(({ code }) => code === 'SANCTIONED')) return;
        expect(
          answers.every(
            ({ code, __typename }) => __typename === 'SendMessagePayload' || (banned && code === 'SANCTIONED'),
          ),
        ).toBe(true);
      }
    })();
    const stream = await host.follow(eventId);
    await stream.has(20);
    banned = true;
    await ban(host);
    await writing;
    await host.mutate('sendMessage', { eventId, text: 'the last word' });
    await until(
      () =>
        stream.items.at(-1)?.__typename === 'MessageSent' &&
        stream.items.some(({ __typename }) => __typename === 'SanctionImposed'),
      { what: 'the last word' },
    );
    const kinds: string[] = stream.items.map(({ __typename }) => __typename);
    const at = kinds.indexOf('SanctionImposed');
    expect(kinds.slice(at + 1).filter((kind) => kind === 'MessageSent').length).toBeLessThanOrEqual(1);
    await stream.close();
  });

  test('a moderator who is banned is one no more, and an invitation is gone', async () => {
    await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
    await host.mutate('inviteToVideoEvent', { eventId, userIds: [ada.id] });
    await host.mutate('appointModerator', { eventId, userId: ada.id });
    await ban(host);
    const document = 'query($id: ID!) { videoEvent(id: $id) { moderators { id } invites { totalCount } } }';
    expect((await host.ask(document, { id: eventId })).videoEvent).toEqual({
      moderators: [{ id: moderator.id }],
      invites: { totalCount: 0 },
    });
    expect((await ada.ask('query($id: ID!) { videoEvent(id: $id) { id } }', { id: eventId })).videoEvent).toBeNull();
  });
});

describe('liftSanction', () => {
  test.each(['timeOutUser', 'banUser'])('ends what %s began', async (mutation) => {
    const seconds = mutation === 'timeOutUser' ? { seconds: 3600 } : {};
    await moderator.mutate(mutation, { eventId, userId: ada.id, ...seconds });
    const { feedCursor } = (await ada.ask('{ viewer { feedCursor } }')).viewer;
    const lifted = await moderator.mutate('liftSanction', { eventId, userId: ada.id }, 'user { id } videoEvent { id }');
    expect(lifted).toEqual({ __typename: 'LiftSanctionPayload', user: { id: ada.id }, videoEvent: { id: eventId } });
    await join(ada, eventId);
    expect(await say()).toMatchObject({ __typename: 'SendMessagePayload' });
    const told = ada.subscribe('subscription($after: String) { myFeed(after: $after) { __typename } }', {
      after: feedCursor,
    });
    expect(await told.next()).toEqual({ __typename: 'SanctionLifted' });
    await told.close();
  });

  test("moderators lift neither their own nor each other's: the host does", async () => {
    const other = await server.signUp();
    await host.mutate('appointModerator', { eventId, userId: other.id });
    await host.mutate('timeOutUser', { eventId, userId: moderator.id, seconds: 3600 });
    for (const by of [moderator, other]) {
      expect(await by.mutate('liftSanction', { eventId, userId: moderator.id })).toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(await attempt(moderator, 'sendMessage', { eventId, text: 'still here' })).toMatchObject({
      code: 'SANCTIONED',
    });
    const lifted = await host.mutate('liftSanction', { eventId, userId: moderator.id });
    expect(lifted).toMatchObject({ __typename: 'LiftSanctionPayload' });
  });

  test('comes before an appointment or an invitation of whoever is banned', async () => {
    await ban(host);
    expect(await host.mutate('appointModerator', { eventId, userId: ada.id })).toMatchObject({ code: 'INVALID_INPUT' });
    const inviting = { eventId, userIds: [moderator.id, ada.id] };
    expect(await host.mutate('inviteToVideoEvent', inviting)).toMatchObject({ code: 'INVALID_INPUT' });
    await host.mutate('liftSanction', { eventId, userId: ada.id });
    expect(await host.mutate('inviteToVideoEvent', inviting)).toMatchObject({
      __typename: 'InviteToVideoEventPayload',
    });
  });

  test('of nothing is not found', async () => {
    expect(await moderator.mutate('liftSanction', { eventId, userId: ada.id })).toMatchObject({ code: 'NOT_FOUND' });
  });
});

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

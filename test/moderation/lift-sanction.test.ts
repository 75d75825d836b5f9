import { beforeEach, describe, expect, test } from 'vitest';
import { type Actor, join } from '../actor.ts';
import { useServer } from '../harness.ts';
import { acts, attempt, type Stage, setStage } from './sanction-stage.ts';

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
const { ban, say } = acts(() => stage);

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

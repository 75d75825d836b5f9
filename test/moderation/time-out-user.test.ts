import { beforeEach, describe, expect, test } from 'vitest';
import type { Actor } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
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
const { timeOut, say, own } = acts(() => stage);

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

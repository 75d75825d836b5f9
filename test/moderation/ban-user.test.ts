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
const { timeOut, ban, say } = acts(() => stage);

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

import { beforeAll, describe, expect, test } from 'vitest';
import { type Actor, createEvent } from '../actor.ts';
import { rowsOf } from '../authorisation/rows.ts';
import { useServer } from '../harness.ts';

const server = useServer();
let host: Actor;
beforeAll(async () => {
  host = await server.signUp({ role: 'HOST' });
});

const scheduledAt = '2030-05-01T18:00:00.000Z';
const flag = '🏴\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}';
const family = '👩\u200D👩\u200D👧';
const twentyOne = [
  '😀',
  '😁',
  '😂',
  '😃',
  '😄',
  '😅',
  '😆',
  '😇',
  '😈',
  '😉',
  '😊',
  '😋',
  '😌',
  '😍',
  '😎',
  '😏',
  '😐',
  '😑',
  '😒',
  '😓',
  '😔',
];

describe('allowedReactions', () => {
  test('are six unless the host says otherwise', async () => {
    const { videoEvent } = await host.mutate(
      'createVideoEvent',
      { title: 'A', scheduledAt },
      'videoEvent { allowedReactions }',
    );
    expect(videoEvent.allowedReactions).toEqual(['❤️', '👏', '😂', '😮', '🎉', '🔥']);
  });

  test('are kept in the order in which they were given, emoji of several code points too', async () => {
    const allowedReactions = [family, flag, '👍🏽', '\u2764', '1\uFE0F\u20E3', ...twentyOne.slice(0, 15)];
    const { videoEvent } = await host.mutate(
      'createVideoEvent',
      { title: 'A', scheduledAt, allowedReactions },
      'videoEvent { allowedReactions }',
    );
    expect(videoEvent.allowedReactions).toEqual([family, flag, '👍🏽', '❤️', ...allowedReactions.slice(4)]);
  });

  test('change while the event is on air, are told to everybody who watches, and hold from then on', async () => {
    const eventId = await createEvent(host);
    const watching = await server.guest.follow(eventId, '... on VideoEventUpdated { event { allowedReactions } }');
    const { videoEvent } = await host.mutate(
      'updateVideoEvent',
      { eventId, allowedReactions: ['🦄'] },
      'videoEvent { allowedReactions }',
    );
    expect(videoEvent.allowedReactions).toEqual(['🦄']);
    expect(await watching.next()).toMatchObject({ event: { allowedReactions: ['🦄'] } });
    expect(await host.mutate('react', { eventId, emoji: '👏' })).toMatchObject({ code: 'REACTION_NOT_ALLOWED' });
    expect(await host.mutate('react', { eventId, emoji: '🦄' })).toMatchObject({ __typename: 'ReactPayload' });
    await host.mutate('updateVideoEvent', { eventId, allowedReactions: null, title: 'B' });
    expect(await host.mutate('react', { eventId, emoji: '🦄' })).toMatchObject({ __typename: 'ReactPayload' });
    await watching.close();
  });

  test.each([
    ['none', [], 'allowedReactions'],
    ['21', twentyOne, 'allowedReactions'],
    ['one twice', ['👏', '👏'], 'allowedReactions'],
    ['one twice, in two forms', ['\u2764', '\u2764\uFE0F'], 'allowedReactions'],
    ['a word', ['👏', 'clap'], 'allowedReactions.1'],
    ['two in one', ['👏👏'], 'allowedReactions.0'],
    ['an empty one', [''], 'allowedReactions.0'],
    ['a digit', ['1'], 'allowedReactions.0'],
    ['half a character', ['\ud83d'], 'allowedReactions.0'],
  ])('%s of them are refused by name, and nothing is written', async (_name, allowedReactions, path) => {
    const eventId = await createEvent(host);
    const before = await rowsOf(server);
    for (const [mutation, input] of [
      ['createVideoEvent', { title: 'A', scheduledAt }],
      ['updateVideoEvent', { eventId }],
    ] as const) {
      const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}`;
      const document = `mutation($input: ${type}Input!) { result: ${mutation}(input: $input) {
        __typename ... on InvalidInputError { issues { path } } } }`;
      const { result } = await host.ask(document, { input: { ...input, allowedReactions } });
      expect(result).toEqual({ __typename: 'InvalidInputError', issues: [{ path }] });
    }
    expect(await rowsOf(server)).toEqual(before);
  });
});

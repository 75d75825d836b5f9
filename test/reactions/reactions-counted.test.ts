import { beforeEach, describe, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { type Actor, createEvent, join } from '../actor.ts';
import { useServer } from '../harness.ts';
import type { LiveStream } from '../live-stream.ts';
import { until } from '../wait.ts';
import { talliesIn } from './tallies.ts';

const server = useServer();
let host: Actor;
let ada: Actor;
let eventId: string;
beforeEach(async () => {
  host = await server.signUp({ role: 'HOST' });
  ada = await server.signUp();
  eventId = await createEvent(host);
  await join(ada, eventId);
});

const counted = '... on ReactionsCounted { occurredAt streamOffset tallies { emoji count total } }';
const follow = (actor: Actor, after?: string) => actor.follow(eventId, counted, { after });
const react = (actor: Actor, emoji = '👏', count = 1) => actor.mutate('react', { eventId, emoji, count });

type Counted = { emoji: string; count: number; total: number };
const entriesOf = (stream: LiveStream): Counted[][] =>
  stream.items.flatMap((item) => (item?.__typename === 'ReactionsCounted' ? [item.tallies] : []));

/** The sums of all counts told so far. */
function sumsOf(stream: LiveStream): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { emoji, count } of entriesOf(stream).flat()) sums[emoji] = (sums[emoji] ?? 0) + count;
  return sums;
}

const jobs = () => server.app.db.job.count({ where: { kind: 'reactions.count', key: decodeGlobalId(eventId).id } });

describe('what was reacted', () => {
  test('is told about a second later, to everybody who watches', async () => {
    const watching = await follow(server.guest);
    await Promise.all([...Array.from({ length: 9 }, () => react(ada)), react(ada, '🔥', 10)]);
    await until(() => entriesOf(watching).length > 0, { what: 'an entry' });
    await until(() => sumsOf(watching)['🔥'] === 10 && sumsOf(watching)['👏'] === 9, { what: 'the sums' });
    const item = watching.items.find(({ __typename }) => __typename === 'ReactionsCounted');
    expect(item.streamOffset).toBeGreaterThan(0);
    await watching.close();
  });

  test('is told of once, and then nothing more until somebody reacts again; a replay shows the same', async () => {
    const { videoEvent } = await host.ask('query($id: ID!) { videoEvent(id: $id) { feedCursor } }', { id: eventId });
    const watching = await follow(server.guest, videoEvent.feedCursor);
    await react(ada, '👏', 3);
    await until(() => entriesOf(watching).length === 1, { what: 'the first entry' });
    await until(async () => (await jobs()) === 0, { what: 'nothing to do' });
    await react(ada, '👏', 2);
    await until(() => entriesOf(watching).length === 2, { what: 'the second entry' });
    await until(async () => (await jobs()) === 0, { what: 'nothing to do' });
    expect(entriesOf(watching)).toEqual([[{ emoji: '👏', count: 3, total: 3 }], [{ emoji: '👏', count: 2, total: 5 }]]);
    const replay = await follow(server.guest, videoEvent.feedCursor);
    await until(() => entriesOf(replay).length === 2, { what: 'the replay' });
    expect(replay.items).toEqual(watching.items);
    await Promise.all([watching.close(), replay.close()]);
  });

  test('is scheduled once, however many react meanwhile, and whatever they react with', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, n) => react(ada, ['👏', '🔥', '😂'][n % 3])));
    expect(await jobs()).toBeLessThanOrEqual(1);
    await until(async () => (await jobs()) === 0, { what: 'nothing to do' });
    const unstated = await server.app.db.$queryRaw<unknown[]>`
      SELECT 1 FROM "ReactionTally" WHERE "eventId" = ${decodeGlobalId(eventId).id}::uuid AND stated < total`;
    expect(unstated).toEqual([]);
  });

  test('is told before the event ends, to the last reaction that was taken, in a race of both', async () => {
    const watching = await follow(server.guest);
    const racing = Array.from({ length: 80 }, (_, n) => react(ada, n % 2 ? '👏' : '🎉', 1 + (n % 10)));
    const ended = host.mutate('endVideoEvent', { eventId });
    const answers = await Promise.all(racing);
    expect((await ended).__typename).toBe('EndVideoEventPayload');
    expect(await react(ada)).toMatchObject({ code: 'EVENT_NOT_OPEN' });
    const taken = answers.reduce(
      (sum, { __typename }, n) => sum + (__typename === 'ReactPayload' ? 1 + (n % 10) : 0),
      0,
    );
    const refused = answers.filter(({ code }) => code === 'EVENT_NOT_OPEN').length;
    await until(() => watching.items.some(({ __typename }) => __typename === 'VideoEventEnded'), { what: 'the end' });
    await until(async () => (await jobs()) === 0, { what: 'nothing to do' });

    const tallies = await talliesIn(server.app.db, eventId);
    console.log(`the end came between ${answers.length - refused} reactions and ${refused} refusals`);
    expect(Object.values(tallies).reduce((sum, total) => sum + total, 0)).toBe(taken);
    expect(sumsOf(watching)).toEqual(tallies);
    expect(watching.items.at(-1).__typename).toBe('VideoEventEnded');
    await watching.close();
  });

  test('of somebody who is banned meanwhile counts as far as it was acknowledged', async () => {
    const racing = Array.from({ length: 60 }, () => react(ada));
    const banned = host.mutate('banUser', { eventId, userId: ada.id });
    const answers = await Promise.all(racing);
    expect((await banned).__typename).toBe('BanUserPayload');
    const taken = answers.filter(({ __typename }) => __typename === 'ReactPayload').length;
    expect(answers.filter(({ code }) => code === 'SANCTIONED')).toHaveLength(60 - taken);
    expect(await react(ada)).toMatchObject({ code: 'SANCTIONED' });
    expect((await talliesIn(server.app.db, eventId))['👏'] ?? 0).toBe(taken);
  });
});

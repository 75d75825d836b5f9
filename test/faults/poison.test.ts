import type { FormattedExecutionResult } from 'graphql';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { messageSent } from '../../src/chat/entries.ts';
import { type EntryDraft, feeds } from '../../src/feed/entry.ts';
import { decodeGlobalId } from '../../src/global-id.ts';
import { newId } from '../../src/ids.ts';
import { createEvent, signUp } from '../actor.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { openAuthor } from './author.ts';
import { useCluster } from './cluster.ts';
import { EventStream } from './event-stream.ts';
import { SteadyFlow, toldFlow } from './flow/steady-flow.ts';
import { flawless } from './oracle.ts';
import { cursorOf } from './stage.ts';

/** Touches what the poison breaks. */
const whole = `subscription($eventId: ID!, $after: String) { feed: videoEventFeed(eventId: $eventId, after: $after) {
  __typename ... on FeedItem { cursor sequence } ... on MessageSent { message { text author { username } } } } }`;
/** Does not. */
const outlines = `subscription($eventId: ID!, $after: String) { feed: videoEventFeed(eventId: $eventId, after: $after) {
  __typename ... on FeedItem { cursor sequence } } }`;

/** What an older, a newer or a broken version might have stated: drafts that no `draft` makes. */
const poisons: Record<string, EntryDraft> = {
  'a message without anything': { kind: 'MessageSent', payload: {} },
  'a message whose text is none': { kind: 'MessageSent', payload: { messageId: newId(), text: { secret: 'inside' } } },
  'a change of the event without the event': { kind: 'VideoEventUpdated', payload: {} },
  'an invitation taken back from nobody': { kind: 'UserUninvited', payload: {}, audience: 'moderators' },
  'a place given up by nobody': { kind: 'ParticipantLeft', payload: { actor: null }, audience: 'moderators' },
};
const unknownKind: EntryDraft = { kind: 'SomethingOfTomorrow', payload: { wonder: true } };

describeRedis('an entry is poison', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url });

  /** On each instance, over SSE. */
  const follow = (document: string, variables: Record<string, unknown>, token: string | null = null) =>
    cluster.urls.map((url) => new EventStream(url, token, document, variables));

  test('its subscribers get an error in its place and go on; all others notice nothing', async () => {
    const flow = await SteadyFlow.start(cluster, { redisUrl: redis.url });
    const author = await openAuthor({ databaseUrl: cluster.databaseUrl, redisUrl: redis.url });
    try {
      const host = await signUp(cluster.urls[0] ?? '', { role: 'HOST' });
      const eventId = await createEvent(host, 'LIVE');
      const feed = feeds.event(decodeGlobalId(eventId).id);
      const after = await cursorOf(host, eventId);
      const hosts = follow(whole, { eventId, after }, host.signedIn.accessToken);
      const guests = follow(whole, { eventId, after });
      const careless = follow(outlines, { eventId, after });
      const sockets = cluster.urls.map((url) => host.at(url).subscribe(whole, { eventId, after }));
      const everybody = [...hosts, ...guests, ...careless, ...sockets];
      await host.mutate('sendMessage', { eventId, text: 'before' });
      await Promise.all(everybody.map((one) => one.has(1)));

      await flow.mark('poison');
      for (const draft of [...Object.values(poisons), unknownKind]) {
        await author.write(async ({ append }) => append(feed, draft));
      }
      await author.write(async ({ append }) => append(feeds.sessions, { kind: 'SessionsRevoked', payload: {} }));
      // In the log only, and in no shape at all.
      for (const payload of ['"rubbish"', 'null', '[1, 2]']) {
        await author.db.$transaction(async (tx) => {
          await tx.$executeRaw`UPDATE "Feed" SET top = top + 1 WHERE name = ${feed}`;
          await tx.$executeRaw`INSERT INTO "FeedEntry" (feed, sequence, kind, audience, payload, redacts, "occurredAt")
            SELECT name, top, 'MessageSent', 'everyone', ${payload}::jsonb, '{}'::jsonb, now() FROM "Feed" WHERE name = ${feed}`;
        });
      }
      await host.mutate('sendMessage', { eventId, text: 'after' });
      const ended = ({ results }: Pick<EventStream, 'results'>) =>
        results.some(({ data }) => data?.feed.message?.text === 'after');
      await until(() => [...hosts, ...guests, ...sockets].every(ended), { what: 'what came after the poison' });
      const late = follow(whole, { eventId, after });
      await until(() => late.every(ended), { what: 'the replay of it' });
      await Promise.all(careless.map((one) => one.has(9)));
      // Whose access a broken entry was about is still looked after.
      await flow.lasts(500);
      await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
      const strangers = [...guests, ...careless, ...late];
      await until(() => strangers.every(({ over }) => over), { what: 'the end for guests' });
      const flowed = await flow.judged();

      const told = (all: readonly Pick<EventStream, 'results'>[], count: number) => [
        ...new Set(all.map(({ results }) => results.slice(0, count).map(outcome).join(' '))),
      ];
      console.log(
        `poison: hosts ${told(hosts, 11)}; guests ${told(guests, 9)}; who do not look ${told(careless, 9)}\n` +
          toldFlow('beside it', flowed),
      );
      const [said, error] = ['MessageSent', 'INTERNAL'];
      // The host sees what is for moderators, too.
      const forHost = [said, error, error, 'VideoEventUpdated', 'UserUninvited', 'ParticipantLeft', error];
      const atLast = [error, error, error, said];
      expect(told([...hosts, ...sockets], 11)).toEqual([[...forHost, ...atLast].join(' ')]);
      const forGuest = [said, error, error, 'VideoEventUpdated', error, ...atLast];
      expect(told([...guests, ...late], 9)).toEqual([forGuest.join(' ')]);
      const outline = [said, said, said, 'VideoEventUpdated', error, said, said, said, said];
      expect(told(careless, 9)).toEqual([outline.join(' ')]);
      expect(strangers.map(({ results }) => outcome(results.at(-1)))).toEqual(strangers.map(() => 'FORBIDDEN'));
      expect(JSON.stringify(guests.map(({ results }) => results))).not.toMatch(/secret|Abstract type/);
      expect(cluster.instances.every(({ alive }) => alive)).toBe(true);
      expect(flowed).toMatchObject({ verdict: flawless(flowed.verdict.expected), unknown: 0, resets: 0, ends: [] });
      expect(flowed.reconnections).toBe(0);
      for (const stream of [...hosts, ...late]) stream.close();
      await Promise.all(sockets.map((socket) => socket.close()));
    } finally {
      await Promise.all([flow.ends(), author.close()]);
    }
  }, 120_000);

  test('entries of several megabytes arrive through the log; Redis carries no message of their size, and nobody is closed', async () => {
    const flow = await SteadyFlow.start(cluster, { redisUrl: redis.url });
    const author = await openAuthor({ databaseUrl: cluster.databaseUrl, redisUrl: redis.url });
    const spy = new Redis(redis.url);
    let longest = 0;
    try {
      spy.on('pmessage', (_pattern: string, _channel: string, message: string) => {
        longest = Math.max(longest, message.length);
      });
      await spy.psubscribe('ovation:*');
      const host = await signUp(cluster.urls[0] ?? '', { role: 'HOST' });
      const eventId = await createEvent(host, 'LIVE');
      const after = await cursorOf(host, eventId);
      const streams = follow(whole, { eventId, after });
      const sockets = cluster.urls.map((url) => host.at(url).subscribe(whole, { eventId, after }));
      await host.mutate('sendMessage', { eventId, text: 'before' });
      await Promise.all([...streams, ...sockets].map((one) => one.has(1)));

      await flow.mark('large entries');
      const sizes = [1.5, 3, 6].map((mib) => Math.round(mib * 1024 * 1024));
      const ids = [eventId, host.id].map((id) => decodeGlobalId(id).id);
      const [event = '', userId = ''] = ids;
      const actor = { userId, username: 'large', displayName: 'Large', avatarUrl: null };
      const startedAt = performance.now();
      for (const size of sizes) {
        const fact = { messageId: newId(), eventId: event, text: 'x'.repeat(size), removedBy: null, replyToId: null };
        await author.write(async ({ append }) => append(feeds.event(event), messageSent.draft({ ...fact, actor })));
      }
      const everybody = [...streams, ...sockets];
      await Promise.all(everybody.map((one) => one.has(1 + sizes.length)));
      const arrivedMs = Math.round(performance.now() - startedAt);
      await host.mutate('sendMessage', { eventId, text: 'after' });
      await Promise.all(everybody.map((one) => one.has(2 + sizes.length)));
      const flowed = await flow.judged();
      console.log(
        `large entries: 1.5, 3 and 6 MiB on three instances after ${arrivedMs} ms; Redis' longest message had ` +
          `${longest} characters\n${toldFlow('beside it', flowed)}`,
      );
      for (const { results } of everybody) {
        expect(results.map(({ data }) => data.feed.message.text.length)).toEqual([6, ...sizes, 5]);
      }
      expect(longest).toBeGreaterThan(0);
      expect(longest).toBeLessThanOrEqual(256 * 1024);
      expect(sockets.every(({ closeCode }) => closeCode === null)).toBe(true);
      expect(flowed).toMatchObject({ verdict: flawless(flowed.verdict.expected), unknown: 0, resets: 0, ends: [] });
      expect(flowed.reconnections).toBe(0);
      for (const stream of streams) stream.close();
      await Promise.all(sockets.map((socket) => socket.close()));
    } finally {
      spy.disconnect();
      await Promise.all([flow.ends(), author.close()]);
    }
  }, 120_000);
});

/** The type of an item, or the code of the error in its place. */
function outcome(result?: FormattedExecutionResult<{ feed?: { __typename: string } }>): unknown {
  return result?.data?.feed?.__typename ?? result?.errors?.[0]?.extensions?.code;
}

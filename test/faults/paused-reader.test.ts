import { expect, test } from 'vitest';
import { messageSent } from '../../src/chat/entries.ts';
import { feeds } from '../../src/feed/entry.ts';
import { createWrite } from '../../src/feed/unit-of-work.ts';
import { decodeGlobalId } from '../../src/global-id.ts';
import { newId } from '../../src/ids.ts';
import { createEvent } from '../actor.ts';
import { useServer } from '../harness.ts';
import { EventStream } from './event-stream.ts';
import { compare, flawless, readLog } from './oracle.ts';
import { cursorOf } from './stage.ts';
import { feedDocument, Swarm } from './swarm.ts';

const server = useServer();
/** 2 kB an entry: together more than the system's buffers of a connection hold. */
const bursts = 80;
const entries = 100;

// A stream's full take used to look for more on behalf of a read that was already answered: what it found then nobody got, and
// sometimes the stream never heard of anything again. It took a reader that lags behind for a moment.
test('who stops reading for a moment gets every entry all the same, over SSE and WebSocket', async () => {
  const host = await server.signUp({ role: 'HOST' });
  const eventId = await createEvent(host);
  const after = await cursorOf(host, eventId);
  const before = (await readLog(server.databaseUrl, eventId)).length;
  const { url } = server;
  const streams = Array.from({ length: 3 }, () => new EventStream(url, null, feedDocument, { eventId, after }));
  const swarm = new Swarm({ count: 3, urls: [url], eventId, after });

  await host.mutate('sendMessage', { eventId, text: 'everybody is here' });
  await Promise.all([swarm.reaches(before + 1), ...streams.map((one) => one.has(1))]);
  for (const stream of streams) stream.pause();
  for (const { socket } of swarm.watchers) socket?.pause();

  const write = createWrite({ db: server.app.db, publish: server.app.hub.publish });
  const ids = { event: decodeGlobalId(eventId).id, user: decodeGlobalId(host.id).id };
  const actor = { userId: ids.user, username: 'burst', displayName: 'Burst', avatarUrl: null };
  for (let burst = 0; burst < bursts; burst++) {
    await write(async ({ append }) => {
      for (let number = 0; number < entries; number++) {
        const text = `${burst} ${number} ${'🎉'.repeat(480)}`;
        const fact = { messageId: newId(), eventId: ids.event, text, removedBy: null, actor };
        append(feeds.event(ids.event), messageSent.draft({ ...fact, replyToId: null }));
      }
    });
  }
  for (const stream of streams) stream.resume();
  for (const { socket } of swarm.watchers) socket?.resume();

  const log = (await readLog(server.databaseUrl, eventId)).slice(before);
  await Promise.all([swarm.reaches(log.at(-1)?.sequence ?? 0), ...streams.map((one) => one.has(log.length))]);

  const streamed = streams.map(({ results }) =>
    results.map(({ data: { videoEventFeed: item } }) => ({
      sequence: item.sequence,
      kind: item.__typename,
      text: item.message?.text ?? null,
      at: 0,
    })),
  );
  expect(log).toHaveLength(bursts * entries + 1);
  expect(compare(log, [...streamed, ...swarm.received])).toEqual(flawless(log.length * 6));
  for (const stream of streams) stream.close();
  await swarm.close();
});

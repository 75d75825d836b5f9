import { beforeAll, describe, expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/feed/cursor.ts';
import { feeds } from '../../src/feed/entry.ts';
import { renewEpochs } from '../../src/feed/epoch.ts';
import { decodeGlobalId } from '../../src/global-id.ts';
import { type Actor, createEvent } from '../actor.ts';
import { rowsOf } from '../authorisation/rows.ts';
import type { Data } from '../data.ts';
import { useServer } from '../harness.ts';
import { page, refusal, sequences } from './pages.ts';

const server = useServer();

describe('VideoEvent.feed', () => {
  let host: Actor;
  let eventId: string;
  const feed = () => feeds.event(decodeGlobalId(eventId).id);
  beforeAll(async () => {
    host = await server.signUp({ role: 'HOST' });
    eventId = await createEvent(host, 'LIVE');
    for (const text of ['one', 'two', 'three']) await host.mutate('sendMessage', { eventId, text });
  });

  test('goes on live behind its last page, without a gap and without a repetition', async () => {
    const { items, pageInfo } = await page(host, eventId);
    const stream = await host.follow(eventId, '', { after: pageInfo.endCursor });
    await host.mutate('sendMessage', { eventId, text: 'four' });
    const next = await stream.next();
    expect(next.sequence).toBe(items.at(-1).sequence + 1);
    const { items: more } = await page(
      host,
      eventId,
      { after: pageInfo.endCursor },
      'cursor: __typename ... on FeedItem { sequence }',
    );
    expect(sequences(more)).toEqual([next.sequence]);
    await stream.close();
  });

  test('takes a feedCursor, with which a page has what came since the event was read', async () => {
    const { feedCursor } = (await host.ask('query($id: ID!) { videoEvent(id: $id) { feedCursor } }', { id: eventId }))
      .videoEvent;
    expect((await page(host, eventId, { after: feedCursor })).items).toEqual([]);
    const { sentMessage } = await host.mutate('sendMessage', { eventId, text: 'since' }, 'sentMessage { id sequence }');
    const { items } = await page(host, eventId, { after: feedCursor });
    expect(items).toMatchObject([{ __typename: 'MessageSent', message: sentMessage, sequence: sentMessage.sequence }]);
  });

  test.each([
    [{ first: 0 }, 'first'],
    [{ first: 501 }, 'first'],
    [{ from: -1 }, 'fromStreamOffset'],
    [{ to: -1 }, 'toStreamOffset'],
    [{ from: 10, to: 9 }, 'toStreamOffset'],
    [{ after: 'nonsense' }, 'after'],
    [{ after: '' }, 'after'],
  ])('refuses %o, and writes nothing', async (asked, path) => {
    const before = await rowsOf(server);
    expect(await refusal(host, eventId, asked)).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path }] });
    expect(await rowsOf(server)).toEqual(before);
  });

  test('refuses the cursor of another feed, and one of a place not reached', async () => {
    const other = await createEvent(host, 'LIVE');
    const [first] = (await page(host, other)).items;
    const place = decodeCursor((await page(host, eventId)).pageInfo.endCursor);
    if (place === null) throw new Error('a page has a cursor');
    for (const after of [first.cursor, encodeCursor({ ...place, sequence: 1_000_000 })]) {
      expect(await refusal(host, eventId, { after })).toMatchObject({
        code: 'INVALID_INPUT',
        issues: [{ path: 'after' }],
      });
    }
  });

  test('says what is no longer kept, and where what is kept begins', async () => {
    const name = feed();
    const all = (await page(host, eventId)).items;
    const [second, third] = [all[1], all[2]];
    await server.app.db.$transaction([
      server.app.db.feed.update({ where: { name }, data: { floor: second.sequence } }),
      server.app.db.feedEntry.deleteMany({ where: { feed: name, sequence: { lte: second.sequence } } }),
    ]);
    for (const asked of [{}, { after: all[0].cursor }, { to: 1 }]) {
      const gone = await refusal(host, eventId, asked);
      expect(gone).toMatchObject({ code: 'FEED_RESET', reason: 'EXPIRED', cursor: second.cursor });
    }
    expect((await page(host, eventId, { after: second.cursor })).items[0]).toEqual(third);
    // What precedes the show alone is gone: from a later moment of it on everything is there.
    const { streamOffset } = all.at(-1);
    const from = streamOffset;
    const sinceThen = (await page(host, eventId, { from })).items;
    expect(sequences(sinceThen)).toEqual(sequences(all.filter((item: Data) => (item.streamOffset ?? -1) >= from)));
  });

  test('says that the log is another one', async () => {
    const { pageInfo } = await page(host, await createEvent(host, 'LIVE'));
    const fresh = await createEvent(host, 'LIVE');
    const { endCursor } = (await page(host, fresh)).pageInfo;
    await renewEpochs(server.app.db);
    expect(await refusal(host, fresh, { after: endCursor })).toMatchObject({ code: 'FEED_RESET', reason: 'OLD_EPOCH' });
    expect(pageInfo.hasNextPage).toBe(false);
  });
});

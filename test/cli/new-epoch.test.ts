import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { type Actor, createEvent, join } from '../actor.ts';
import { startInstance, useServer } from '../harness.ts';
import { ovation } from './command-line.ts';

const server = useServer();
let other: App;
beforeAll(async () => {
  other = await startInstance({ databaseUrl: server.databaseUrl });
});
afterAll(() => other.drain(2000));

const say = (actor: Actor, eventId: string, text: string) => actor.mutate('sendMessage', { eventId, text });
const selection = '... on FeedReset { reason } ... on MessageSent { message { text } }';

test('after ovation feeds new-epoch old cursors get FeedReset, open feeds too, and everybody goes on from there', async () => {
  const host = await server.signUp({ role: 'HOST' });
  const eventId = await createEvent(host);
  await join(host, eventId);
  const before = await host.follow(eventId, selection);
  await say(host, eventId, 'before the backup');
  const { cursor } = await before.next();
  const elsewhere = await host.at(other.url).follow(eventId, selection);

  const { code, out } = await ovation(['feeds', 'new-epoch'], { DATABASE_URL: server.databaseUrl });
  expect(code).toBe(0);
  expect(out).toMatch(/^\d+ feeds have a new epoch\.$/);

  const reset = { __typename: 'FeedReset', reason: 'OLD_EPOCH' };
  expect(await before.next()).toMatchObject(reset);
  expect(await elsewhere.next()).toMatchObject(reset);
  const resumed = await host.follow(eventId, selection, { after: cursor });
  const resumedElsewhere = await host.at(other.url).follow(eventId, selection, { after: cursor });
  const [first, second] = [await resumed.next(), await resumedElsewhere.next()];
  expect([first, second]).toMatchObject([reset, reset]);

  await say(host, eventId, 'after the restore');
  const message = { __typename: 'MessageSent', message: { text: 'after the restore' } };
  for (const stream of [before, elsewhere, resumed, resumedElsewhere])
    expect(await stream.next()).toMatchObject(message);
  // The cursor that a reset gives is one of the new epoch.
  const onward = await host.follow(eventId, selection, { after: first.cursor });
  expect(await onward.next()).toMatchObject(message);
  for (const stream of [before, elsewhere, resumed, resumedElsewhere, onward]) await stream.close();
});

test('every feed gets an epoch of its own, and its entries stay', async () => {
  const feeds = () => server.app.db.feed.findMany({ orderBy: { name: 'asc' } });
  const older = await feeds();
  await ovation(['feeds', 'new-epoch'], { DATABASE_URL: server.databaseUrl });
  const newer = await feeds();
  expect(older.length).toBeGreaterThan(2);
  expect(newer.map(({ epoch: _, ...feed }) => feed)).toEqual(older.map(({ epoch: _, ...feed }) => feed));
  expect(new Set([...older, ...newer].map(({ epoch }) => epoch)).size).toBe(older.length + newer.length);
});

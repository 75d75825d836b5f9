import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { createEvent, join, signUp } from '../actor.ts';
import { createDatabase, type TestDatabase } from '../database.ts';
import { startInstance } from '../harness.ts';
import { startProxy, type TcpProxy } from '../proxy.ts';
import { until } from '../wait.ts';

let database: TestDatabase;
let wire: TcpProxy;
let app: App;
beforeAll(async () => {
  database = await createDatabase();
  wire = await startProxy(database.url);
  app = await startInstance({ databaseUrl: wire.url });
});
afterAll(async () => {
  await wire.close();
  await database.drop();
});

test('an instance whose database is away drains to its end, with people present', async () => {
  const host = await signUp(app.url, { role: 'HOST' });
  const eventId = await createEvent(host, 'LIVE');
  const ada = await signUp(app.url);
  await join(ada, eventId);
  const stream = await ada.follow(eventId);
  await until(async () => (await app.db.presence.count()) === 1, { what: 'presence to be written down' });
  wire.cut();
  await app.drain(1000);
  await expect(fetch(`${app.url}/health`)).rejects.toThrow();
  expect(app.hub.stats.subscribers).toBe(0);
  await stream.close();
});

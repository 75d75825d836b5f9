import { expect, test } from 'vitest';
import { createEvent, join, signUp } from '../actor.ts';
import { until } from '../wait.ts';
import { useWiredInstance } from './wired-instance.ts';

const instance = useWiredInstance();

test('an instance whose database is away drains to its end, with people present', async () => {
  const { app, wire } = instance;
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

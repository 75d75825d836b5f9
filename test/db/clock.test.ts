import { afterEach, expect, test, vi } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { createClock, databaseNow } from '../../src/db/clock.ts';
import { testLog, useServer } from '../harness.ts';
import { startProxy } from '../proxy.ts';
import { recordingLog } from '../realtime/recording-log.ts';
import { until } from '../wait.ts';

const server = useServer();
const fiveMinutes = 300_000;
afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ['fast', fiveMinutes],
  ['slow', -fiveMinutes],
])('an instance whose own clock is %s goes by the clock of the database', async (_, offMs) => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + offMs });
  const { db } = server.app;
  const clock = await createClock({ db, log: testLog });
  const before = (await databaseNow(db)).getTime();
  expect(Math.abs(clock.now() - before)).toBeLessThan(fiveMinutes / 10);
  expect(Math.abs(Date.now() - before)).toBeGreaterThan(fiveMinutes / 2);
  clock.close();
});

test('it goes on while the database is away', async () => {
  const link = await startProxy(server.databaseUrl);
  const database = openDatabase({ url: link.url, pool: 1, log: testLog });
  const { log, lines } = recordingLog();
  const clock = await createClock({ ...database, log, everyMs: 5 });
  link.cut();
  await until(() => lines.length > 0, { what: 'a question without an answer' });
  const then = clock.now();
  await until(() => clock.now() > then, { what: 'time to pass' });
  clock.close();
  await database.close();
  await link.close();
});

import { expect, test } from 'vitest';
import { createReadiness } from '../../src/server/health.ts';
import { Actor } from '../actor.ts';
import { run } from '../database.ts';
import { until } from '../wait.ts';
import { useWiredInstance } from './wired-instance.ts';

const instance = useWiredInstance();

async function ready(): Promise<{ httpStatus: number; body: unknown }> {
  const response = await fetch(`${instance.app.url}/ready`);
  return { httpStatus: response.status, body: await response.json() };
}

const serving = {
  status: 'ready',
  database: 'up',
  migrations: 'applied',
  broker: { kind: 'memory', state: 'up' },
  draining: false,
};

test('an instance that serves tells the state of each of its parts', async () => {
  expect(await ready()).toEqual({ httpStatus: 200, body: serving });
});

test('a database that lacks a migration, or all of them, is up; the instance is not ready', async () => {
  const lacking = { ...serving, status: 'unavailable', migrations: 'pending' };
  await run(instance.database.url, 'UPDATE _prisma_migrations SET rolled_back_at = now()');
  expect(await ready()).toEqual({ httpStatus: 503, body: lacking });
  await run(instance.database.url, 'ALTER TABLE _prisma_migrations RENAME TO elsewhere');
  expect(await ready()).toEqual({ httpStatus: 503, body: lacking });
  await run(instance.database.url, 'ALTER TABLE elsewhere RENAME TO _prisma_migrations');
  await run(instance.database.url, 'UPDATE _prisma_migrations SET rolled_back_at = NULL');
  expect(await ready()).toEqual({ httpStatus: 200, body: serving });
});

test('while the database is away nothing is known of its migrations; the process is healthy all the same', async () => {
  instance.wire.cut();
  const away = { ...serving, status: 'unavailable', database: 'down', migrations: 'unknown' };
  expect(await ready()).toEqual({ httpStatus: 503, body: away });
  expect((await fetch(`${instance.app.url}/health`)).status).toBe(200);
  instance.wire.restore();
  await until(async () => (await ready()).httpStatus === 200, { what: 'readiness after the database is back' });
});

test('a database that takes no writes degrades the instance; a write is refused and may be tried again', async () => {
  const name = new URL(instance.database.url).pathname.slice(1);
  const reconnect = () =>
    run(
      instance.database.url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND pid <> pg_backend_pid()`,
    );
  await run(instance.database.url, `ALTER DATABASE "${name}" SET default_transaction_read_only = on`);
  await reconnect();
  const degraded = { ...serving, status: 'degraded', database: 'read-only' };
  await expect.poll(ready).toEqual({ httpStatus: 200, body: degraded });
  const input = '{ username: "ada", email: "ada@example.test", password: "correct horse battery" }';
  const { errors } = await new Actor(instance.app.url, null).post(
    `mutation { signUp(input: ${input}) { __typename } }`,
  );
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  await run(
    instance.database.url,
    `BEGIN READ WRITE; ALTER DATABASE "${name}" RESET default_transaction_read_only; COMMIT`,
  );
  await reconnect();
  await expect.poll(ready).toEqual({ httpStatus: 200, body: serving });
});

test('many who ask at once cost the database one question; one that gets no answer is given up after two seconds', async () => {
  let asked = 0;
  const pendingMigrations = (): Promise<readonly string[]> => {
    asked++;
    return new Promise(() => {});
  };
  const broker = { kind: 'memory', state: 'up' } as const;
  const isReadOnly = async () => false;
  const ready = createReadiness({ pendingMigrations, isReadOnly, broker, isDraining: () => false });
  const answers = await Promise.all(Array.from({ length: 50 }, ready));
  expect(asked).toBe(1);
  expect(new Set(answers.map(({ database }) => database))).toEqual(new Set(['down']));
  await ready();
  expect(asked).toBe(2);
});

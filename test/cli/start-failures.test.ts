import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, databaseUrl, run, type TestDatabase } from '../database.ts';
import { ovation, type Ran } from './command-line.ts';
import { listening } from './lying-proxy.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterAll(() => database.drop());

const name = (prefix: string): string => `ovation_${prefix}_${randomBytes(5).toString('hex')}`;

function changed(change: (url: URL) => void): string {
  const other = new URL(database.url);
  change(other);
  return other.href;
}

/** What the commands that need the database say, which is the same, and is no stack. */
async function refusal(url: string): Promise<string> {
  const said: Ran[] = [
    await ovation(['migrate'], { DATABASE_URL: url }),
    await ovation(['token', 'ava'], { DATABASE_URL: url }),
  ];
  const [first] = said;
  expect(said).toEqual(said.map(() => ({ code: 1, out: '', err: first?.err })));
  expect(first?.err).not.toContain('    at ');
  return first?.err ?? '';
}

describe('a command that cannot have its database says why and what to do, without a stack', () => {
  test('the database does not exist', async () => {
    const missing = name('missing');
    const said = await refusal(databaseUrl(database.url, missing));
    expect(said).toContain(`has no database "${missing}". Create it (createdb`);
  });

  test('the user does not exist or has another password, and no secret is shown', async () => {
    const said = await refusal(changed((it) => Object.assign(it, { username: name('nobody'), password: 'hush-hush' })));
    expect(said).toMatch(/refuses the user "ovation_nobody_\w+": .* Correct user and password/);
    expect(said).not.toContain('hush-hush');
  });

  test('the server offers no TLS, or the certificate is not there', async () => {
    const port = await listening((socket) => socket.on('data', () => socket.end('N')));
    expect(await refusal(`postgres://u:p@127.0.0.1:${port}/d?sslmode=require`)).toMatch(/No encrypted .* sslmode/);
    const said = await refusal(
      changed((it) => {
        it.search = '?sslmode=verify-full&sslrootcert=/no-such-file.pem';
      }),
    );
    expect(said).toMatch(/\/no-such-file\.pem.* Let sslrootcert/);
  });

  test('the user may not read the tables, or only some', async () => {
    const role = name('limited');
    await run(database.url, `CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
    const url = changed((it) => Object.assign(it, { username: role, password: 'secret' }));
    expect(await refusal(url)).toContain('permission denied for table _prisma_migrations. `ovation doctor` says');
    await run(database.url, `GRANT SELECT ON "_prisma_migrations" TO ${role}`);
    const { code, err } = await ovation(['token', 'ava'], { DATABASE_URL: url });
    expect(code).toBe(1);
    expect(err).toMatch(/^The database user .* lacks a right: permission denied for table \w+\. `ovation doctor` says/);
    await run(database.url, `DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });

  test('what accepts connections and never answers is waited for 10 s and no longer', async () => {
    const port = await listening(() => {});
    const { code, err } = await ovation(['migrate'], { DATABASE_URL: `postgres://u:p@127.0.0.1:${port}/d` });
    expect(code).toBe(1);
    expect(err).toContain(`No PostgreSQL answers at 127.0.0.1:${port} (timeout expired). Correct host and port`);
  });
});

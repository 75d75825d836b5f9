import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../src/free-port.ts';
import { createDatabase, databaseUrl, run, type TestDatabase } from '../database.ts';
import { diagnose, onlyFinding } from './command-line.ts';
import { listening, lying } from './lying-proxy.ts';

let database: TestDatabase;
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(() => database.drop());

const name = (prefix: string): string => `ovation_${prefix}_${randomBytes(5).toString('hex')}`;

function changed(url: string, change: (url: URL) => void): string {
  const other = new URL(url);
  change(other);
  return other.href;
}

describe('ovation doctor finds nothing wrong', () => {
  test('with a migrated database: exit code 0', async () => {
    const diagnosis = await diagnose({ DATABASE_URL: database.url });
    expect(diagnosis).toMatchObject({ code: 0, ok: true, found: [] });
    expect(diagnosis.checks.find(({ part }) => part === 'database')?.seen).toMatch(/^PostgreSQL \d+\.\d+ .*at /);
  });

  test('with a user that may use the tables and change none', async () => {
    const role = name('user');
    await run(database.url, `CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
    await run(database.url, `GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${role}`);
    const url = changed(database.url, (it) => Object.assign(it, { username: role, password: 'secret' }));
    expect(await diagnose({ DATABASE_URL: url })).toMatchObject({ code: 0, found: [] });
    await run(database.url, `DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
});

describe('ovation doctor names the fault and the remedy', () => {
  test('nothing listens at the port of DATABASE_URL', async () => {
    const port = await freePort();
    const url = changed(database.url, (it) => Object.assign(it, { hostname: '127.0.0.1', port: String(port) }));
    const finding = await onlyFinding({ DATABASE_URL: url });
    expect(finding).toMatchObject({ exit: 1, ok: false, code: 'DATABASE_UNREACHABLE' });
    expect(finding.problem).toContain(`127.0.0.1:${port}`);
    expect(finding.remedy).toContain('DATABASE_URL');
  });

  test('the host of DATABASE_URL does not exist', async () => {
    const finding = await onlyFinding({ DATABASE_URL: 'postgres://ovation@no-such-host.invalid/ovation' });
    expect(finding).toMatchObject({ exit: 1, code: 'DATABASE_HOST_UNKNOWN' });
    expect(finding.problem).toContain('no-such-host.invalid:5432');
  });

  test('PostgreSQL refuses user and password, and no secret is shown', async () => {
    const url = changed(database.url, (it) => Object.assign(it, { username: name('nobody'), password: 'hush-hush' }));
    const finding = await onlyFinding({ DATABASE_URL: url });
    expect(finding).toMatchObject({ exit: 1, code: 'DATABASE_LOGIN_REFUSED' });
    expect(finding.remedy).toMatch(/CREATE ROLE|password/);
    expect(JSON.stringify(finding)).not.toContain('hush-hush');
  });

  test('the database does not exist', async () => {
    const missing = name('missing');
    const finding = await onlyFinding({ DATABASE_URL: databaseUrl(database.url, missing) });
    expect(finding).toMatchObject({ exit: 1, code: 'DATABASE_MISSING' });
    expect(finding.problem).toContain(missing);
    expect(finding.remedy).toContain('createdb');
  });

  test('a user name or a password that is wrongly percent-encoded', async () => {
    const { host } = new URL(database.url);
    // The driver takes the first for what it says, and cannot read the second.
    const literal = await onlyFinding({ DATABASE_URL: `postgres://post%gres:hush@${host}/ovation` });
    expect(literal).toMatchObject({ exit: 1, code: 'DATABASE_LOGIN_REFUSED' });
    expect(literal.problem).toContain('post%gres');
    const finding = await onlyFinding({ DATABASE_URL: `postgres://postgres:hush%ff@${host}/ovation` });
    expect(finding).toMatchObject({ exit: 1, code: 'DATABASE_URL_INVALID' });
    expect(finding.remedy).toContain('%25');
    expect(JSON.stringify([literal, finding])).not.toContain('hush');
  });

  test('a certificate that is not there, and a server without TLS', async () => {
    const missing = await onlyFinding({
      DATABASE_URL: changed(database.url, (it) => {
        it.search = '?sslmode=verify-full&sslrootcert=/no-such-file.pem';
      }),
    });
    expect(missing).toMatchObject({ exit: 1, code: 'DATABASE_TLS' });
    expect(missing.problem).toContain('/no-such-file.pem');
    expect(missing.remedy).toContain('sslrootcert');
    const port = await listening((socket) => socket.on('data', () => socket.end('N')));
    const without = await onlyFinding({ DATABASE_URL: `postgres://u:p@127.0.0.1:${port}/d?sslmode=require` });
    expect(without).toMatchObject({ exit: 1, code: 'DATABASE_TLS' });
    expect(without.remedy).toContain('sslmode');
  });

  test('PostgreSQL is older than 14', async () => {
    const url = await lying(database.url, /\b1[4-9]00\d\d\b/g, () => '130022');
    const finding = await onlyFinding({ DATABASE_URL: url });
    expect(finding).toMatchObject({ exit: 1, code: 'DATABASE_TOO_OLD' });
    expect(finding.problem).toContain('older than 14');
    expect(finding.remedy).toContain('Upgrade');
  });

  test.each([
    ['behind', 600_000],
    ['ahead of', -600_000],
  ])("this machine's clock is %s the database's", async (which, byMs) => {
    const url = await lying(database.url, /1[5-9]\d{11}/g, (now) => String(Number(now) + byMs));
    const finding = await onlyFinding({ DATABASE_URL: url });
    expect(finding).toMatchObject({ exit: 1, code: 'CLOCK_OFF' });
    expect(finding.problem).toMatch(new RegExp(`(599|600)\\.\\d s ${which} the database's`));
    expect(finding.remedy).toContain('NTP');
  });

  test('it takes no writes, as a standby takes none', async () => {
    await run(
      database.url,
      `ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET default_transaction_read_only = on`,
    );
    const finding = await onlyFinding({ DATABASE_URL: database.url });
    expect(finding).toMatchObject({ exit: 1, code: 'DATABASE_READ_ONLY' });
    expect(finding.remedy).toContain('primary');
  });

  test('a migration is pending', async () => {
    await run(database.url, `DELETE FROM _prisma_migrations WHERE migration_name LIKE '%_feed_floor'`);
    const finding = await onlyFinding({ DATABASE_URL: database.url });
    expect(finding).toMatchObject({ exit: 1, code: 'MIGRATION_PENDING' });
    expect(finding.problem).toMatch(/\d{14}_feed_floor/);
    expect(finding.remedy).toContain('ovation migrate');
  });

  test('the database was migrated by a newer version', async () => {
    await run(
      database.url,
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       VALUES ('x', 'x', '29990101000000_from_the_future', now(), 1)`,
    );
    const finding = await onlyFinding({ DATABASE_URL: database.url });
    expect(finding).toMatchObject({ exit: 1, code: 'MIGRATION_UNKNOWN' });
    expect(finding.problem).toContain('29990101000000_from_the_future');
    expect(finding.remedy).toContain('newer');
  });
});

describe('ovation doctor tells what the database user lacks', () => {
  let role: string;
  let url: string;
  let empty: string;
  beforeEach(async () => {
    role = name('limited');
    empty = databaseUrl(database.url, name('empty'));
    await run(database.url, `CREATE ROLE ${role} LOGIN PASSWORD 'secret'`);
    await run(database.url, `CREATE DATABASE ${pg.escapeIdentifier(new URL(empty).pathname.slice(1))}`);
    url = changed(empty, (it) => Object.assign(it, { username: role, password: 'secret' }));
  });
  afterEach(async () => {
    await run(database.url, `DROP DATABASE ${pg.escapeIdentifier(new URL(empty).pathname.slice(1))} WITH (FORCE)`);
    await run(database.url, `DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });

  test('it may not create the tables that are missing', async () => {
    // What PostgreSQL 14 still allows everybody.
    await run(empty, 'REVOKE CREATE ON SCHEMA public FROM PUBLIC');
    const { code, found, checks } = await diagnose({ DATABASE_URL: url });
    expect({ code, found }).toEqual({ code: 1, found: ['MIGRATION_PENDING', 'DATABASE_MIGRATION_DENIED'] });
    const findings = checks.flatMap((check) => check.findings);
    expect(findings[1]?.problem).toContain(role);
    expect(findings[1]?.remedy).toContain(`GRANT USAGE, CREATE ON SCHEMA "public" TO "${role}"`);
    // The remedy helps.
    await run(empty, `GRANT USAGE, CREATE ON SCHEMA "public" TO "${role}"`);
    expect((await diagnose({ DATABASE_URL: url })).found).toEqual(['MIGRATION_PENDING']);
  });

  test('it may not alter tables that belong to another', async () => {
    await run(database.url, `GRANT CREATE ON SCHEMA public TO ${role}`);
    await run(database.url, `GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}`);
    await run(database.url, `DELETE FROM _prisma_migrations WHERE migration_name LIKE '%_feed_floor'`);
    const there = changed(database.url, (it) => Object.assign(it, { username: role, password: 'secret' }));
    const { found, checks } = await diagnose({ DATABASE_URL: there });
    expect(found).toEqual(['MIGRATION_PENDING', 'DATABASE_MIGRATION_DENIED']);
    expect(checks.flatMap((check) => check.findings)[1]?.problem).toMatch(/may not alter .*FeedEntry/);
  });

  test('it may not read the tables', async () => {
    const there = changed(database.url, (it) => Object.assign(it, { username: role, password: 'secret' }));
    const { code, found, checks } = await diagnose({ DATABASE_URL: there });
    expect({ code, found }).toEqual({ code: 1, found: ['DATABASE_ACCESS_DENIED', 'DATABASE_ACCESS_DENIED'] });
    const remedies = checks.flatMap((check) => check.findings.map(({ remedy }) => remedy));
    // The remedies help.
    for (const remedy of remedies) await run(database.url, remedy.split(';')[0] ?? '');
    expect(await diagnose({ DATABASE_URL: there })).toMatchObject({ code: 0, found: [] });
  });

  test('it may not connect', async () => {
    await run(empty, `REVOKE CONNECT ON DATABASE ${pg.escapeIdentifier(new URL(empty).pathname.slice(1))} FROM PUBLIC`);
    const finding = await onlyFinding({ DATABASE_URL: url });
    expect(finding).toMatchObject({ exit: 1, code: 'DATABASE_CONNECT_DENIED' });
    expect(finding.remedy).toContain('GRANT CONNECT');
  });
});

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { useServer } from '../harness.ts';
import { diagnose, onlyFinding, ovation } from './command-line.ts';
import { listening } from './lying-proxy.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ovation-doctor-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('ovation doctor looks at the configuration', () => {
  test('and names every variable that is wrong, and what each is for', async () => {
    const { code, found, checks } = await diagnose({ PORT: 'http', DATABASE_URL: 'mysql://x', LOG_LEVEL: 'loud' });
    expect({ code, found }).toEqual({ code: 1, found: Array(3).fill('CONFIGURATION_INVALID') });
    const findings = checks.flatMap((check) => check.findings);
    for (const key of ['PORT', 'DATABASE_URL', 'LOG_LEVEL']) {
      const finding = findings.find(({ problem }) => problem.startsWith(`${key}: `));
      expect(finding?.remedy).toContain(`Correct ${key}`);
    }
    expect(checks.find(({ part }) => part === 'database')?.seen).toBe('not looked at: see DATABASE_URL');
  });

  test('and names the secrets that are missing in production, with a command that makes the keys', async () => {
    const { code, found, checks } = await diagnose({ NODE_ENV: 'production' });
    expect({ code, found }).toEqual({ code: 1, found: Array(3).fill('CONFIGURATION_MISSING') });
    const remedies = checks.flatMap((check) => check.findings.map(({ remedy }) => remedy));
    for (const key of ['DATABASE_URL', 'REDIS_URL', 'AUTH_KEYS']) {
      expect(remedies.filter((remedy) => remedy.startsWith(`Set ${key}.`))).toHaveLength(1);
    }
    expect(remedies.find((remedy) => remedy.includes('AUTH_KEYS'))).toContain('node -e');
  });

  test('and names keys that are none, without quoting them', async () => {
    const keys = '{"keys":[{"kty":"OKP","crv":"Ed25519","x":"hush","d":"hush"}]}';
    const { code, checks } = await diagnose({ AUTH_KEYS: keys });
    expect(code).toBe(1);
    const problems = checks.flatMap((check) => check.findings.map(({ problem }) => problem));
    expect(problems).toEqual([
      expect.stringContaining('AUTH_KEYS: keys: 0: x'),
      expect.stringContaining('AUTH_KEYS: keys: 0: d'),
    ]);
    expect(JSON.stringify(checks)).not.toContain('hush');
  });

  test('and names a file of a secret that is not there, or stands beside the secret, and quotes neither', async () => {
    const hush = 'postgres://u:hush@127.0.0.1:1/d';
    const path = join(folder, 'database-url');
    writeFileSync(path, hush);
    const wrong: Record<string, string>[] = [
      { DATABASE_URL_FILE: hush },
      { DATABASE_URL_FILE: path, DATABASE_URL: hush },
    ];
    for (const env of wrong) {
      const { code, checks, found } = await diagnose(env);
      expect({ code, found }).toEqual({ code: 1, found: ['CONFIGURATION_INVALID'] });
      expect(checks[0]?.findings[0]?.problem).toContain('DATABASE_URL_FILE: ');
      expect(checks.find(({ part }) => part === 'database')?.seen).toMatch(/^not looked at: see DATABASE_URL/);
      expect(JSON.stringify(checks)).not.toContain('hush');
    }
  });

  test('and looks at a database whose URL stands in a file, and names one that is none', async () => {
    const path = join(folder, 'database-url');
    writeFileSync(path, 'postgres://u:hush@127.0.0.1:1/d\n');
    expect(await onlyFinding({ DATABASE_URL_FILE: path })).toMatchObject({ code: 'DATABASE_UNREACHABLE' });
    writeFileSync(path, 'mysql://u:hush@127.0.0.1:1/d\n');
    const finding = await onlyFinding({ DATABASE_URL_FILE: path });
    expect(finding).toMatchObject({ code: 'CONFIGURATION_INVALID' });
    expect(JSON.stringify(finding)).not.toContain('hush');
  });

  test('and names a manifest of persisted operations that is missing or none', async () => {
    const path = join(folder, 'manifest.json');
    expect((await onlyFinding({ PERSISTED_OPERATIONS: path })).problem).toContain('ENOENT');
    for (const [content, problem] of [
      ['{ not JSON', 'is not JSON'],
      ['["{ __typename }"]', 'no object of hashes'],
      ['{"hash":5}', 'no object of hashes'],
    ]) {
      writeFileSync(path, content ?? '');
      const finding = await onlyFinding({ PERSISTED_OPERATIONS: path });
      expect(finding).toMatchObject({ exit: 1, code: 'CONFIGURATION_INVALID' });
      expect(finding.problem).toContain(problem);
    }
  });

  test('and says what an issuer lacks', async () => {
    const finding = await onlyFinding({ OIDC_ISSUER: 'https://issuer.example.test' });
    expect(finding).toMatchObject({ exit: 1, problem: 'OIDC_AUDIENCE: required with OIDC_ISSUER' });
  });

  test('and one fault does not hide another', async () => {
    const port = await listening((socket) => socket.end());
    const { found } = await diagnose({ LOG_LEVEL: 'loud', PORT: String(port) });
    expect(found).toEqual(['CONFIGURATION_INVALID', 'PORT_IN_USE']);
  });
});

describe('ovation doctor looks at the machine', () => {
  test('and names a port that another program uses', async () => {
    const port = await listening((socket) => socket.end());
    const finding = await onlyFinding({ PORT: String(port) });
    expect(finding).toMatchObject({ exit: 1, ok: false, code: 'PORT_IN_USE' });
    expect(finding.problem).toContain(`127.0.0.1:${port}`);
    expect(finding.remedy).toContain('Set PORT');
  });

  test('and names an address that is none of this machine’s', async () => {
    const finding = await onlyFinding({ HOST: '192.0.2.1' });
    expect(finding).toMatchObject({ exit: 1, code: 'HOST_INVALID' });
    expect(finding.remedy).toContain('0.0.0.0');
  });

  test('and names a DATA_DIR that nothing can be written to', async () => {
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    const finding = await onlyFinding({ DATA_DIR: join(file, 'data') });
    expect(finding).toMatchObject({ exit: 1, code: 'DATA_DIR_UNWRITABLE' });
    expect(finding.problem).toContain(`${file} is a file`);
    expect(finding.remedy).toContain('Set DATA_DIR');
  });

  test('and says it to a person, fault by fault, with the remedy behind an arrow', async () => {
    const port = await listening((socket) => socket.end());
    const { code, out } = await ovation(['doctor'], { PORT: String(port) });
    expect(code).toBe(1);
    expect(out).toMatch(/^ok +configuration/m);
    expect(out).toMatch(/^FAULT +port .*\n +PORT_IN_USE: .*\n +-> Set PORT/m);
  });
});

describe('beside an instance that runs', () => {
  const server = useServer();

  test('its port is not taken for another program’s', async () => {
    const { port } = new URL(server.url);
    const { code, checks } = await diagnose({ PORT: port, DATABASE_URL: server.databaseUrl });
    expect(code).toBe(0);
    expect(checks.find(({ part }) => part === 'port')?.seen).toContain('an instance of Ovation listens');
  });
});

test('docs/operating.md lists every code that the doctor can give, and no other', () => {
  const root = new URL('../../', import.meta.url);
  const looks = readdirSync(new URL('src/cli/doctor/', root)).map((name) => `src/cli/doctor/${name}`);
  // What keeps an instance from starting is told in the same words.
  const files = [...looks, 'src/db/connection-finding.ts', 'src/server/listen-finding.ts'];
  const sources = files.map((name) => readFileSync(new URL(name, root), 'utf8'));
  const codes = sources.flatMap((text) =>
    [...text.matchAll(/\bcode: (?:[^,\n]*\? )?'([A-Z_]+)'(?: : '([A-Z_]+)')?/g)].flatMap(([, one, other]) => [
      one,
      other,
    ]),
  );
  const page = readFileSync(new URL('docs/operating.md', root), 'utf8');
  const [, listed = ''] = /has a code, for scripts: ([\s\S]*?)\n\n/.exec(page) ?? [];
  const named = [...listed.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code);
  expect(named.sort()).toEqual([...new Set(codes.filter((code) => code !== undefined))].sort());
});

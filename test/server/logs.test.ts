import { describe, expect, test } from 'vitest';
import { createLog } from '../../src/log.ts';
import { Actor, type Session, signUp, testPassword } from '../actor.ts';
import { transports } from '../api/transports.ts';
import { useServer } from '../harness.ts';

interface Line extends Record<string, unknown> {
  msg: string;
  requestId?: string;
}

/** A log as the server has it, and its lines. */
function recordingLog() {
  const written: string[] = [];
  const log = createLog({ logLevel: 'trace' }, { write: (line) => void written.push(line) });
  return { log, written, lines: (): Line[] => written.map((line) => JSON.parse(line)) };
}

/** Only outside of what `expect` prints: a secret that leaked is named by its place, not shown. */
function findSecrets(written: readonly string[], secrets: Readonly<Record<string, string>>): string[] {
  const text = written.join('');
  return Object.entries(secrets).flatMap(([name, secret]) => (text.includes(secret) ? [name] : []));
}

describe('a line for each operation', () => {
  const { log, lines } = recordingLog();
  const server = useServer({ log });
  const lineOf = (requestId: string | null) => lines().filter((line) => line.requestId === requestId);

  async function post(body: object, headers: Record<string, string> = {}): Promise<string | null> {
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    await response.text();
    return response.headers.get('x-request-id');
  }

  test('has the request id of the answer, the viewer, the name, the outcome and how long it took', async () => {
    const actor = await signUp(server.url);
    const id = await post(
      { query: 'query Me { viewer { id } }' },
      { authorization: `Bearer ${actor.signedIn.accessToken}` },
    );
    const userId = Buffer.from(actor.id, 'base64').toString().split(':')[1];
    expect(lineOf(id)).toMatchObject([
      { userId, operation: 'Me', type: 'query', transport: 'http', outcome: 'OK', ms: expect.any(Number) },
    ]);
  });

  test('tells what was refused, over every transport', async () => {
    const before = lines().length;
    for (const transport of Object.values(transports)) await transport(server.url, { query: '{ nonsense }' });
    const told = lines()
      .slice(before)
      .filter(({ msg }) => msg === 'operation');
    expect(told.map(({ outcome }) => outcome)).toEqual(Object.keys(transports).map(() => 'BAD_REQUEST'));
    expect(told.map(({ transport }) => transport).sort()).toEqual(['http', 'http', 'http', 'websocket']);
  });

  test('keeps the request id that a proxy has given, and no other text', async () => {
    const given = 'edge-7f:01.AB_42';
    expect(await post({ query: '{ __typename }' }, { 'x-request-id': given })).toBe(given);
    expect(lineOf(given)).toHaveLength(1);
    for (const unfit of ['short', 'with spaces in it', 'x'.repeat(129), '{"level":60}', '../../etc/passwd']) {
      expect(await post({ query: '{ __typename }' }, { 'x-request-id': unfit })).toMatch(/^[\da-f-]{36}$/);
    }
  });

  test('is open to a page of another origin, which may give and read the request id', async () => {
    const origin = 'http://localhost:5173';
    const asks = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-request-id' };
    const preflight = await fetch(`${server.url}/graphql`, { method: 'OPTIONS', headers: asks });
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/x-request-id.*traceparent/);
    const answer = await fetch(`${server.url}/graphql?query={__typename}`, { headers: { origin } });
    expect(answer.headers.get('access-control-expose-headers')).toMatch(/\bx-request-id\b/);
  });
});

describe('no secret reaches the log', () => {
  const { log, written } = recordingLog();
  const server = useServer({ log });

  test('of signing up, logging in, refreshing, changing the password and deleting the account', async () => {
    const passwords = { first: testPassword, second: 'another horse battery', wrong: 'not the horse at all' };
    const actor = await signUp(server.url);
    const { username } = actor.signedIn;
    const email = `${username}@example.test`;
    const selection = 'tokens { accessToken refreshToken sessionId }';
    const guest = new Actor(server.url, null);
    const logIn = (login: string, password: string) => guest.mutate('logIn', { login, password }, selection);
    const loggedIn = await logIn(email, passwords.first);
    const refreshed = await guest.mutate('refreshSession', { refreshToken: loggedIn.tokens.refreshToken }, selection);
    const session: Session = { ...actor.signedIn, ...refreshed.tokens };
    const current = new Actor(server.url, session);
    const feed = current.subscribe('subscription { myFeed { __typename } }');
    await current.mutate('changePassword', { currentPassword: passwords.first, newPassword: passwords.second });
    const again = await logIn(username, passwords.second);
    const last = new Actor(server.url, { ...session, ...again.tokens });
    // Refusals, and faults in the middle of it.
    await logIn(email, passwords.wrong);
    await guest.mutate('signUp', { username, email, password: passwords.first, role: 'HOST' });
    await guest.mutate('refreshSession', { refreshToken: loggedIn.tokens.refreshToken });
    await server.app.db.$executeRaw`ALTER TABLE "User" RENAME TO "Elsewhere"`;
    await guest.post('mutation($input: SignUpInput!) { signUp(input: $input) { __typename } }', {
      input: { username: 'somebody', email: 'somebody@example.test', password: passwords.first, role: 'HOST' },
    });
    await guest.post('mutation($input: LogInInput!) { logIn(input: $input) { __typename } }', {
      input: { login: email, password: passwords.second },
    });
    await server.app.db.$executeRaw`ALTER TABLE "Elsewhere" RENAME TO "User"`;
    // PostgreSQL tells the whole row that it refused.
    await server.app.db.$executeRaw`ALTER TABLE "User" ADD CONSTRAINT nobody CHECK (email = '') NOT VALID`;
    await guest.post('mutation($input: SignUpInput!) { signUp(input: $input) { __typename } }', {
      input: { username: 'somebody', email: 'somebody@example.test', password: passwords.first, role: 'HOST' },
    });
    await server.app.db.$executeRaw`ALTER TABLE "User" DROP CONSTRAINT nobody`;
    await fetch(`${server.url}/graphql?query={viewer{id}}`, {
      headers: { authorization: `Bearer ${again.tokens.accessToken}x`, cookie: 'session=crumbs-of-a-cookie' },
    });
    await last.mutate('deleteAccount', { password: passwords.second });
    await feed.close();

    // It is the log of all that.
    expect(written.filter((line) => line.includes('a request met a fault')).length).toBeGreaterThan(1);
    const leaked = findSecrets(written, {
      ...passwords,
      email,
      'email of the fault': 'somebody@example.test',
      cookie: 'crumbs-of-a-cookie',
      'any hash': '$argon2id$',
      'access token of signUp': actor.signedIn.accessToken,
      'refresh token of signUp': actor.signedIn.refreshToken,
      'access token of logIn': loggedIn.tokens.accessToken,
      'refresh token of logIn': loggedIn.tokens.refreshToken,
      'access token of refreshSession': refreshed.tokens.accessToken,
      'refresh token of refreshSession': refreshed.tokens.refreshToken,
      'access token after changePassword': again.tokens.accessToken,
      'refresh token after changePassword': again.tokens.refreshToken,
    });
    expect(leaked).toEqual([]);
  });

  test('whatever is logged, wherever it stands', () => {
    const { log, written } = recordingLog();
    const secret = 'correct-horse';
    const jwt = `eyJhbGciOiJFZERTQSJ9.${Buffer.from('{"sub":"x"}').toString('base64url')}.c2lnbmF0dXJl`;
    const random = 'q'.repeat(43);
    log.info(
      { password: `${secret} "quoted" \\`, input: { newPassword: secret, deep: { refreshToken: secret } } },
      'by key',
    );
    log.info({ headers: { authorization: secret, cookie: secret, 'set-cookie': secret } }, 'by header');
    log.info({ body: JSON.stringify({ variables: { password: secret } }), cookies: [{ cookie: [secret] }] }, 'in JSON');
    log.error({ err: new Error(`the query had "ada@example.test", ${jwt} and ${random}`) }, 'in an error');
    log.warn(`Bearer ${secret} and postgres://ovation:${secret}@db.internal:5432/ovation`);
    expect(written.map((line) => JSON.parse(line).level)).toEqual([30, 30, 30, 50, 40]);
    expect(findSecrets(written, { secret, jwt, random, email: 'ada@example.test' })).toEqual([]);
    expect(written[4]).toContain('db.internal:5432');
  });

  test('a key of any spelling, whatever its value is', () => {
    const { log, written, lines } = recordingLog();
    const secret = 'correct-horse';
    const keys = ['pass', 'secret', 'client_secret', 'clientSecret', 'refresh_token', 'accessToken', 'PASSWORD'];
    for (const key of keys) log.info({ [key]: secret, deep: [{ [key]: secret }] });
    const values = [[secret], [[']'], [secret]], { hash: secret, more: { of: [`}]"${secret}`] } }, 271828182];
    for (const password of values) {
      log.info({ password, body: JSON.stringify({ password }), stays: 'here' });
      expect(lines().at(-1)).toMatchObject({ password: '[secret]', stays: 'here' });
    }
    log.info({ body: JSON.stringify({ password: `"${secret}" \\` }) }, 'JSON with quotes in it');
    log.info({ body: JSON.stringify(JSON.stringify({ password: `"${secret}"` })) }, 'JSON in JSON');
    log.info(`as Prisma and Node print it: { password: "${secret}" } { pass: '${secret}' }`);
    expect(findSecrets(written, { secret, number: '271828182' })).toEqual([]);
  });

  test('passwords in URLs and in the settings of libpq, whatever they consist of', () => {
    const { log, written, lines } = recordingLog();
    const secret = 'correct-horse';
    const texts = [
      ...[`p@${secret}`, `a/${secret}`, `@/${secret}:@`, secret.repeat(40)].map(
        (password) => `postgres://ovation:${password}@db.internal:5432/ovation`,
      ),
      `smtps://ada@example.test:${secret}@db.internal:5432`,
      `postgres://db.internal:5432/ovation?user=ovation&password=a@${secret}&sslmode=require`,
      `https://db.internal:5432/?access_token=${secret}`,
      `host=db.internal:5432 password=a&${secret} user=ovation`,
      `host=db.internal:5432 password = '${secret} it\\'s ${secret}' user=ovation`,
      `host=db.internal:5432\npassword=a"${secret}\nuser=ovation`,
    ];
    for (const text of texts) log.error({ err: new Error(text) }, text);
    expect(findSecrets(written, { secret })).toEqual([]);
    for (const { msg } of lines()) expect(msg).toContain('db.internal:5432');
  });

  test('a long line is written in a moment, and stays JSON, whatever it consists of', () => {
    const { log, lines } = recordingLog();
    const looks = ['a', 'eyJ', '://a:', '://a:@', 'a.', 'a@', '$argon2', 'Bearer '];
    const keyed = [
      'password',
      'password=',
      "password='",
      "password='\\",
      "password: '",
      '"pass":"',
      '"pass":[',
      '"pass":',
    ];
    const parts = [...looks, ...keyed, '\\', '"', '\\\\\\"', '= '];
    for (const part of parts) {
      const text = part.repeat(50_000);
      log.info(text);
      log.info({ body: JSON.stringify(text), pass: [text] });
    }
    expect(lines()).toHaveLength(2 * parts.length);
  });

  test('request ids, user ids and plain words stay', () => {
    const { log, written } = recordingLog();
    const line = {
      requestId: '0199f0c2-7d3e-7000-8000-0123456789ab',
      feed: 'event:0199f0c2-7d3e-7000-8000-0123456789ab',
      channel: 'a plain sentence of more than forty-three characters',
    };
    log.info(line, 'as it is');
    expect(JSON.parse(written[0] ?? '')).toMatchObject(line);
  });
});

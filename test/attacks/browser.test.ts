import { describe, expect, test } from 'vitest';
import { RawSocket } from '../api/raw-socket.ts';
import { useServer } from '../harness.ts';
import { exchange } from './deliver.ts';

const front = 'https://show.example';
const production = useServer({ config: { production: true, allowedOrigins: [front] } });
const development = useServer();

/** What a page of somebody else may call itself, and nothing that resembles the allowed one. */
const foreign = [
  'https://evil.test',
  'null',
  '',
  'https://show.example.evil.test',
  'https://evil-show.example',
  'https://xshow.example',
  'https://show.examplee',
  'https://sub.show.example',
  'http://show.example',
  'https://show.example:8443',
  'https://show.example:443',
  'https://show.example/',
  'https://show.example@evil.test',
  'https://show.example, https://evil.test',
  'https://evil.test#https://show.example',
  'https://SHOW.example',
  'https://show.example.',
  'file://',
  'http://localhost:3000',
  'http://127.0.0.1:3000',
];

const foreignInDevelopment = [
  'https://evil.test',
  'null',
  'http://localhost.evil.test',
  'http://evil.test:3000',
  'http://localhost@evil.test',
  'http://127.0.0.1.evil.test',
  'http://127.0.0.1:3000@evil.test',
];

const everywhere = (): [string, readonly string[]][] => [
  [production.url, foreign],
  [development.url, foreignInDevelopment],
];

const post = (url: string, headers: Record<string, string>, body: string) =>
  exchange(`${url}/graphql`, { headers, body });
const json = { 'content-type': 'application/json' };
const ask = JSON.stringify({ query: '{ __typename }' });

describe('A page of another origin', () => {
  test('opens no socket, whatever it calls itself', async () => {
    for (const [url, origins] of everywhere()) {
      for (const origin of origins.filter((name) => name !== '')) {
        const socket = await RawSocket.open(url, { origin });
        expect([origin, socket.refusedWith]).toEqual([origin, 403]);
        socket.close();
      }
    }
  });

  test('is allowed no request that needs a question first', async () => {
    for (const [url, origins] of everywhere()) {
      for (const origin of origins) {
        const { status, headers } = await exchange(`${url}/graphql`, {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'content-type, authorization',
          },
        });
        expect([origin, status, Object.keys(headers).filter((name) => name.startsWith('access-control'))]).toEqual([
          origin,
          204,
          [],
        ]);
      }
    }
  });

  test('cannot read what a simple request is answered', async () => {
    for (const [url, origins] of everywhere()) {
      for (const origin of origins) {
        const query = `${url}/graphql?query=${encodeURIComponent('{ __typename }')}`;
        const { headers } = await exchange(query, { method: 'GET', headers: { origin } });
        expect(headers).not.toHaveProperty('access-control-allow-origin');
        expect(headers.vary).toContain('Origin');
      }
    }
  });

  test.each([
    [
      'a form',
      'application/x-www-form-urlencoded',
      new URLSearchParams({ query: 'mutation { logOut { __typename } }' }).toString(),
    ],
    ['a form that is JSON', 'text/plain', JSON.stringify({ query: 'mutation { logOut { __typename } }' })],
    ['a form with a trick', 'text/plain; application/json', ask],
    ['two types', 'application/json, text/plain', ask],
    ['a type that begins like JSON', 'application/jsonp', ask],
    ['JSON in a parameter', 'text/plain;charset=application/json', ask],
    ['JSON in another character set', 'application/json; charset=utf-7', ask],
    ['no type', '', ask],
    [
      'an upload',
      'multipart/form-data; boundary=x',
      '--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{"query":"{ __typename }"}\r\n--x--\r\n',
    ],
  ])('has nothing done by a request that is sent without a question: %s', async (_what, type, body) => {
    for (const url of [production.url, development.url]) {
      const verdict = await post(url, { 'content-type': type, origin: 'https://evil.test' }, body);
      expect([verdict.status, verdict.codes]).toEqual([415, ['BAD_REQUEST']]);
    }
  });

  test('has nothing done by a GET, also where it is asked for as a stream of events', async () => {
    const { db } = development.app;
    const before = await db.user.count();
    const query =
      'mutation { signUp(input: { username: "by_link", email: "by_link@example.test", password: "correct horse" }) { __typename } }';
    for (const accept of ['*/*', 'application/json', 'text/event-stream', 'image/png,image/*;q=0.8']) {
      const address = `${development.url}/graphql?query=${encodeURIComponent(query)}`;
      const { body } = await exchange(address, { method: 'GET', headers: { accept } });
      expect(body).not.toContain('"data"');
    }
    expect(await db.user.count()).toBe(before);
  });
});

describe('The page that is allowed', () => {
  test('may ask, read every answer, a refusal too, and open a socket; without cookies', async () => {
    const question = await exchange(`${production.url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin: front, 'access-control-request-method': 'POST' },
    });
    expect(question.status).toBe(204);
    expect(question.headers).toMatchObject({
      'access-control-allow-origin': front,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': expect.stringContaining('authorization'),
      vary: 'Origin',
    });
    const answers = [
      await post(production.url, { ...json, origin: front }, ask),
      await post(production.url, { ...json, origin: front }, 'no JSON'),
      await post(production.url, { ...json, origin: front }, 'x'.repeat(200_000)),
      await post(production.url, { 'content-type': 'text/plain', origin: front }, ask),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 400, 413, 415]);
    for (const { headers } of [question, ...answers]) {
      expect(headers['access-control-allow-origin']).toBe(front);
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
    }
    const socket = await RawSocket.open(production.url, { origin: front });
    expect(socket.isOpen).toBe(true);
    socket.close();
  });
});

describe('Whatever is served', () => {
  test('says what a browser may do with it, and sets no cookie', async () => {
    for (const url of [production.url, development.url]) {
      const page = { accept: 'text/html' };
      const answers = [
        ...(await Promise.all(
          [
            '/',
            '/health',
            '/ready',
            '/metrics',
            '/.well-known/jwks.json',
            '/nothing',
            '/graphql',
            '/%00',
            '//evil.test',
          ].map((path) => exchange(`${url}${path}`, { method: 'GET' })),
        )),
        await exchange(`${url}/graphql`, { method: 'GET', headers: page }),
        await post(url, json, ask),
        await post(url, json, '{'),
        await post(url, { ...json, accept: 'text/event-stream' }, ask),
        await post(url, { ...json, authorization: 'Bearer x' }, ask),
        await exchange(`${url}/graphql`, { method: 'DELETE' }),
      ];
      for (const { headers, status } of answers) {
        expect(status).toBeLessThan(500);
        expect(headers).toMatchObject({
          'x-content-type-options': 'nosniff',
          'x-frame-options': 'DENY',
          'referrer-policy': 'no-referrer',
          'content-security-policy': expect.stringMatching(/^default-src 'none'.*frame-ancestors 'none'$/),
        });
        for (const name of ['set-cookie', 'x-powered-by', 'server']) expect(headers).not.toHaveProperty(name);
      }
    }
  });

  test('the page is of one script and its nonce, new each time; it lets nobody put scripts in', async () => {
    const address = `${development.url}/graphql?query=${encodeURIComponent('</script><script>alert(1)</script>')}`;
    const [one, two] = [
      await exchange(address, { method: 'GET', headers: { accept: 'text/html' } }),
      await exchange(address, { method: 'GET', headers: { accept: 'text/html' } }),
    ];
    const nonces = [one, two].map(
      ({ headers }) => /'nonce-([^']+)'/.exec(String(headers['content-security-policy']))?.[1],
    );
    expect(new Set(nonces).size).toBe(2);
    expect(one.headers['content-security-policy']).not.toMatch(/script-src[^;]*unsafe/);
    expect(one.body.split(`<script nonce="${nonces[0]}">`)).toHaveLength(3);
    expect(one.body).not.toContain('alert(1)');
  });
});

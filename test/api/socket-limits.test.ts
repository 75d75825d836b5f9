import { once } from 'node:events';
import { connect } from 'node:net';
import { MessageType } from 'graphql-ws';
import { afterEach, describe, expect, test } from 'vitest';
import { byteLimits } from '../../src/server/limits.ts';
import { socketLimits } from '../../src/server/socket-manners.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { RawSocket } from './raw-socket.ts';

const server = useServer();
const production = useServer({ config: { production: true, allowedOrigins: ['https://show.example'] } });

const sockets: RawSocket[] = [];
const keep = async (opening: Promise<RawSocket>): Promise<RawSocket> => {
  const socket = await opening;
  sockets.push(socket);
  return socket;
};
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

const follow = 'subscription { scheduleFeed { __typename } }';
const ask = '{ __typename }';

/** The server counts messages by the second: the next one has begun. */
const nextSecond = async () => {
  const end = performance.now() + 1001;
  await until(() => performance.now() > end, { what: 'the next second' });
};

describe('A socket', () => {
  test(`that does not say connection_init within ${socketLimits.initWithin / 1000} s is closed with 4408`, async () => {
    const socket = await keep(RawSocket.open(server.url));
    const openedAt = performance.now();
    expect(await socket.closed()).toBe(4408);
    expect(performance.now() - openedAt).toBeGreaterThan(socketLimits.initWithin - 500);
  });

  test(`that sends a message of more than ${byteLimits.socketMessage / 1024} KiB is closed with 1009`, async () => {
    const socket = await keep(RawSocket.connect(server.url));
    const frame = JSON.stringify({ type: MessageType.Subscribe, id: '1', payload: { query: '{ __typename } #' } });
    socket.send(frame.replace('#', `#${'x'.repeat(byteLimits.socketMessage - frame.length)}`));
    expect(await socket.message('1', 'next')).toMatchObject({ payload: { data: { __typename: 'Query' } } });
    socket.send(frame.replace('#', `#${'x'.repeat(byteLimits.socketMessage - frame.length + 1)}`));
    expect(await socket.closed()).toBe(1009);
  });

  test(`that sends more than ${socketLimits.messagesPerSecond} messages a second is closed with 4429`, async () => {
    const socket = await keep(RawSocket.connect(server.url));
    // However they fall into seconds, one has too many.
    for (let id = 0; id < 2 * socketLimits.messagesPerSecond + 1; id++) socket.subscribe(`${id}`, ask);
    expect(await socket.closed()).toBe(4429);
  });

  test('is told that an id is too long, and closed with 4400 for a ping too deep to be answered', async () => {
    const socket = await keep(RawSocket.connect(server.url));
    const long = 'i'.repeat(socketLimits.operationId + 1);
    socket.subscribe(long, ask);
    expect(await socket.message(long, 'error')).toMatchObject({
      payload: [{ extensions: { code: 'LIMIT_EXCEEDED' } }],
    });
    socket.subscribe(long.slice(1), ask);
    expect(await socket.message(long.slice(1), 'next')).toMatchObject({ payload: { data: { __typename: 'Query' } } });
    const levels = 10_000;
    socket.send(`{"type":"ping","payload":${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}}`);
    expect(await socket.closed()).toBe(4400);
  });

  test(`runs ${socketLimits.operations} operations, refuses one more, and takes it when another has ended`, async () => {
    const socket = await keep(RawSocket.connect(server.url));
    for (let id = 1; id <= socketLimits.operations; id++) {
      if (id % 30 === 1) await nextSecond();
      socket.subscribe(`${id}`, follow);
    }
    await nextSecond();
    socket.subscribe('more', ask);
    expect(await socket.message('more', 'error')).toMatchObject({
      payload: [{ extensions: { code: 'LIMIT_EXCEEDED' } }],
    });
    socket.send({ type: MessageType.Complete, id: '1' });
    socket.subscribe('again', ask);
    expect(await socket.message('again', 'next')).toMatchObject({ payload: { data: { __typename: 'Query' } } });
    expect(socket.received.filter(({ type }) => type === 'error')).toHaveLength(1);
  });

  test.each([
    ['garbage', 'not json', 4400],
    ['an unknown message', '{"type":"launch"}', 4400],
    ['a subscription without a document', '{"type":"subscribe","id":"1","payload":{}}', 4400],
    ['binary data', Buffer.from([1, 2, 3]), 1003],
    ['a second connection_init', '{"type":"connection_init"}', 4429],
  ])('that sends %s is closed', async (_what, message, code) => {
    const socket = await keep(RawSocket.connect(server.url));
    socket.send(message);
    expect(await socket.closed()).toBe(code);
  });

  test('that subscribes before connection_init is closed with 4401', async () => {
    const socket = await keep(RawSocket.open(server.url));
    socket.subscribe('1', ask);
    expect(await socket.closed()).toBe(4401);
  });

  test('that uses one id twice is closed with 4409', async () => {
    const socket = await keep(RawSocket.connect(server.url));
    socket.subscribe('1', follow);
    socket.subscribe('1', follow);
    expect(await socket.closed()).toBe(4409);
  });

  test('that speaks another subprotocol is closed', async () => {
    const socket = await keep(RawSocket.open(server.url, { protocol: 'graphql-ws' }));
    await until(() => !socket.isOpen, { what: 'the socket to close' });
    expect(socket.isAcknowledged).toBe(false);
  });
});

describe('A user', () => {
  test(`has ${socketLimits.perUser} sockets at once and no more; others have theirs`, async () => {
    const user = await server.signUp();
    const token = user.signedIn.accessToken;
    const enters = async () => (await keep(RawSocket.connect(server.url, token))).isAcknowledged;
    for (let index = 0; index < socketLimits.perUser; index++) expect(await enters()).toBe(true);
    expect(await (await keep(RawSocket.connect(server.url, token))).closed()).toBe(4429);
    const other = await server.signUp();
    expect((await keep(RawSocket.connect(server.url, other.signedIn.accessToken))).isAcknowledged).toBe(true);

    sockets[0]?.close();
    await until(enters, { what: 'a place for another socket' });
  });
});

describe('An address', () => {
  const server = useServer({ config: { socketsPerAddress: 3, trustProxy: true } });
  const openFrom = async (address: string) =>
    (await keep(RawSocket.open(server.url, { headers: { 'x-forwarded-for': address } }))).refusedWith;

  test('has as many sockets at once as it may, is answered 429 for one more, and gets the place of one that has gone', async () => {
    for (let index = 0; index < 3; index++) expect(await openFrom('203.0.113.1')).toBeNull();
    expect(await openFrom('203.0.113.1')).toBe(429);
    expect(await openFrom('203.0.113.2')).toBeNull();

    sockets[0]?.close();
    const enters = async () => (await openFrom('203.0.113.1')) === null;
    await until(enters, { what: 'a place for another socket' });
    expect(await openFrom('203.0.113.1')).toBe(429);
  });

  test('is the same whatever port the proxy writes behind it', async () => {
    for (const port of [1, 2, 3]) expect(await openFrom(`203.0.113.9:${port}`)).toBeNull();
    expect(await openFrom('203.0.113.9')).toBe(429);
    for (const port of [1, 2, 3]) expect(await openFrom(`[2001:db8:9::1]:${port}`)).toBeNull();
    expect(await openFrom('2001:db8:9::1')).toBe(429);
  });

  test('of IPv6 is its /64', async () => {
    for (let index = 1; index <= 3; index++) expect(await openFrom(`2001:db8::${index}`)).toBeNull();
    expect(await openFrom('2001:db8::ffff')).toBe(429);
    expect(await openFrom('2001:db8:0:1::1')).toBeNull();
  });
});

describe('An upgrade', () => {
  const open = async (url: string, origin?: string) => (await keep(RawSocket.open(url, { origin }))).refusedWith;

  test('from a foreign page is refused', async () => {
    expect(await open(server.url, 'https://evil.example')).toBe(403);
    expect(await open(server.url, 'null')).toBe(403);
    expect(await open(production.url, 'https://evil.example')).toBe(403);
    expect(await open(production.url, 'https://show.example.evil.example')).toBe(403);
    expect(await open(production.url, 'http://localhost:3000')).toBe(403);
  });

  test("from a program, an allowed page, or the server's own is taken", async () => {
    expect(await open(server.url)).toBeNull();
    expect(await open(server.url, 'http://localhost:3000')).toBeNull();
    expect(await open(production.url)).toBeNull();
    expect(await open(production.url, 'https://show.example')).toBeNull();
    expect(await open(production.url, production.url)).toBeNull();
  });

  test('anywhere else than at /graphql is refused', async () => {
    expect((await keep(RawSocket.open(server.url, { path: '/elsewhere' }))).refusedWith).toBe(404);
  });

  test('that is refused and reset by its client at once leaves the server as it was', async () => {
    const { hostname, port } = new URL(server.url);
    const upgrade = `GET /elsewhere HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
    for (let index = 0; index < 100; index++) {
      const socket = connect(Number(port), hostname);
      await once(socket, 'connect');
      socket.write(upgrade);
      if (index % 2 === 0) socket.resetAndDestroy();
      else {
        socket.once('data', () => socket.resetAndDestroy());
        await once(socket, 'close');
      }
    }
    expect((await server.guest.post(ask)).data).toEqual({ __typename: 'Query' });
  });

  test('that is refused does not keep its half of the connection', async () => {
    const { hostname, port } = new URL(server.url);
    const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    socket.on('error', () => {});
    socket.write(`GET /elsewhere HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
    await once(socket.resume(), 'end');
    const letGo = () =>
      new Promise<boolean>((resolve) => {
        socket.write('x', (error) => resolve(error != null));
      });
    await until(letGo, { what: 'the server to have let go' });
    socket.destroy();
  });
});

describe('CORS', () => {
  const preflight = async (url: string, origin: string) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' },
    });
    return response.headers.get('access-control-allow-origin');
  };

  test('allows the origins that upgrades are allowed from', async () => {
    expect(await preflight(server.url, 'http://localhost:3000')).toBe('http://localhost:3000');
    expect(await preflight(production.url, 'https://show.example')).toBe('https://show.example');
    expect(await preflight(server.url, 'https://evil.example')).toBeNull();
    expect(await preflight(production.url, 'https://evil.example')).toBeNull();
    expect(await preflight(production.url, 'http://localhost:3000')).toBeNull();
  });
});

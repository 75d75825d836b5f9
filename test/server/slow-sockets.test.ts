import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { createSlowSockets } from '../../src/server/slow-sockets.ts';
import { until } from '../wait.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A connection watched at its one end, and its other end. */
async function watched(limitMs: number) {
  const server: Server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  client.pause();
  const [socket] = await accepted;
  const state = { socket, client, givenUp: false, counted: 0 };
  const slowSockets = createSlowSockets({ limitMs, onGiveUp: () => state.counted++ });
  slowSockets.watch(socket, () => {
    state.givenUp = true;
  });
  closing.push(
    () => slowSockets.close(),
    () => client.destroy(),
    () => socket.destroy(),
    () => server.close(),
  );
  return state;
}

const size = 32 * 1024 * 1024;

test('who reads one large message slowly is not given up, however long it takes', async () => {
  const state = await watched(200);
  state.socket.write(Buffer.alloc(size));
  const startedAt = performance.now();
  // A chunk now and then, for far longer than the limit; then the rest.
  await until(
    () => {
      state.client.read();
      return performance.now() - startedAt > 1500;
    },
    { what: 'a slow reader to have read for a while' },
  );
  expect({ unsent: state.socket.writableLength > 0, givenUp: state.givenUp }).toEqual({ unsent: true, givenUp: false });
  let rest = 0;
  state.client.on('data', (chunk) => {
    rest += chunk.length;
  });
  state.client.resume();
  await until(() => state.socket.writableLength === 0, { what: 'all to be taken' });
  expect(rest).toBeGreaterThan(0);
  expect(state.givenUp).toBe(false);
});

test('who takes nothing is given up, with as little unsent as a subscription leaves', async () => {
  const state = await watched(200);
  // The kernel's buffers first; what they do not take is held in small pieces.
  for (let piece = 0; piece < size / 16_384 && state.socket.writableLength < 16_384; piece++) {
    state.socket.write(Buffer.alloc(16_384));
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => state.givenUp, { what: 'the connection to be given up' });
  expect(state.socket.writableLength).toBeGreaterThan(0);
  expect(state.counted).toBe(1);
});

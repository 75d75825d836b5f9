import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { answer } from '../test/child.ts';
import { FrameReader } from './frames.ts';

// Many subscribers in one process that costs as little as it can: it must not be what limits the server. Every tenth looks into
// what it gets, for the time it was sent at.

const init = JSON.stringify({ type: 'connection_init' });
const stamp = '"occurredAt":"';
let deliveries = 0;
let delays: number[] = [];
const sockets: Socket[] = [];

function arrived(message: Buffer, place: number): void {
  if (!message.includes('"type":"next"')) {
    if (message.includes('"type":"error"') || message.includes('"type":"complete"')) throw new Error(String(message));
    return;
  }
  count(message, place);
}

function count(message: Buffer, place: number): void {
  deliveries++;
  if (place % 10 !== 0) return;
  const start = message.indexOf(stamp) + stamp.length;
  const occurredAt = Date.parse(message.toString('latin1', start, start + '2000-01-01T00:00:00.000Z'.length));
  delays.push(performance.timeOrigin + performance.now() - occurredAt);
}

interface Wanted {
  url: string;
  count: number;
  query: string;
  variables: object;
}

/** Resolves when the subscription was sent and the server has acknowledged the connection. */
async function subscribe({ url, query, variables }: Wanted, place: number): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), noDelay: true });
  sockets.push(socket);
  await once(socket, 'connect');
  socket.write(
    `GET /graphql HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n',
  );
  await new Promise<void>((resolve, reject) => {
    const reader = new FrameReader({
      onUpgrade: () => socket.write(FrameReader.text(init)),
      onPing: (data) => socket.write(FrameReader.pong(data)),
      onMessage: (message) => {
        if (!message.includes('"connection_ack"')) return arrived(message, place);
        const id = crypto.randomUUID();
        socket.write(FrameReader.text(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } })));
        resolve();
      },
    });
    socket.on('data', (data) => reader.take(data));
    socket.once('close', () => reject(new Error(`connection ${place} was closed`)));
    socket.once('error', reject);
  });
}

answer({
  subscribe: async (wanted: Wanted) => {
    for (let first = 0; first < wanted.count; first += 50) {
      const some = Math.min(50, wanted.count - first);
      await Promise.all(Array.from({ length: some }, (_, place) => subscribe(wanted, first + place)));
    }
  },
  /** All at once, as after the loss of an instance. */
  storm: (wanted: Wanted) =>
    Promise.all(Array.from({ length: wanted.count }, (_, place) => subscribe(wanted, place))).then(() => undefined),
  /** Without a goodbye. */
  leave: () => {
    for (const socket of sockets.splice(0)) socket.removeAllListeners('close').resetAndDestroy();
  },
  begin: () => {
    deliveries = 0;
    delays = [];
  },
  deliveries: () => deliveries,
  delays: () => {
    delays.sort((a, b) => a - b);
    const at = (part: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * part))] ?? 0;
    return { p50: at(0.5), p99: at(0.99) };
  },
});

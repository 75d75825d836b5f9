import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { afterEach } from 'vitest';

const open: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** Keeps a server until the end of the test. Returns its port. */
export async function listening(onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onSocket(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/**
 * The server at `url` with one thing about it changed on the wire: what `from` matches in its answers becomes `to`, which must
 * be as long. So that what no machine has at hand (an older version, another clock) can be met as the real protocol tells it.
 */
export async function lying(url: string, from: RegExp, to: (match: string) => string): Promise<string> {
  const { hostname, port } = new URL(url);
  const proxy = await listening((client) => {
    const server = connect(Number(port), hostname);
    server.on('error', () => client.destroy());
    server.on('close', () => client.destroy());
    client.on('close', () => server.destroy());
    client.pipe(server);
    server.on('data', (data) => client.write(Buffer.from(data.toString('latin1').replace(from, to), 'latin1')));
  });
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(proxy);
  return through.href;
}

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createSlowSockets } from '../../src/server/slow-sockets.ts';
import { until } from '../wait.ts';

test('a client that does not take what it is sent is given up and counted; one that has nothing to take is not', async () => {
  let counted = 0;
  const slowSockets = createSlowSockets({ limitMs: 100, onGiveUp: () => counted++ });
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const givenUp: Socket[] = [];
  const accepted = async (): Promise<{ client: Socket; socket: Socket }> => {
    const client = connect(port, '127.0.0.1');
    client.pause();
    client.on('error', () => {});
    const [socket]: Socket[] = await once(server, 'connection');
    if (socket === undefined) throw new Error('a connection without a socket');
    slowSockets.watch(socket, () => {
      givenUp.push(socket);
      socket.destroy();
    });
    return { client, socket };
  };
  const quiet = await accepted();
  const blocked = await accepted();
  // More than the kernel takes for a client that does not read.
  blocked.socket.write(Buffer.alloc(64 * 1024 * 1024));
  await until(() => givenUp.length > 0, { what: 'a connection to be given up' });
  expect(givenUp).toEqual([blocked.socket]);
  expect(counted).toBe(1);
  expect(quiet.socket.destroyed).toBe(false);
  for (const { client, socket } of [quiet, blocked]) {
    client.destroy();
    socket.destroy();
  }
  slowSockets.close();
  server.close();
});

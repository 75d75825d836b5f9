import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/client.ts';
import { testLog } from '../harness.ts';

/** A message of PostgreSQL's protocol, version 3: its type, its length, its body. */
function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

const authenticated = message('R', Buffer.alloc(4));
const ready = message('Z', Buffer.from('I'));
const shutDown = message(
  'E',
  Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0'),
);

test('a database that goes while a transaction gets its connection fails that transaction, not the process', async () => {
  const sockets: Socket[] = [];
  const going = createServer((socket) => {
    sockets.push(socket);
    // All in one packet, as a server writes it that is stopped at that moment: whoever waits for the connection has not got it yet.
    socket.once('data', () => socket.end(Buffer.concat([authenticated, ready, shutDown])));
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(going, 'listening');
  const { port } = going.address() as AddressInfo;
  const database = openDatabase({ url: `postgres://somebody@127.0.0.1:${port}/somewhere`, pool: 1, log: testLog });
  try {
    await expect(database.db.$transaction((tx) => tx.$queryRaw`SELECT 1`)).rejects.toThrow();
    await expect(database.db.$queryRaw`SELECT 1`).rejects.toThrow();
    expect(sockets).toHaveLength(2);
  } finally {
    await database.close();
    for (const socket of sockets) socket.destroy();
    going.close();
  }
});

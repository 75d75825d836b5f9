import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

const server = useServer();

/** Sends this as it stands, in pieces; resolves to the answers' bodies once the server has closed the connection. */
async function say(pieces: readonly string[]): Promise<string[]> {
  const { hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port: Number(port) });
  let text = '';
  let over = false;
  socket.setEncoding('utf8');
  socket.on('data', (data: string) => {
    text += data;
  });
  socket.once('end', () => {
    over = true;
  });
  for (const piece of pieces) await new Promise<void>((sent) => socket.write(piece, () => sent()));
  await until(() => over, { what: 'the end of the connection' });
  return [...text.matchAll(/\{.*?\}\}/g)].map(([body]) => body);
}

const query = '{"query":"{ viewer { id } }"}';
const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n';
const head = `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
const answer = '{"data":{"viewer":null}}';

const request = `${head}${offer}Content-Length: ${query.length}\r\n\r\n${query}`;

test('an offer of HTTP/2 is ignored: the request is answered as it stands, and the connection is closed', async () => {
  expect(await say([request])).toEqual([answer]);
});

test('also when its body comes later, in chunks', async () => {
  const chunked = `${head}${offer}Transfer-Encoding: chunked\r\n\r\n`;
  expect(await say([chunked, `${query.length.toString(16)}\r\n${query}\r\n`, '0\r\n\r\n'])).toEqual([answer]);
});

test('whoever does not wait for the answer to an offer is closed, and hurts nobody', async () => {
  expect((await say([request.repeat(50)])).length).toBeLessThanOrEqual(1);
  expect(await say([request])).toEqual([answer]);
});

test('who offers and is gone leaves nothing behind', async () => {
  const { hostname, port } = new URL(server.url);
  for (let round = 0; round < 100; round++) {
    const socket = connect({ host: hostname, port: Number(port) });
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    const part = request.slice(0, request.length - (round % 2) * 10);
    socket.write(part, () => socket.resetAndDestroy());
    await closed;
  }
  expect(await say([request])).toEqual([answer]);
});

import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { scrape, total } from '../server/scrape.ts';
import { until } from '../wait.ts';
import { useTarget } from './target.ts';

// Of what follows, kept until it is answered, a fraction fills this heap.
const target = useTarget({ NODE_OPTIONS: '--max-old-space-size=256', METRICS: 'true' });

const sockets: Socket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

interface Ahead {
  text: string;
  isOver: boolean;
}

/** Sends all of this on a new connection, waiting for no answer. */
function sendAhead(requests: string): Ahead {
  const { hostname, port } = new URL(target.url);
  const ahead: Ahead = { text: '', isOver: false };
  const socket = connect(Number(port), hostname).setEncoding('utf8');
  sockets.push(socket);
  socket.on('data', (part) => {
    ahead.text += part;
  });
  // Reset while it still sends.
  socket.on('error', () => {});
  socket.on('close', () => {
    ahead.isOver = true;
  });
  socket.write(requests);
  return ahead;
}

const get = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n`;
const query = (text: string): string => get(`/graphql?query=${encodeURIComponent(text)}`);

const subscription = () => {
  const text = `subscription { leaderboard(eventId: "${target.eventId}") { __typename } }`;
  return get(`/graphql?query=${encodeURIComponent(text)}`, 'Accept: text/event-stream\r\n');
};

test('a few requests sent ahead are answered, in their order', async () => {
  const body = '{"query":"{ second: __typename }"}';
  const post = `POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const last = get('/health', 'Connection: close\r\n');
  const ahead = sendAhead(`${query('{ first: __typename }')}${post}${body}${query('{ third: __typename }')}${last}`);
  await until(() => ahead.isOver, { what: 'the end of the connection' });
  expect(ahead.text.match(/first|second|third|"ok"/g)).toEqual(['first', 'second', 'third', '"ok"']);
});

test('who sends many ahead is cut off', async () => {
  const ahead = sendAhead(query('{ __typename }').repeat(1000));
  await until(() => ahead.isOver, { what: 'the end of the connection' });
  expect(ahead.text.match(/HTTP\/1\.1 200/g)?.length ?? 0).toBeLessThanOrEqual(1);
  await target.bystanderHears();
});

test('hundreds who never stop sending neither fill the memory nor disturb anybody', async () => {
  const many = Array.from({ length: 400 }, () => sendAhead(query('{ __typename }').repeat(2000)));
  await until(() => many.every(({ isOver }) => isOver), { what: 'the end of all connections' });
  await target.bystanderHears();
});

const subscriptions = async () => total(await scrape(target.url), 'ovation_subscriptions', { transport: 'sse' });

test('subscriptions sent behind one that goes on begin no more than it, and end with their connection', async () => {
  const ahead = sendAhead(subscription().repeat(5));
  await until(() => ahead.text.includes('LiveLeaderboard'), { what: 'the first of them' });
  await target.bystanderHears();
  expect(await subscriptions()).toBe(1);
  for (const socket of sockets) socket.destroy();
  await until(async () => (await subscriptions()) === 0, { what: 'their end' });
});

test('a subscription sent behind an answer that ends the connection is not begun', async () => {
  const offer = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n';
  for (const last of [get('/health', offer), get('/health', 'Connection: close\r\n')]) {
    const ahead = sendAhead(`${last}${subscription().repeat(3)}`);
    await until(() => ahead.isOver, { what: 'the end of the connection' });
  }
  await target.bystanderHears();
  expect(await subscriptions()).toBe(0);
});

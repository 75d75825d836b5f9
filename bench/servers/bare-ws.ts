import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { answer, memory, usage } from '../../test/child.ts';
import { follow } from './message.ts';

// What no server can do without: one JSON.stringify a message, one `send` a message and socket. No GraphQL, no log, no cursors;
// every subscriber has the same operation id.
const http = createServer();
const sockets = new WebSocketServer({ server: http });
let id = '';
sockets.on('connection', (socket) => {
  socket.on('message', (data) => {
    const message = JSON.parse(String(data));
    if (message.type === 'connection_init') socket.send('{"type":"connection_ack"}');
    if (message.type === 'subscribe') id = message.id;
  });
});
await once(http.listen(0, '127.0.0.1'), 'listening');
answer({
  url: () => `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
  usage,
  memory,
  follow: (feed: string) =>
    follow(feed, (videoEventFeed) => {
      const text = JSON.stringify({ id, type: 'next', payload: { data: { videoEventFeed } } });
      for (const socket of sockets.clients) socket.send(text);
    }),
});

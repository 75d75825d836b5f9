import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { answer, memory, usage } from '../../test/child.ts';
import { schemaText } from './message.ts';

// A GraphQL subscription with nothing behind it: graphql-ws, graphql-js and an iterator that yields nothing.
const idle = () => {
  let end: (result: IteratorResult<never, undefined>) => void;
  const done = { done: true, value: undefined } as const;
  return {
    next: () =>
      new Promise<IteratorResult<never, undefined>>((resolve) => {
        end = resolve;
      }),
    return: async () => {
      end(done);
      return done;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};
const http = createServer();
useServer(
  { schema: buildSchema(schemaText), roots: { subscription: { videoEventFeed: idle } } },
  new WebSocketServer({ server: http, path: '/graphql' }),
);
await once(http.listen(0, '127.0.0.1'), 'listening');
answer({ url: () => `http://127.0.0.1:${(http.address() as AddressInfo).port}`, usage, memory });

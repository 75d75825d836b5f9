import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSchema, createYoga } from 'graphql-yoga';
import { answer } from '../../test/child.ts';

// A Yoga that takes a message and says so, and does nothing with it: what this machine gives anybody at this minute.
const yoga = createYoga({
  schema: createSchema({
    typeDefs: `
      input SendMessageInput { eventId: ID!, text: String! }
      type Message { id: ID!, sequence: Int! }
      type SendMessagePayload { sentMessage: Message! }
      interface Error { code: String!, message: String! }
      type SomeError implements Error { code: String!, message: String! }
      union SendMessageResult = SendMessagePayload | SomeError
      type Mutation { sendMessage(input: SendMessageInput!): SendMessageResult! }
      type Query { ok: Boolean! }`,
    resolvers: {
      Mutation: {
        sendMessage: () => ({ __typename: 'SendMessagePayload', sentMessage: { id: 'a message', sequence: 1 } }),
      },
    },
  }),
  logging: false,
});
const http = createServer(yoga);
await once(http.listen(0, '127.0.0.1'), 'listening');
answer({ url: () => `http://127.0.0.1:${(http.address() as AddressInfo).port}` });

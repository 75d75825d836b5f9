import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ExecutionArgs } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { createPubSub, createSchema, createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { answer, memory, usage } from '../../test/child.ts';
import { follow, schemaText } from './message.ts';

// GraphQL subscriptions as Yoga's documentation sets them up: graphql-ws' useServer, Yoga's pub/sub, one execution a subscriber.
const pubSub = createPubSub<{ item: [object] }>();
const yoga = createYoga({
  schema: createSchema({
    typeDefs: schemaText,
    resolvers: {
      Subscription: {
        videoEventFeed: { subscribe: () => pubSub.subscribe('item'), resolve: (item: object) => item },
      },
    },
  }),
  logging: false,
});
const http = createServer(yoga);
useServer(
  {
    execute: (args: ExecutionArgs) => Object(args.rootValue).execute(args),
    subscribe: (args: ExecutionArgs) => Object(args.rootValue).subscribe(args),
    onSubscribe: async (ctx, _id, params) => {
      const { schema, execute, subscribe, contextFactory, parse, validate } = yoga.getEnveloped({
        ...ctx,
        req: ctx.extra.request,
        socket: ctx.extra.socket,
        params,
      });
      const document = parse(params.query);
      const errors = validate(schema, document);
      if (errors.length > 0) return errors;
      return {
        schema,
        operationName: params.operationName,
        document,
        variableValues: params.variables,
        contextValue: await contextFactory(),
        rootValue: { execute, subscribe },
      };
    },
  },
  new WebSocketServer({ server: http, path: yoga.graphqlEndpoint }),
);
await once(http.listen(0, '127.0.0.1'), 'listening');
answer({
  url: () => `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
  usage,
  memory,
  follow: (feed: string) => follow(feed, (item) => pubSub.publish('item', item)),
});

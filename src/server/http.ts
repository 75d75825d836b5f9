import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { bearerToken } from '../auth/bearer.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Config } from '../config.ts';
import { clientOf } from './client.ts';
import type { GraphQLServer } from './graphql.ts';
import type { Readiness } from './health.ts';
import type { BeginOperation } from './operations.ts';
import { requestIdOf } from './request-id.ts';
import type { SlowSockets } from './slow-sockets.ts';

export interface HttpDeps {
  config: Config;
  graphql: GraphQLServer;
  authenticate: (token: string | null) => Promise<Viewer | null>;
  ready: () => Promise<Readiness>;
  jwks: () => object;
  slowSockets: SlowSockets;
  begin: BeginOperation;
  /** Answers /metrics. Null: there is no such page. */
  metricsPage: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | null;
}

/** The HTTP side: GraphQL at /graphql (POST, GET, SSE), /health, /ready, /metrics and the public keys. */
export function createHttpServer(deps: HttpDeps): Server {
  const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
    // A server that closes waits for what runs, and not for the connection to be used once more.
    response.once('close', () => {
      if (!server.listening) server.closeIdleConnections();
    });
    route(request, response, deps).catch(() => response.destroy());
  });
  server.on('connection', (socket) => deps.slowSockets.watch(socket, () => socket.destroy()));
  return server;
}

async function route(request: IncomingMessage, response: ServerResponse, deps: HttpDeps): Promise<void> {
  const requestId = requestIdOf(request.headers['x-request-id']);
  response.setHeader('x-request-id', requestId);
  response.setHeader('x-content-type-options', 'nosniff');
  const path = (request.url ?? '/').split('?', 1)[0];
  switch (path) {
    case '/graphql':
      return graphql(request, response, requestId, deps);
    case '/health':
      return json(response, 200, { status: 'ok' });
    case '/ready': {
      const readiness = await deps.ready();
      return json(response, readiness.status === 'unavailable' ? 503 : 200, readiness);
    }
    case '/metrics':
      if (deps.metricsPage === null) return nothingHere(response);
      return deps.metricsPage(request, response);
    case '/.well-known/jwks.json':
      response.setHeader('cache-control', 'public, max-age=300');
      return json(response, 200, deps.jwks());
    case '/':
      response.writeHead(302, { location: '/graphql' }).end();
      return;
    default:
      return nothingHere(response);
  }
}

async function graphql(
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  deps: HttpDeps,
): Promise<void> {
  const operation = deps.begin({ transport: 'http', requestId, carrier: request.headers });
  const sender = {
    client: clientOf(request, deps.config),
    requestId,
    viewer: async () => deps.authenticate(bearerToken(request.headersDistinct.authorization ?? [])),
    watched: false,
    operation,
  };
  try {
    await operation.run(() => deps.graphql(request, response, sender));
  } finally {
    operation.end();
  }
}

function nothingHere(response: ServerResponse): void {
  json(response, 404, { error: 'There is nothing here. The API is at /graphql.' });
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

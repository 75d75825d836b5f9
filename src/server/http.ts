import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { bearerToken } from '../auth/bearer.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import type { Admission } from './admission.ts';
import { clientOf } from './client.ts';
import { type EngagementExport, isExportPath } from './engagement-export.ts';
import type { GraphiqlPage } from './graphiql.ts';
import type { GraphQLServer } from './graphql.ts';
import type { Readiness } from './health.ts';
import { createJsonBodies, type JsonBodies } from './json-bodies.ts';
import { requestTimes } from './limits.ts';
import type { BeginOperation } from './operations.ts';
import { answerOrigin } from './origins.ts';
import { Pipelining } from './pipelining.ts';
import { refuse } from './refusals.ts';
import { requestIdOf } from './request-id.ts';
import { checkRequestLine } from './request-line.ts';
import type { SlowSockets } from './slow-sockets.ts';

export interface HttpDeps {
  config: Config;
  log: Log;
  admission: Admission;
  graphql: GraphQLServer;
  /** Null: there is none. */
  graphiqlPage: GraphiqlPage | null;
  authenticate: (token: string | null) => Promise<Viewer | null>;
  ready: () => Promise<Readiness>;
  jwks: () => object;
  slowSockets: SlowSockets;
  /** Nobody is to send another request on a connection that there is. */
  isLeaving: () => boolean;
  begin: BeginOperation;
  engagementExport: EngagementExport;
  /** Answers /metrics. Null: there is no such page. */
  metricsPage: ((request: IncomingMessage, response: ServerResponse) => Promise<void>) | null;
}

/** What a connection gets to send its first request when the server closes, in ms. It may be on its way. */
const firstWordMs = 1000;

export interface HttpSide {
  readonly server: Server;
  /** Takes no connection any more. Resolves when what runs is over, or was cut off after `withinMs`. */
  close(withinMs: number): Promise<void>;
}

/** The HTTP side: GraphQL at /graphql (POST, GET, SSE), /health, /ready, /metrics, the public keys, and exports under /events. */
export function createHttpSide(deps: HttpDeps): HttpSide {
  /** Connections on which nothing was asked yet. Node waits for their first request as for one that runs. */
  const silent = new Set<Socket>();
  const bodies = createJsonBodies();
  const pipelining = new Pipelining();
  const server = createServer(
    {
      keepAliveTimeout: 65_000,
      headersTimeout: requestTimes.headers,
      requestTimeout: requestTimes.whole,
      connectionsCheckingInterval: requestTimes.lookedAtEvery,
    },
    (request, response) => {
      // A server that closes waits for what runs, and not for the connection to be used once more.
      response.once('close', () => {
        if (!server.listening) server.closeIdleConnections();
      });
      silent.delete(request.socket);
      pipelining.next(request.socket, response, () => {
        if (deps.isLeaving()) response.setHeader('connection', 'close');
        route(request, response, { ...deps, bodies }).catch(() => response.destroy());
      });
    },
  );
  server.on('connection', (socket: Socket) => {
    deps.slowSockets.watch(socket, () => socket.destroy());
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  server.on('upgrade', ({ socket }) => silent.delete(socket));

  return {
    server,
    async close(withinMs) {
      const mercy = setTimeout(() => server.closeAllConnections(), withinMs);
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      const listened = setTimeout(() => {
        for (const socket of silent) socket.destroy();
      }, firstWordMs);
      await closed;
      clearTimeout(listened);
      clearTimeout(mercy);
    },
  };
}

/** On everything that is served. The page for people has a policy of its own. */
const securityHeaders = new Map([
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['referrer-policy', 'no-referrer'],
]);

type Deps = HttpDeps & { bodies: JsonBodies };

async function route(request: IncomingMessage, response: ServerResponse, deps: Deps): Promise<void> {
  const requestId = requestIdOf(request.headers['x-request-id']);
  response.setHeaders(securityHeaders);
  response.setHeader('x-request-id', requestId);
  const [path = '/'] = (request.url ?? '/').split('?', 1);
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
      if (isExportPath(path)) return deps.engagementExport(request, response, requestId);
      return nothingHere(response);
  }
}

async function graphql(
  request: IncomingMessage,
  response: ServerResponse,
  requestId: string,
  deps: Deps,
): Promise<void> {
  const client = clientOf(request, deps.config);
  // Hundreds may arrive at once: until then only their headers were read.
  await deps.admission.turn(client);
  if (response.closed) return;
  response.setHeader('cache-control', 'no-store');
  if (answerOrigin(request, response, deps.config)) return;
  if (deps.graphiqlPage !== null && asksForPage(request)) return deps.graphiqlPage(response);
  let leave = () => {};
  const operation = deps.begin({ transport: 'http', requestId, carrier: request.headers, onEnd: () => leave() });
  const sender = {
    client,
    requestId,
    findViewer: async () => deps.authenticate(bearerToken(request.headersDistinct.authorization ?? [])),
    watched: false,
    operation,
  };
  try {
    checkRequestLine(request);
    deps.admission.refuseIfFull(client);
    // What trickles in takes no place.
    const body = request.method === 'POST' ? await deps.bodies.read(request) : undefined;
    leave = await deps.admission.enter(client);
    // Yoga takes it for the body that a framework has read.
    if (body !== undefined) Object.assign(request, { body });
  } catch (error) {
    // Hundreds refused in one go would keep everybody else waiting.
    await deps.admission.turn(client);
    return refuse(request, response, error, { operation, log: deps.log });
  }
  try {
    if (!response.closed) await operation.run(() => deps.graphql(request, response, sender));
  } finally {
    operation.end();
  }
}

/** Browsers name it when somebody opens the address; programs do not. */
const asksForPage = ({ method, headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.accept?.includes('text/html') === true;

function nothingHere(response: ServerResponse): void {
  json(response, 404, { error: 'There is nothing here. The API is at /graphql.' });
}

function json(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

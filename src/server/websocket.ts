import { randomUUID } from 'node:crypto';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ExecutionArgs, GraphQLError, getOperationAST } from 'graphql';
import {
  CloseCode,
  handleProtocols,
  makeServer,
  type Context as SocketContext,
  type SubscribePayload,
} from 'graphql-ws';
import { WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { socketToken } from '../auth/bearer.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Config } from '../config.ts';
import type { Client } from '../context.ts';
import { LimitExceededError } from '../errors.ts';
import { LiveOperation } from '../fanout/live-operation.ts';
import type { OnWrite } from '../fanout/rendered.ts';
import { SocketDelivery } from '../fanout/socket-delivery.ts';
import { SocketOutlet } from '../fanout/socket-outlet.ts';
import type { Log } from '../log.ts';
import type { Admission } from './admission.ts';
import { clientOf } from './client.ts';
import type { GraphQLServer, Sender } from './graphql.ts';
import { byteLimits } from './limits.ts';
import { presentError } from './masking.ts';
import type { BeginOperation, Operation } from './operations.ts';
import { isAllowedUpgrade } from './origins.ts';
import { type PersistedOperations, persistedDocument } from './persisted-operations.ts';
import { createPlaces, type Places } from './places.ts';
import type { SlowSockets } from './slow-sockets.ts';

/** What one socket may do (design §13). */
export const socketLimits = {
  operations: 50,
  messagesPerSecond: 40,
  /** Frames that make up one message. */
  fragments: 64,
  perUser: 20,
  /** Milliseconds. */
  initWithin: 5000,
  pingEvery: 12_000,
  /** Milliseconds that a socket which was closed for what it sent gets to read why. */
  farewell: 1000,
} as const;

/** Close codes beside the protocol's own: RFC 6455's registry, and 4429 for a client that must not simply come back. */
const closeCodes = { restart: 1012, overloaded: 1013, tooMany: 4429 } as const;

export interface WebSocketDeps {
  config: Config;
  log: Log;
  admission: Admission;
  graphql: GraphQLServer;
  /** Null: there are none. */
  persistedOperations: PersistedOperations | null;
  authenticate: (token: string | null) => Promise<Viewer | null>;
  watchSession: (viewer: Viewer, onEnd: (reason: Error) => void) => () => void;
  slowSockets: SlowSockets;
  begin: BeginOperation;
  onWrite?: OnWrite;
  /** Told the close code of every socket that is gone. */
  onClosed?: (code: number) => void;
}

/** What belongs to one open socket. */
interface Extra {
  socket: WebSocket;
  outlet: SocketOutlet;
  client: Client;
  viewer: Viewer | null;
  /** Undone when the socket closes. */
  release: (() => void)[];
}

export interface WebSockets {
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  readonly open: number;
  /** Closes every socket with 1012 and takes no new ones. Resolves when all are gone, or after `withinMs` without mercy. */
  drain(withinMs: number): Promise<void>;
}

/** GraphQL over WebSocket (graphql-transport-ws), through the same pipeline as HTTP. */
export function createWebSockets(deps: WebSocketDeps): WebSockets {
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: byteLimits.socketMessage,
    maxFragments: socketLimits.fragments,
    autoPong: false,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });
  const protocol = createProtocol(deps);
  const ofNetwork = createPlaces(deps.config.socketsPerAddress);
  let draining = false;

  server.on('connection', (socket: WebSocket, request: IncomingMessage) => {
    const outlet = new SocketOutlet(socket, request.socket);
    const extra: Extra = { socket, outlet, client: clientOf(request, deps.config), viewer: null, release: [] };
    socket.on('error', (error) => deps.log.debug({ err: error }, 'a socket broke'));
    extra.release.push(keepAlive(socket));
    const messages = countMessages(socket);
    // Whatever makes the server work is a message.
    socket.on('ping', (data) => {
      if (socket.readyState === WebSocket.OPEN && messages.allowed()) socket.pong(data);
    });
    socket.on('pong', () => messages.allowed());
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => outlet.say(data),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (listener) => {
          socket.on('message', (data, isBinary) => {
            if (socket.readyState !== WebSocket.OPEN || !messages.allowed()) return;
            if (isBinary) return dismiss(socket, 1003, 'Only text messages');
            listener(String(data)).catch((error: unknown) => {
              if (isServersOwn(error)) return dismiss(socket, CloseCode.BadRequest, 'Invalid message received');
              deps.log.error({ err: error }, 'a socket message met a fault');
              socket.close(CloseCode.InternalServerError, 'Internal server error');
            });
          });
        },
      },
      extra,
    );
    const end = (code: number, reason: string) => {
      for (const release of extra.release.splice(0)) release();
      void closed(code, reason);
    };
    socket.once('close', (code, reason) => {
      end(code, String(reason));
      deps.onClosed?.(code);
    });
    // A client that stopped reading: it may come back. It is told so if it reads on before ws gives up the closing handshake (30 s);
    // its operations end now, so that until then it costs no more than what it has not taken yet.
    deps.slowSockets.watch(request.socket, () => {
      socket.close(closeCodes.overloaded, 'Too slow');
      end(closeCodes.overloaded, 'Too slow');
    });
  });

  return {
    upgrade(request, socket, head) {
      const refusal = refuseUpgrade(request, { draining, config: deps.config });
      if (refusal !== null) return refuse(socket, refusal);
      const leave = ofNetwork.take(clientOf(request, deps.config).network);
      // Before the handshake: a flood from one place costs a line each.
      if (leave === null) return refuse(socket, 429);
      socket.once('close', leave);
      server.handleUpgrade(request, socket, head, (opened) => server.emit('connection', opened, request));
    },
    get open() {
      return server.clients.size;
    },
    async drain(withinMs) {
      draining = true;
      const gone = [...server.clients].map(
        (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
      );
      for (const socket of server.clients) socket.close(closeCodes.restart, 'Restarting');
      const mercy = setTimeout(() => {
        for (const socket of server.clients) socket.terminate();
      }, withinMs);
      await Promise.all(gone);
      clearTimeout(mercy);
      server.close();
    },
  };
}

/** Node hands the socket over bare: without these listeners a reset would end the process, and one half closed would stay. */
function refuse(socket: Duplex, status: number): void {
  socket.once('error', () => socket.destroy());
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

/** The HTTP status that an upgrade is refused with; null: it is taken. */
function refuseUpgrade(
  request: IncomingMessage,
  { draining, config }: { draining: boolean; config: Config },
): number | null {
  if (draining) return 503;
  if (request.url?.split('?', 1)[0] !== '/graphql') return 404;
  return isAllowedUpgrade(request, config) ? null : 403;
}

function createProtocol(deps: WebSocketDeps) {
  const ofUser = createPlaces(socketLimits.perUser);
  return makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: socketLimits.initWithin,
    onConnect: (ctx) => connect(ctx, deps, ofUser),
    onSubscribe: (ctx, _id, payload) => prepare(ctx, payload, deps),
    // The pipeline of this operation, as `prepare` left it.
    execute: (args) => {
      const { operation, enveloped } = pipelineOf(args);
      return operation.run(() => enveloped.execute(args));
    },
    subscribe: (args) => {
      const { operation, enveloped } = pipelineOf(args);
      return operation.run(() => enveloped.subscribe(args));
    },
    onOperation: ({ extra: { outlet } }, id, _payload, _args, result) =>
      result instanceof LiveOperation ? new SocketDelivery(result, { id, outlet, onWrite: deps.onWrite }) : undefined,
  });
}

interface Pipeline {
  enveloped: ReturnType<GraphQLServer['getEnveloped']>;
  operation: Operation;
}
const pipelines = new WeakMap<object, Pipeline>();

function pipelineOf(args: ExecutionArgs): Pipeline {
  const pipeline = pipelines.get(Object(args.contextValue));
  if (pipeline === undefined) throw new Error('an operation was executed that was not prepared');
  return pipeline;
}

async function connect(ctx: SocketContext<Record<string, unknown>, Extra>, deps: WebSocketDeps, ofUser: Places) {
  const { extra } = ctx;
  try {
    extra.viewer = await deps.authenticate(socketToken(ctx.connectionParams ?? {}));
  } catch (error) {
    const about = { log: deps.log, suggestions: false, requestId: randomUUID() };
    const { code } = presentError(error, about).extensions;
    if (code === 'UNAUTHENTICATED') extra.socket.close(CloseCode.Unauthorized, 'Unauthorized');
    else if (code === 'UNAVAILABLE') extra.socket.close(closeCodes.overloaded, 'Try again');
    else throw error;
    return;
  }
  const { viewer, socket } = extra;
  if (viewer === null || socket.readyState !== WebSocket.OPEN) return;
  const leave = ofUser.take(viewer.id);
  if (leave === null) {
    socket.close(closeCodes.tooMany, 'Too many sockets');
    return;
  }
  extra.release.push(leave);
  extra.release.push(deps.watchSession(viewer, () => socket.close(CloseCode.Unauthorized, 'Session ended')));
}

const traceContext = z
  .object({ traceparent: z.string().optional().catch(undefined), tracestate: z.string().optional().catch(undefined) })
  .catch({});

/** A socket has no headers for each operation: a trace that it belongs to stands in its `extensions`. */
function prepare(
  ctx: SocketContext<Record<string, unknown>, Extra>,
  payload: SubscribePayload,
  deps: WebSocketDeps,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const carrier = traceContext.parse(payload.extensions ?? {});
  const operation = deps.begin({ transport: 'websocket', requestId: randomUUID(), carrier });
  return operation.run(async () => {
    await deps.admission.turn(ctx.extra.client);
    const prepared = await argsOf(ctx, payload, operation, deps);
    if ('schema' in prepared) return prepared;
    operation.answered(prepared);
    return prepared;
  });
}

/** Parses, validates and gives a context, all within the pipeline; what is wrong becomes the operation's errors. */
async function argsOf(
  { extra, subscriptions }: SocketContext<Record<string, unknown>, Extra>,
  payload: SubscribePayload,
  operation: Operation,
  { graphql, persistedOperations, config, log }: WebSocketDeps,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const { client, viewer } = extra;
  const { requestId } = operation;
  const about = { log, suggestions: !config.production, requestId, userId: viewer?.id };
  try {
    if (Object.keys(subscriptions).length > socketLimits.operations) {
      throw new LimitExceededError(`At most ${socketLimits.operations} operations run on one socket.`);
    }
    const sender: Sender = { client, requestId, viewer: async () => viewer, watched: true, operation };
    const query = persistedDocument(persistedOperations, payload) ?? payload.query;
    const enveloped = graphql.getEnveloped({ ...sender, params: { ...payload, query } });
    const document = enveloped.parse(query);
    const errors = enveloped.validate(enveloped.schema, document);
    if (errors.length > 0) return errors.map((error: unknown) => presentError(error, about));
    if (!getOperationAST(document, payload.operationName)) throw new GraphQLError('Which operation is meant?');
    const contextValue: unknown = await enveloped.contextFactory();
    pipelines.set(Object(contextValue), { enveloped, operation });
    return {
      schema: enveloped.schema,
      document,
      contextValue,
      variableValues: payload.variables,
      operationName: payload.operationName,
    };
  } catch (error) {
    return [presentError(error, about)];
  }
}

/** Ends a socket that misses a ping. Returns what stops the pings. */
function keepAlive(socket: WebSocket): () => void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  const timer = setInterval(() => {
    // A ping that stands behind unsent data cannot be answered yet. Whether those get through is looked at elsewhere.
    if (!answered && socket.bufferedAmount === 0) return socket.terminate();
    if (!answered) return;
    answered = false;
    socket.ping();
  }, socketLimits.pingEvery);
  return () => clearInterval(timer);
}

/** Closes a socket whose client cannot be trusted to close it, too: what it goes on sending is not read. */
function dismiss(socket: WebSocket, code: number, reason: string): void {
  if (socket.readyState !== WebSocket.OPEN) return;
  socket.close(code, reason);
  socket.pause();
  setTimeout(() => socket.terminate(), socketLimits.farewell).unref();
}

/** A message that only servers send. */
const isServersOwn = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Unexpected message of type');

/** Closes a socket that sends more than its share. */
function countMessages(socket: WebSocket): { allowed: () => boolean } {
  let second = 0;
  let count = 0;
  return {
    allowed() {
      const now = Math.floor(performance.now() / 1000);
      if (now !== second) {
        second = now;
        count = 0;
      }
      count++;
      if (count <= socketLimits.messagesPerSecond) return true;
      dismiss(socket, closeCodes.tooMany, 'Too many messages');
      return false;
    },
  };
}

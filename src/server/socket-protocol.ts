import { randomUUID } from 'node:crypto';
import { type ExecutionArgs, GraphQLError, getOperationAST } from 'graphql';
import { CloseCode, makeServer, type Context as SocketContext, type SubscribePayload } from 'graphql-ws';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { socketToken } from '../auth/bearer.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Config } from '../config.ts';
import type { Client } from '../context.ts';
import { LimitExceededError } from '../errors.ts';
import { LiveOperation } from '../fanout/live-operation.ts';
import type { OnWrite } from '../fanout/rendered.ts';
import { SocketDelivery } from '../fanout/socket-delivery.ts';
import type { SocketOutlet } from '../fanout/socket-outlet.ts';
import type { Log } from '../log.ts';
import type { Admission } from './admission.ts';
import type { GraphQLServer, Sender } from './graphql.ts';
import { presentError } from './masking.ts';
import type { BeginOperation, Operation } from './operations.ts';
import { type PersistedOperations, persistedDocument } from './persisted-operations.ts';
import type { OpenPlaces } from './places.ts';
import { closeCodes, socketLimits } from './socket-manners.ts';

export interface SocketProtocolDeps {
  config: Config;
  log: Log;
  admission: Admission;
  graphql: GraphQLServer;
  /** Null: there are none. */
  persistedOperations: PersistedOperations | null;
  places: OpenPlaces;
  authenticate: (token: string | null) => Promise<Viewer | null>;
  watchSession: (viewer: Viewer, onEnd: (reason: Error) => void) => () => void;
  begin: BeginOperation;
  onWrite?: OnWrite;
}

/** What belongs to one open socket. */
export interface Extra {
  socket: WebSocket;
  outlet: SocketOutlet;
  client: Client;
  viewer: Viewer | null;
  /** Undone when the socket closes. */
  release: (() => void)[];
}

/** graphql-transport-ws: the library runs the protocol, and every operation goes through the pipeline that HTTP's go through. */
export function createSocketProtocol(deps: SocketProtocolDeps) {
  return makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: socketLimits.initWithin,
    onConnect: (ctx) => connect(ctx, deps),
    onSubscribe: (ctx, id, payload) => prepare(ctx, { id, payload }, deps),
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

async function connect(ctx: SocketContext<Record<string, unknown>, Extra>, deps: SocketProtocolDeps) {
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
  const leave = deps.places.socketsOf.take(viewer.id);
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
  { id, payload }: { id: string; payload: SubscribePayload },
  deps: SocketProtocolDeps,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const carrier = payload.extensions == null ? {} : traceContext.parse(payload.extensions);
  const operation = deps.begin({ transport: 'websocket', requestId: randomUUID(), carrier });
  return operation.run(async () => {
    const prepared = await argsOf(ctx, { id, payload }, operation, deps);
    if ('schema' in prepared) return prepared;
    operation.answered(prepared);
    return prepared;
  });
}

/** Parses, validates and gives a context, all within the pipeline; what is wrong becomes the operation's errors. */
async function argsOf(
  { extra, subscriptions }: SocketContext<Record<string, unknown>, Extra>,
  { id, payload }: { id: string; payload: SubscribePayload },
  operation: Operation,
  { graphql, admission, persistedOperations, config, log }: SocketProtocolDeps,
): Promise<ExecutionArgs | readonly GraphQLError[]> {
  const { client, viewer } = extra;
  const { requestId } = operation;
  const about = { log, suggestions: !config.production, requestId, userId: viewer?.id };
  try {
    if (Object.keys(subscriptions).length > socketLimits.operations) {
      throw new LimitExceededError(`At most ${socketLimits.operations} operations run on one socket.`);
    }
    // It comes back with everything that the operation is told.
    if (id.length > socketLimits.operationId) {
      throw new LimitExceededError(`An operation's id has at most ${socketLimits.operationId} characters.`);
    }
    await admission.turn(client, payload.query);
    const sender: Sender = { client, requestId, findViewer: async () => viewer, watched: true, operation };
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
    const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
    return errors.map((one) => presentError(one, about));
  }
}

/** A message that only servers send, or whose payload is too deep to be said again. */
export const isSenseless = (error: unknown): boolean =>
  error instanceof Error && (error.message.startsWith('Unexpected message of type') || error instanceof RangeError);

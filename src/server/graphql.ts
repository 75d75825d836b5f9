import type { GraphQLSchema } from 'graphql';
import { NoSchemaIntrospectionCustomRule } from 'graphql';
import { createYoga, isAsyncIterable, type Plugin } from 'graphql-yoga';
import type { Viewer } from '../auth/viewer.ts';
import type { Config } from '../config.ts';
import type { Client, Context } from '../context.ts';
import type { UnauthenticatedError } from '../errors.ts';
import { eventStream } from '../fanout/event-stream.ts';
import type { FanOut } from '../fanout/fan-out.ts';
import { LiveOperation } from '../fanout/live-operation.ts';
import type { OnWrite } from '../fanout/rendered.ts';
import type { Log } from '../log.ts';
import type { Admission } from './admission.ts';
import type { DocumentCache } from './document-cache.ts';
import { useEventStreams } from './event-streams.ts';
import { useDocumentLimits } from './limits.ts';
import { LiveResults } from './live-results.ts';
import { presentError } from './masking.ts';
import type { Operation, Transport } from './operations.ts';
import { type PersistedOperations, usePersistedOperations } from './persisted-operations.ts';
import { type OpenPlaces, takeForStream } from './places.ts';

/** Who sends an operation, and from where. The transport finds out; the rest is the same for all of them. */
export interface Sender {
  client: Client;
  requestId: string;
  /** Resolves to null for a guest. Throws UnauthenticatedError for a token that is not good. */
  findViewer: () => Promise<Viewer | null>;
  /** The transport itself ends the operation together with the viewer's session. */
  watched: boolean;
  /** Is told what becomes of it. */
  operation: Operation;
}

export interface GraphQLDeps {
  schema: GraphQLSchema;
  /** Null: every subscription is executed for itself. */
  fanOut: FanOut | null;
  config: Config;
  log: Log;
  admission: Admission;
  /** Remembers those that were parsed. */
  documents: DocumentCache;
  /** Null: there are none. */
  persistedOperations: PersistedOperations | null;
  places: OpenPlaces;
  /** What a resolver gets besides the sender. */
  capabilities: Omit<Context, 'viewer' | 'client' | 'requestId'>;
  /** Calls back when the viewer's session ends; returns the function that stops watching. */
  watchSession: (viewer: Viewer, onEnd: (reason: UnauthenticatedError) => void) => () => void;
  /** Told of what live operations send, by transport. */
  onWrite?: Record<Transport, OnWrite>;
}

export type GraphQLServer = ReturnType<typeof createGraphQL>;

/** The one pipeline every transport goes through: limits, context, execution, errors fit for clients. */
export function createGraphQL(deps: GraphQLDeps) {
  const { config, documents } = deps;
  return createYoga<Sender, Context>({
    schema: deps.schema,
    logging: false,
    plugins: [
      useContext(deps),
      useTurns(deps),
      usePersistedOperations(deps.persistedOperations),
      useDocumentLimits({ isNew: (text) => documents.isNew(text), suggestions: !config.production }),
      config.production ? useNoIntrospection() : {},
      useFitResults(deps),
      useEventStreams(),
    ],
    // useFitResults does it: Yoga's own masking does not know the request's id.
    maskedErrors: false,
    // Bodies are read, origins judged and the page served before Yoga is asked.
    maxRequestBodySize: false,
    multipart: false,
    batching: false,
    cors: false,
    graphiql: false,
    parserAndValidationCache: { documentCache: documents, errorCache: noErrors },
    landingPage: false,
    healthCheckEndpoint: '/yoga-health-is-not-used',
  });
}

/**
 * Gives an operation's context its viewer, and what the server can do. That is the same for every operation and large: it stands
 * behind the context instead of being copied into each.
 */
function useContext({ capabilities, log, config }: GraphQLDeps): Plugin<Context & Sender, Sender> {
  return {
    async onContextBuilding({ context, extendContext }) {
      const { requestId, operation } = context;
      try {
        const viewer = await context.findViewer();
        operation.userId = viewer?.id ?? null;
        Object.setPrototypeOf(context, capabilities);
        extendContext({ viewer });
      } catch (error) {
        throw presentError(error, { log, requestId, suggestions: !config.production });
      }
    },
  };
}

/**
 * A request had its turn when it was read; a document that nobody sent before has one of its own. Yoga calls no such hook for
 * sockets, whose protocol waits by itself.
 */
function useTurns({ admission, documents }: GraphQLDeps): Plugin<Context & Sender, Sender> {
  return {
    async onParams({ params, context: { client } }) {
      // What is persisted is not the client's, and what is no text is refused next.
      const query: unknown = params?.query;
      if (typeof query === 'string' && documents.isNew(query)) await admission.turn(client, query);
    },
  };
}

/** What is wrong is looked at again: remembered errors would be their sender's to fill memory with. */
const noErrors = { get: () => undefined, set: () => {} };

function useNoIntrospection(): Plugin {
  return {
    onValidate({ addValidationRule }) {
      addValidationRule(NoSchemaIntrospectionCustomRule);
    },
  };
}

/** Makes what an operation yields fit for clients, and ends a subscription together with its viewer's session. */
function useFitResults({
  log,
  config,
  watchSession,
  fanOut,
  places,
  onWrite,
}: GraphQLDeps): Plugin<Context & Sender, Sender> {
  // Yoga wraps what it iterates over; the answer to a request is streamed from what is inside.
  const live = new WeakMap<Request, LiveOperation>();
  const suggestions = !config.production;
  return {
    // Over HTTP: what was refused before there was anything to execute.
    onResultProcess({ request, result, setResult, resultProcessor, setResultProcessor, serverContext: { operation } }) {
      const stream = live.get(request);
      // The client reads event streams: there is a processor for what it accepts.
      if (stream !== undefined && resultProcessor !== undefined) {
        setResultProcessor((_result, fetchApi) => eventStream(stream, fetchApi, onWrite?.http), 'text/event-stream');
      }
      if (isAsyncIterable(result) || Array.isArray(result) || result.errors === undefined) return;
      const { requestId, userId } = operation;
      const errors = result.errors.map((error) => presentError(error, { log, suggestions, requestId, userId }));
      setResult({ ...result, errors });
      operation.answered(errors);
    },
    onExecute({ args }) {
      const { operation } = args.contextValue;
      operation.executes(args.document, args.operationName);
      return {
        onExecuteDone({ result, setResult }) {
          if (isAsyncIterable(result)) return;
          const { requestId, userId } = operation;
          const errors = result.errors?.map((error) => presentError(error, { log, suggestions, requestId, userId }));
          if (errors !== undefined) setResult({ ...result, errors });
          operation.answered(errors);
        },
      };
    },
    onSubscribe({ args, setSubscribeFn }) {
      const { request, viewer, client, operation } = args.contextValue;
      const { requestId, userId, transport } = operation;
      // A socket has its place.
      const leave = transport === 'http' ? takeForStream(places, viewer, client) : () => {};
      const present = (error: unknown) => presentError(error, { log, suggestions, requestId, userId });
      operation.executes(args.document, args.operationName);
      if (fanOut?.serves(args)) setSubscribeFn((args) => fanOut.subscribe(args, { network: client.network, present }));
      return {
        onSubscribeResult({ result, setResult }) {
          if (!isAsyncIterable(result)) {
            leave();
            const errors = result.errors?.map(present);
            if (errors !== undefined) setResult({ ...result, errors });
            operation.answered(errors);
            return;
          }
          operation.answered(undefined);
          const results =
            result instanceof LiveOperation ? result : new LiveResults(result, present, onWrite?.[transport]);
          results.onOver(operation.lives());
          results.onOver(leave);
          if (viewer !== null && !args.contextValue.watched) {
            results.onOver(watchSession(viewer, (reason) => results.end(reason)));
          }
          if (results instanceof LiveOperation && request !== undefined) live.set(request, results);
          setResult(results);
        },
      };
    },
  };
}

import { setTimeout as pause } from 'node:timers/promises';
import type { GraphQLSchema } from 'graphql';
import type { Viewer } from '../auth/viewer.ts';
import type { Config } from '../config.ts';
import type { Capabilities } from '../context.ts';
import { type Db, isReadOnly } from '../db/client.ts';
import { pendingIn } from '../db/migrations.ts';
import type { UnauthenticatedError } from '../errors.ts';
import { createFanOut, type FanOut } from '../fanout/fan-out.ts';
import type { Log } from '../log.ts';
import type { Broker } from '../realtime/broker.ts';
import { createAdmission } from './admission.ts';
import { DocumentCache } from './document-cache.ts';
import { createEngagementExport } from './engagement-export.ts';
import { createGraphiqlPage } from './graphiql.ts';
import { createGraphQL } from './graphql.ts';
import { createReadiness } from './health.ts';
import { createHttpSide } from './http.ts';
import { asksForWebSocket, ignoreUpgrade } from './ignored-upgrade.ts';
import { listen, urlOf } from './listen.ts';
import type { Metrics } from './metrics.ts';
import { createMetricsPage } from './metrics-page.ts';
import { limitMutations } from './mutation-limits.ts';
import { watchMutations } from './mutation-outcomes.ts';
import { createOperations } from './operations.ts';
import type { PersistedOperations } from './persisted-operations.ts';
import { createOpenPlaces } from './places.ts';
import type { RateLimits } from './rate-limits.ts';
import { createSlowSockets } from './slow-sockets.ts';
import { createWebSockets } from './websocket.ts';

export interface FrontDeps {
  config: Config;
  log: Log;
  /** Null: nothing is measured. */
  metrics: Metrics | null;
  schema: GraphQLSchema;
  /** `false`: every subscription is executed for itself. */
  sharedFanOut: boolean;
  /** Null: there are none. */
  persistedOperations: PersistedOperations | null;
  capabilities: Capabilities;
  rateLimits: RateLimits;
  db: Db;
  broker: Broker;
  jwks: () => object;
  authenticate: (token: string | null) => Promise<Viewer | null>;
  watchSession: (viewer: Viewer, onEnd: (reason: UnauthenticatedError) => void) => () => void;
}

/** What clients reach: one pipeline over all transports, and the pages beside it. */
export interface Front {
  /** `http://host:port`, without a path. Of no use before it listens. */
  readonly url: string;
  /** Null: not shared. */
  readonly fanOut: FanOut | null;
  readonly sockets: { readonly open: number };
  /** Resolves when connections are accepted. Throws FindingError where the port cannot be had. */
  listen(): Promise<void>;
  /**
   * Not ready from now on, and no connection is kept for another request; serves everybody all the same. Resolves after the
   * configured delay.
   */
  retire(): Promise<void>;
  /**
   * Nobody new, at once; open sockets get 1012. Resolves when they are gone, or after `withinMs` without mercy, also
   * for what still runs over HTTP.
   */
  leave(withinMs: number): Promise<void>;
  /** Resolves when what runs over HTTP is over. Live streams are ended by their sources, before. */
  close(): Promise<void>;
}

export function createFront(deps: FrontDeps): Front {
  const { config, log, metrics, capabilities, rateLimits, db, broker, persistedOperations } = deps;
  const { authenticate, watchSession } = deps;
  const slowSockets = createSlowSockets({ onGiveUp: metrics?.onSlowSocket });
  const begin = createOperations({ log, onAnswered: metrics?.onAnswered, onLive: metrics?.onLive });
  const schema = watchMutations(limitMutations(deps.schema), metrics?.onMutation);
  const fanOut = deps.sharedFanOut ? createFanOut({ schema, log }) : null;
  const places = createOpenPlaces({ perNetwork: config.socketsPerAddress });
  const documents = new DocumentCache();
  const admission = createAdmission({
    limits: config.httpRequests,
    trustProxy: config.trustProxy,
    isNew: (text) => documents.isNew(text),
  });
  const graphql = createGraphQL({
    schema,
    admission,
    documents,
    persistedOperations,
    places,
    fanOut,
    config,
    log,
    watchSession,
    capabilities: { ...capabilities, rateLimits, loader: db },
    onWrite: metrics?.onWrite,
  });
  let leaving = false;
  const { engagement } = capabilities;
  const http = createHttpSide({
    config,
    log,
    admission,
    graphql,
    graphiqlPage: config.production ? null : createGraphiqlPage({ db }),
    authenticate,
    slowSockets,
    isLeaving: () => leaving,
    jwks: deps.jwks,
    ready: createReadiness({
      pendingMigrations: () => pendingIn(db),
      isReadOnly: () => isReadOnly(db),
      broker,
      isDraining: () => leaving,
    }),
    begin,
    engagementExport: createEngagementExport({
      config,
      log,
      admission,
      authenticate,
      watchSession,
      rateLimits,
      engagement,
      begin,
    }),
    metricsPage:
      metrics === null ? null : createMetricsPage(metrics.registry, { token: config.metrics?.token ?? null }),
  });
  const webSockets = createWebSockets({
    config,
    log,
    admission,
    graphql,
    persistedOperations,
    places,
    authenticate,
    watchSession,
    slowSockets,
    begin,
    onWrite: metrics?.onWrite.websocket,
    onClosed: metrics?.onClosed,
  });
  http.server.on('upgrade', (request, socket, head) => {
    if (asksForWebSocket(request)) webSockets.upgrade(request, socket, head);
    else ignoreUpgrade(http.server, request, socket, head);
  });
  let quiet: Promise<void> = Promise.resolve();

  return {
    get url() {
      return urlOf(http.server.address(), config.host);
    },
    fanOut,
    sockets: webSockets,
    listen: () => listen(http.server, config),
    async retire() {
      leaving = true;
      await pause(config.drainDelayMs);
    },
    leave(withinMs) {
      quiet = http.close(withinMs);
      return webSockets.drain(withinMs);
    },
    async close() {
      http.server.closeIdleConnections();
      await quiet;
      slowSockets.close();
    },
  };
}

import type { Broker } from '../realtime/broker.ts';

export interface Readiness {
  /** `degraded`: serves, but other instances' entries arrive late, or nothing can be written. */
  status: 'ready' | 'degraded' | 'unavailable';
  /** `read-only`: it is a standby, or was told to take nothing. */
  database: 'up' | 'read-only' | 'down';
  /** `pending`: the database lacks some that this version needs. `unknown`: it could not be asked. */
  migrations: 'applied' | 'pending' | 'unknown';
  broker: { kind: Broker['kind']; state: Broker['state'] };
  draining: boolean;
}

export interface ReadinessDeps {
  /** Names of the migrations that the database lacks. Rejects when it cannot be asked. */
  pendingMigrations: () => Promise<readonly string[]>;
  isReadOnly: () => Promise<boolean>;
  broker: Pick<Broker, 'kind' | 'state'>;
  isDraining: () => boolean;
}

/** How long the database may take to answer, in ms. */
const patience = 2000;

type DatabaseState = Pick<Readiness, 'database' | 'migrations'>;
const down: DatabaseState = { database: 'down', migrations: 'unknown' };

/** May this instance get traffic? The database is asked once at a time, however many want to know. */
export function createReadiness(deps: ReadinessDeps): () => Promise<Readiness> {
  const { pendingMigrations, isReadOnly, broker, isDraining } = deps;
  let asking: Promise<DatabaseState> | null = null;

  async function look(): Promise<DatabaseState> {
    const [pending, readOnly] = await Promise.all([pendingMigrations(), isReadOnly()]);
    return { database: readOnly ? 'read-only' : 'up', migrations: pending.length === 0 ? 'applied' : 'pending' };
  }

  return async () => {
    asking ??= Promise.race([look(), tooLate()])
      .catch(() => down)
      .finally(() => {
        asking = null;
      });
    const state = await asking;
    const { kind, state: brokerState } = broker;
    const draining = isDraining();
    const serves = state.migrations === 'applied' && !draining;
    return {
      status: serves ? (brokerState === 'up' && state.database === 'up' ? 'ready' : 'degraded') : 'unavailable',
      ...state,
      broker: { kind, state: brokerState },
      draining,
    };
  };
}

function tooLate(): Promise<DatabaseState> {
  return new Promise((resolve) => setTimeout(() => resolve(down), patience).unref());
}

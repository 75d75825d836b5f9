import type { Broker } from '../realtime/broker.ts';

export interface Readiness {
  /** `degraded`: serves, but other instances' entries arrive late. */
  status: 'ready' | 'degraded' | 'unavailable';
  database: 'up' | 'down';
  broker: { kind: Broker['kind']; state: Broker['state'] };
  draining: boolean;
}

/** May this instance get traffic? Asks the database each time, for at most two seconds. */
export async function readiness(parts: {
  pingDatabase: () => Promise<unknown>;
  broker: Broker;
  draining: boolean;
}): Promise<Readiness> {
  const database = await Promise.race([parts.pingDatabase().then(() => 'up' as const), deadline(2000)]).catch(
    () => 'down' as const,
  );
  const { kind, state } = parts.broker;
  const serves = database === 'up' && !parts.draining;
  return {
    status: serves ? (state === 'up' ? 'ready' : 'degraded') : 'unavailable',
    database,
    broker: { kind, state },
    draining: parts.draining,
  };
}

function deadline(ms: number): Promise<'down'> {
  return new Promise((resolve) => setTimeout(() => resolve('down'), ms).unref());
}

import { afterAll, beforeAll } from 'vitest';
import type { App } from '../../src/app.ts';
import { createDatabase, type TestDatabase } from '../database.ts';
import { startInstance } from '../harness.ts';
import { startProxy, type TcpProxy } from '../proxy.ts';

/** An instance, and the wire to its database, which can be cut. */
export interface WiredInstance {
  readonly database: TestDatabase;
  readonly wire: TcpProxy;
  readonly app: App;
}

/** Starts one before the suite's tests, and drains it behind them, also when a test has. */
export function useWiredInstance(): WiredInstance {
  let running: WiredInstance | null = null;
  const wired = (): WiredInstance => {
    if (running === null) throw new Error('the instance runs while tests do');
    return running;
  };
  beforeAll(async () => {
    const database = await createDatabase();
    const wire = await startProxy(database.url);
    running = { database, wire, app: await startInstance({ databaseUrl: wire.url }) };
  });
  afterAll(async () => {
    const { database, wire, app } = wired();
    await app.drain(1000);
    await wire.close();
    await database.drop();
  });
  return {
    get database() {
      return wired().database;
    },
    get wire() {
      return wired().wire;
    },
    get app() {
      return wired().app;
    },
  };
}

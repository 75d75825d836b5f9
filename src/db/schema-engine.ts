import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { connectWithinMs } from './client.ts';

/** Nothing is left to others: every table and enum in the database is Prisma's to compare. */
export const NO_FILTER = { externalTables: [], externalEnums: [] };

/** The project's prisma folder: seen from src as from dist/src, the nearest one above that holds the schema. */
export function prismaFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'prisma/schema.prisma'))) {
    if (dirname(folder) === folder)
      throw new Error('prisma/schema.prisma is missing: this installation is incomplete.');
    folder = dirname(folder);
  }
  return join(folder, 'prisma');
}

/** prisma/schema.prisma as the engine takes schemas. */
export function schemaFiles(): { path: string; content: string }[] {
  const path = join(prismaFolder(), 'schema.prisma');
  return [{ path, content: readFileSync(path, 'utf8') }];
}

/** The part of it that Node has and its type definitions lack. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, Record<string, unknown>>,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

/**
 * What the engine calls in JavaScript. Its only timer limits the wait for a lock to ten seconds, and is never cleared: it must not keep
 * a process alive that is done.
 */
function engineImports(): Record<string, unknown> {
  const timer = (callback: () => void, ms: number) => setTimeout(callback, ms).unref();
  const imports = Object.entries(glue).map(([name, value]) => [
    name,
    name.startsWith('__wbg_setTimeout') ? timer : value,
  ]);
  return Object.fromEntries(imports);
}

let loading: Promise<void> | null = null;

/** Loads the engine's WebAssembly, once: Prisma's CLI would download a native program instead. */
function loadEngine(): Promise<void> {
  loading ??= (async () => {
    const script = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg');
    const bytes = readFileSync(join(dirname(script), 'schema_engine_bg.wasm'));
    const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': engineImports() });
    // Where the engine reports a bug of its own before it gives up; without this the report is lost in a TypeError.
    const panics = {
      set_message(message: string) {
        throw new Error(message);
      },
    };
    if (!('PRISMA_WASM_PANIC_REGISTRY' in globalThis))
      Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: panics });
    glue.__wbg_set_wasm(instance.exports);
    const start = instance.exports.__wbindgen_start;
    if (typeof start === 'function') start();
  })();
  return loading;
}

/**
 * PostgreSQL's internal one-byte type "char", in which its catalog keeps kinds and actions. @prisma/adapter-pg refuses to read it, and
 * the engine insists on it. So a column of it passes the adapter as an array of it, which no query of the engine's returns, and is
 * given its right type behind it.
 */
const CHAR_OID = 18;
const CHAR_ARRAY_OID = 1002;

/** A pool whose results the adapter can read; see CHAR_OID. */
function readableCatalog(connections: pg.Pool): pg.Pool {
  const query = async (config: pg.QueryArrayConfig) => {
    const result = await connections.query(config);
    // A script of several statements gives no fields to look at.
    for (const field of result.fields ?? []) if (field.dataTypeID === CHAR_OID) field.dataTypeID = CHAR_ARRAY_OID;
    return result;
  };
  return new Proxy(connections, {
    get(pool, name) {
      if (name === 'query') return query;
      const member: unknown = Reflect.get(pool, name);
      return typeof member === 'function' ? member.bind(pool) : member;
    },
  });
}

/** Prisma's adapter, with migration scripts sent whole. */
function engineAdapter(connections: pg.Pool): SqlMigrationAwareDriverAdapterFactory {
  const prismaPg = new PrismaPg(readableCatalog(connections));
  return {
    provider: prismaPg.provider,
    adapterName: prismaPg.adapterName,
    connectToShadowDb: () => prismaPg.connectToShadowDb(),
    async connect() {
      const adapter = await prismaPg.connect();
      return {
        provider: adapter.provider,
        adapterName: adapter.adapterName,
        queryRaw: async (query) => {
          const result = await adapter.queryRaw(query);
          const { CharacterArray, Character } = ColumnTypeEnum;
          return {
            ...result,
            columnTypes: result.columnTypes.map((type) => (type === CharacterArray ? Character : type)),
          };
        },
        executeRaw: (query) => adapter.executeRaw(query),
        // The adapter's own cuts a script at every semicolon, also inside of comments, strings and function bodies. Sent whole it is
        // also one transaction: a migration that fails leaves nothing behind.
        executeScript: async (script) => {
          await adapter.executeRaw({ sql: script, args: [], argTypes: [] });
        },
        startTransaction: (isolationLevel) => adapter.startTransaction(isolationLevel),
        getConnectionInfo: () => adapter.getConnectionInfo(),
        dispose: () => adapter.dispose(),
      };
    },
  };
}

/** Calls `use` with Prisma's schema engine connected to the database, and disconnects it afterwards. */
export async function withSchemaEngine<T>(
  databaseUrl: string,
  use: (engine: glue.SchemaEngine) => Promise<T>,
): Promise<T> {
  await loadEngine();
  // One connection, so that what the engine sets for its session (its own advisory lock) is where it looks for it.
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1, connectionTimeoutMillis: connectWithinMs });
  const adapter = bindMigrationAwareSqlAdapterFactory(engineAdapter(pool));
  try {
    const datamodels = schemaFiles().map(({ path, content }): [string, string] => [path, content]);
    const engine = await glue.SchemaEngine.new({ datamodels }, () => {}, adapter);
    try {
      return await use(engine);
    } finally {
      engine.free();
    }
  } catch (error) {
    // An error that passed through the engine comes back as a number in the adapter's registry.
    const id = error instanceof Error ? /External error id#(\d+)/.exec(error.message)?.[1] : undefined;
    throw (id !== undefined && adapter.errorRegistry.consumeError(Number(id))?.error) || error;
  } finally {
    await pool.end();
  }
}

import { readFile } from 'node:fs/promises';
import type { Plugin } from 'graphql-yoga';
import { z } from 'zod';
import { type Config, ConfigError } from '../config.ts';
import { PersistedOperationNotFoundError, PersistedOperationsOnlyError } from '../errors.ts';

/** Operations that a front end's build wrote down: clients send the hash of one in place of its document. */
export interface PersistedOperations {
  /** The documents, by hash. */
  readonly documents: ReadonlyMap<string, string>;
  /** Nothing else is executed. */
  readonly only: boolean;
}

/** What a client sends of an operation, over whatever transport. */
interface Sent {
  query?: string | null;
  extensions?: unknown;
}

const manifest = z.record(z.string().min(1), z.string().min(1));
const persistedQuery = z.object({ persistedQuery: z.object({ version: z.literal(1), sha256Hash: z.string() }) });

/** Reads the manifest: a JSON object of hash to document, as codegen's `persistedDocuments` writes it. Throws ConfigError. */
export async function loadPersistedOperations(
  configured: Config['persistedOperations'],
): Promise<PersistedOperations | null> {
  if (configured === null) return null;
  return { documents: parse(await read(configured.manifest)), only: configured.only };
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new ConfigError([`PERSISTED_OPERATIONS: ${path} cannot be read (${code})`]);
  }
}

function parse(text: string): ReadonlyMap<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ConfigError(['PERSISTED_OPERATIONS: the manifest is not JSON']);
  }
  const parsed = manifest.safeParse(value);
  if (!parsed.success)
    throw new ConfigError(['PERSISTED_OPERATIONS: the manifest is no object of hashes to documents']);
  return new Map(Object.entries(parsed.data));
}

/**
 * The document that is meant; null: what was sent stands. Throws PersistedOperationNotFoundError, and
 * PersistedOperationsOnlyError for a document where only hashes are taken.
 */
export function persistedDocument(operations: PersistedOperations | null, sent: Sent): string | null {
  if (operations === null) return null;
  const hash = persistedQuery.safeParse(sent.extensions).data?.persistedQuery.sha256Hash;
  if (operations.only && (sent.query || hash === undefined)) throw new PersistedOperationsOnlyError();
  // A client that was told that a hash is unknown sends its document beside it.
  if (sent.query || hash === undefined) return null;
  const document = operations.documents.get(hash);
  if (document === undefined) throw new PersistedOperationNotFoundError();
  return document;
}

/** For requests over HTTP, event streams among them. Yoga calls no such hook for sockets: `websocket.ts` asks by itself. */
export function usePersistedOperations(operations: PersistedOperations | null): Plugin {
  if (operations === null) return {};
  return {
    onParams({ params, setParams }) {
      // What is no operation at all is refused by Yoga, next.
      if (Object(params) !== params) return;
      const query = persistedDocument(operations, params);
      if (query !== null) setParams({ ...params, query });
    },
  };
}

import { z } from 'zod';

/** What the driver adapter says of a failed query. */
const adapterFault = z.object({
  kind: z.string(),
  code: z.string().optional(),
  message: z.string().optional(),
  constraint: z.object({ index: z.string().optional(), fields: z.array(z.string()).optional() }).optional(),
});
type AdapterFault = z.output<typeof adapterFault>;

const carrier = z.looseObject({
  code: z.string().optional(),
  message: z.string().optional(),
  cause: z.unknown().optional(),
  meta: z.looseObject({ driverAdapterError: z.unknown().optional() }).optional().catch(undefined),
});

/** Every fault an error carries, outermost first. Prisma wraps the adapter's error, and raw queries wrap it once more. */
function* layers(error: unknown): Generator<{ code?: string; message?: string; fault: AdapterFault | null }> {
  let current: unknown = error;
  for (let depth = 0; depth < 6 && current !== undefined && current !== null; depth++) {
    const fault = adapterFault.safeParse(current);
    const parsed = carrier.safeParse(current);
    if (!parsed.success) return;
    yield { code: parsed.data.code, message: parsed.data.message, fault: fault.success ? fault.data : null };
    current = parsed.data.meta?.driverAdapterError ?? parsed.data.cause;
  }
}

/** A serialisation failure or a deadlock: the whole transaction may be tried again at once. */
export function isWriteConflict(error: unknown): boolean {
  for (const { code, fault } of layers(error)) {
    if (code === 'P2034' || fault?.kind === 'TransactionWriteConflict') return true;
    if (fault?.code === '40001' || fault?.code === '40P01') return true;
  }
  return false;
}

/** The row broke the unique index of this name. */
export function violatesUnique(error: unknown, index: string): boolean {
  for (const { fault } of layers(error)) {
    if (fault?.kind === 'UniqueConstraintViolation' && fault.constraint?.index === index) return true;
  }
  return false;
}

/** A value could not be read as its column's type: a forged Relay cursor, which no type of the schema could have caught. */
export function isMalformedValue(error: unknown): boolean {
  for (const { code, fault } of layers(error)) {
    if (code === 'P2007' || fault?.kind === 'InvalidInputValue') return true;
  }
  return false;
}

/** The user lacks a right, on a table most likely: what PostgreSQL said of it. Null: that is not what is wrong. */
export function deniedBecause(error: unknown): string | null {
  let said: string | null = null;
  // The innermost says it in PostgreSQL's own words.
  for (const { code, message, fault } of layers(error)) {
    if (code === '42501' || fault?.code === '42501') said = fault?.message ?? message ?? said ?? '42501';
  }
  return said;
}

/** A table does not exist: the database is another one, or was not migrated. */
export function isMissingTable(error: unknown): boolean {
  for (const { code, fault } of layers(error)) {
    if (code === 'P2021' || fault?.kind === 'TableDoesNotExist' || fault?.code === '42P01') return true;
  }
  return false;
}

const unavailableKinds = new Set(['DatabaseNotReachable', 'ConnectionClosed', 'SocketTimeout', 'TooManyConnections']);
// Prisma: unreachable, timed out, connection closed, no connection in the pool, transaction lost.
const unavailableCodes = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2037']);
// Node's socket errors, and PostgreSQL's classes 08 (connection), 57P (shutting down, starting up), 53300 (too many), and 25006: a
// standby that does not lead yet, or no more.
const unavailableStates = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|08...$|57P0.$|53300$|25006$)/;
// pg has no code for these.
const unavailableMessages =
  /connection terminated|timeout exceeded when trying to connect|Connection is closed|query read timeout|not queryable/i;

/** The database could not be asked or its answer was lost: the caller may try again later. */
export function isUnavailable(error: unknown): boolean {
  for (const { code, message, fault } of layers(error)) {
    if (fault !== null && unavailableKinds.has(fault.kind)) return true;
    for (const state of [code, fault?.code]) {
      if (state !== undefined && (unavailableCodes.has(state) || unavailableStates.test(state))) return true;
    }
    if (message !== undefined && unavailableMessages.test(message)) return true;
  }
  return false;
}

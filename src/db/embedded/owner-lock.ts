import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { EmbeddedPostgresError, systemCode } from './error.ts';
import { startOf } from './processes.ts';

const OwnerRecord = z.object({ pid: z.int().positive(), start: z.string() });

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Pid of the live process that wrote `text`; null when it has ended, or `text` is no record. */
function livePid(text: string): number | null {
  try {
    const owner = OwnerRecord.parse(JSON.parse(text));
    return startOf(owner.pid) === owner.start ? owner.pid : null;
  } catch {
    return null;
  }
}

/** Takes a dead owner's lock away, unless it is no longer the lock that was judged. */
function removeStale(lock: string, judged: string): void {
  const aside = `${lock}.${randomUUID()}`;
  try {
    renameSync(lock, aside);
    if (readText(aside) === judged) rmSync(aside, { force: true });
    else renameSync(aside, lock);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/**
 * Makes this process the only one that uses `directory`, until the returned function is called or the process ends: a lock
 * whose owner no longer runs is taken over. Throws EmbeddedPostgresError when a live process holds it.
 */
export function takeOwnerLock(directory: string): () => void {
  const lock = join(directory, 'owner.json');
  const mine = `${lock}.${randomUUID()}`;
  const record = `${JSON.stringify({ pid: process.pid, start: startOf(process.pid) ?? '' })}\n`;
  writeFileSync(mine, record, { mode: 0o644 });
  try {
    while (true) {
      try {
        // A link appears with its content, or not at all: nobody can read a half-written lock.
        linkSync(mine, lock);
        return () => rmSync(lock, { force: true });
      } catch (error) {
        if (systemCode(error) !== 'EEXIST') throw error;
      }
      const held = readText(lock);
      if (held === null) continue;
      const pid = livePid(held);
      if (pid !== null) {
        throw new EmbeddedPostgresError(
          `The data directory ${directory} is in use by another Ovation server (process ${pid}). Stop that one, ` +
            'or give this one its own data with DATA_DIR, or let both use one PostgreSQL with DATABASE_URL.',
        );
      }
      removeStale(lock, held);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

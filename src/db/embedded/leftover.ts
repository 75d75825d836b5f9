import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedPostgresError, systemCode } from './error.ts';
import { isPostgresOf, postgresesOn, shutDown } from './processes.ts';

const CHILDREN_END_WITHIN_MS = 10_000;

/** The lines of a running or dead server's postmaster.pid: pid, data directory, start, port, ..., status. */
export function postmasterFile(cluster: string): string[] | null {
  try {
    return readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Clears what a killed owner left behind: its PostgreSQL, still running, or the pid file of one that is gone. */
export async function clearLeftover(cluster: string, log: (line: string) => void): Promise<void> {
  const pid = Number(postmasterFile(cluster)?.[0]);
  if (!(pid > 0)) return;
  if (isPostgresOf(pid, cluster)) {
    log(`Stopping the PostgreSQL that an earlier server left running (process ${pid}).`);
    await shutDown(pid, () => !isPostgresOf(pid, cluster));
  }
  // The children of a server that was killed end by themselves, after what they are at.
  for (const until = Date.now() + CHILDREN_END_WITHIN_MS; Date.now() < until; await delay(20)) {
    if (postgresesOn(cluster).length === 0) break;
  }
  const [left] = postgresesOn(cluster);
  if (left !== undefined || isPostgresOf(pid, cluster)) {
    throw new EmbeddedPostgresError(
      `A PostgreSQL that an earlier server left running on ${cluster} does not end (process ${left ?? pid}). Kill it and try again.`,
    );
  }
  // The number may belong to another program by now, or to a process that ended and waits for its parent to ask: PostgreSQL
  // would take either for a running server and refuse to start.
  rmSync(join(cluster, 'postmaster.pid'), { force: true });
}

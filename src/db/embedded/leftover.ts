import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedPostgresError, systemCode } from './error.ts';
import { isAlive, isPostgresOf, shutDown } from './processes.ts';

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
  if (!(pid > 0) || !isAlive(pid)) return;
  if (!isPostgresOf(pid, cluster)) {
    // The number belongs to another program by now; PostgreSQL itself cannot tell and would refuse to start.
    rmSync(join(cluster, 'postmaster.pid'), { force: true });
    return;
  }
  log(`Stopping the PostgreSQL that an earlier server left running (process ${pid}).`);
  if (await shutDown(pid, () => !isPostgresOf(pid, cluster))) return;
  throw new EmbeddedPostgresError(
    `A PostgreSQL that an earlier server left running on ${cluster} cannot be stopped (process ${pid}). Stop it and try again.`,
  );
}

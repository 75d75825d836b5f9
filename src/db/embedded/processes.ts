import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemCode } from './error.ts';

/** The fields of Linux' /proc/<pid>/stat from the third (state) on; null when there is no such process. */
function statFields(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold spaces.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}

/** Whether `pid` runs. One that has ended and that its parent has not asked about (in a container often for ever) does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemCode(error) !== 'EPERM') return false;
  }
  return process.platform !== 'linux' || (statFields(pid) ?? ['Z'])[0] !== 'Z';
}

/** One property of a process as `ps` prints it; empty when there is no such process. */
function ps(pid: number, property: string): string {
  try {
    return execFileSync('ps', ['-o', `${property}=`, '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

/**
 * What tells a process from a later one with the same pid: when it started, as the system counts. Null when it does not run.
 * Equal for two calls about the same process, on the same boot of the machine, and for no other.
 */
export function startOf(pid: number): string | null {
  if (!isAlive(pid)) return null;
  if (process.platform !== 'linux') return ps(pid, 'lstart') || null;
  const ticks = statFields(pid)?.[19];
  return ticks === undefined ? null : `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${ticks}`;
}

/** Whether `pid` is a PostgreSQL server that runs on `dataDirectory` (a real path), and not whatever got its number later. */
export function isPostgresOf(pid: number, dataDirectory: string): boolean {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') return ps(pid, 'command').includes(`-D ${dataDirectory}`);
  try {
    // A server's working directory is its data directory. A binary replaced since reads as "postgres (deleted)".
    const program = basename(readlinkSync(`/proc/${pid}/exe`)).split(' ')[0];
    return program === 'postgres' && readlinkSync(`/proc/${pid}/cwd`) === dataDirectory;
  } catch {
    return false;
  }
}

/** The PostgreSQL processes, of whatever parent, that are on `dataDirectory` (a real path). Only Linux can tell: elsewhere none. */
export function postgresesOn(dataDirectory: string): number[] {
  if (process.platform !== 'linux') return [];
  const pids = readdirSync('/proc').map(Number);
  return pids.filter((pid) => pid > 0 && isPostgresOf(pid, dataDirectory));
}

/** PostgreSQL's shutdown modes, from polite to final, and how long each may take. */
const SHUTDOWN = [
  { signal: 'SIGINT', withinMs: 10_000 },
  { signal: 'SIGQUIT', withinMs: 5_000 },
  { signal: 'SIGKILL', withinMs: 5_000 },
] as const;

/** Fast shutdown of a PostgreSQL server, then immediate, then kill, until `gone()`. Resolves to whether it is gone. */
export async function shutDown(pid: number, gone: () => boolean): Promise<boolean> {
  for (const { signal, withinMs } of SHUTDOWN) {
    if (gone()) return true;
    try {
      process.kill(pid, signal);
    } catch {
      // It ended in between, which the next look shows.
    }
    for (const until = Date.now() + withinMs; Date.now() < until && !gone(); ) await delay(10);
  }
  return gone();
}

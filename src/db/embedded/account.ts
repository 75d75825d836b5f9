import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedPostgresError } from './error.ts';

/** Another account that PostgreSQL runs as, because it refuses to run as root. */
export interface Account {
  uid: number;
  gid: number;
}

/** Environment of PostgreSQL's programs: no PG* variable of the user's may reach them, and messages are in English. */
export const childEnvironment = { PATH: process.env.PATH ?? '/usr/bin:/bin', LC_ALL: 'C' };

/** Options with which a program runs as `account` (null: as this process), from a directory that every account can be in. */
export function asAccount(account: Account | null) {
  return { ...(account ?? {}), cwd: '/', env: childEnvironment };
}

function lookUp(name: string): Account | null {
  try {
    const id = (flag: string) =>
      Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return null;
  }
}

/**
 * The account for PostgreSQL on the data in `cluster`: null (this process's own) unless this process is root. As root, the owner
 * of existing data; for new data, `postgres` where there is one, else `nobody`.
 */
export function accountFor(cluster: string): Account | null {
  if (process.getuid?.() !== 0) return null;
  if (existsSync(cluster)) {
    const { uid, gid } = statSync(cluster);
    if (uid !== 0) return { uid, gid };
  }
  const account = lookUp('postgres') ?? lookUp('nobody');
  if (!account) {
    throw new EmbeddedPostgresError(
      'PostgreSQL refuses to run as root, and there is neither an account "postgres" nor "nobody" to run it as. ' +
        'Start the server as an ordinary user, or set DATABASE_URL.',
    );
  }
  return account;
}

/** Runs a shell test as `account`; `path` is its $0. Asking the system itself also covers access lists and mount options. */
export function shellTest(account: Account | null, script: string, path: string) {
  return spawnSync('/bin/sh', ['-c', script, path], { ...asAccount(account), encoding: 'utf8' });
}

export function canEnter(account: Account | null, directory: string): boolean {
  return account === null || shellTest(account, 'cd "$0"', directory).status === 0;
}

/** Makes `path` and all below it the account's own. */
export function chownTree(path: string, account: Account): void {
  chownSync(path, account.uid, account.gid);
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) chownTree(join(path, name), account);
}

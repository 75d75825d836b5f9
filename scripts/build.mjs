// Compiles src and prisma to dist when something they depend on has changed, so that `npm start` can always run it first.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { generate } from './generate.mjs';
import { hashOf, readStamp, root } from './inputs.mjs';
import { runTool } from './tool.mjs';

const STAMP = 'dist/.stamp';
const LOCK = join(root, 'dist/.lock');
const LOCK_WAIT_MS = 120_000;

function inputsHash() {
  return hashOf(
    ['src', 'prisma', 'prisma.config.ts', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json'],
    ['src/generated'],
  );
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Pid in the lock; 0 when it is being written or has just gone. */
function lockHolder() {
  try {
    return Number(readFileSync(LOCK, 'utf8'));
  } catch {
    return 0;
  }
}

/** Two servers started at once must not compile into the same folder together: the second waits for the first. */
async function takeLock() {
  mkdirSync(join(root, 'dist'), { recursive: true });
  const until = Date.now() + LOCK_WAIT_MS;
  while (true) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
      process.on('exit', () => rmSync(LOCK, { force: true }));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = lockHolder();
    if ((holder > 0 && !isAlive(holder)) || Date.now() > until) rmSync(LOCK, { force: true });
    else await delay(100);
  }
}

function build() {
  // Without a stamp the last build did not finish, and what its incremental state says about dist may be wrong.
  if (readStamp(STAMP) === null) rmSync(join(root, 'dist/.tsbuildinfo'), { force: true });
  rmSync(join(root, STAMP), { force: true });
  const inputs = inputsHash();
  generate();
  runTool('typescript/bin/tsc', ['-p', 'tsconfig.build.json']);
  writeFileSync(join(root, STAMP), `${inputs}\n`);
}

const startedAt = performance.now();
if (readStamp(STAMP) === inputsHash()) {
  console.log('The build is up to date.');
} else {
  await takeLock();
  if (readStamp(STAMP) !== inputsHash()) build();
  console.log(`Built dist in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`);
}

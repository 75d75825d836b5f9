// @ts-check
// What a HashThread runs. JavaScript, because a thread loads it as it stands: beside src under tsx and vitest, and from dist.
import { constants, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import { hashSync, verifySync } from '@node-rs/argon2';

/** OWASP's first choice for argon2id, which is this library's default algorithm: 19 MiB, two passes, one lane. */
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

// On Linux 0 is the calling thread; elsewhere it would be the whole process.
if (process.platform === 'linux') {
  try {
    setPriority(0, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // A sandbox may forbid it. Hashes are then computed beside everything else instead of behind it.
  }
}

/** @param {import('./hash-thread.ts').HashJob} job */
const done = ({ hash, password }) => (hash === null ? hashSync(password, cost) : verifySync(hash, password));

parentPort?.on('message', (/** @type {import('./hash-thread.ts').HashJob} */ job) => {
  try {
    parentPort?.postMessage({ result: done(job) });
  } catch (error) {
    parentPort?.postMessage({ fault: String(error) });
  }
});

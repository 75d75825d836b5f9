import { readdirSync, readFileSync } from 'node:fs';
import { parseOptions } from '@node-rs/argon2';
import { afterAll, expect, test } from 'vitest';
import { createPasswords, type Passwords, type PasswordsOptions } from '../../src/auth/passwords.ts';
import { UnavailableError } from '../../src/errors.ts';

const created: Passwords[] = [];
afterAll(() => Promise.all(created.map((passwords) => passwords.close())));

function passwordsWith(options?: PasswordsOptions): Passwords {
  const passwords = createPasswords(options);
  created.push(passwords);
  return passwords;
}

const nothing = async () => null;

test('a password matches its own hash alone', async () => {
  const passwords = passwordsWith();
  const hash = await passwords.hash('correct horse');
  expect(parseOptions(hash)).toMatchObject({ algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  const account = { id: 'ada', password: hash };
  expect(await passwords.verify(async () => account, 'correct horse')).toBe(account);
  expect(await passwords.verify(async () => account, 'Correct horse')).toBeNull();
  expect(await passwords.hash('correct horse')).not.toBe(hash);
});

test('for an account that does not exist, or has no password, nothing matches, and as much is computed', async () => {
  const passwords = passwordsWith();
  const guesses = ['', 'password', 'correct horse'];
  for (const password of guesses) {
    expect(await passwords.verify(nothing, password)).toBeNull();
    expect(await passwords.verify(async () => ({ password: '' }), password)).toBeNull();
  }
  expect(passwords.stats.computed).toBe(2 * guesses.length);
});

test('past the queue callers are refused at once, and the rest are served', async () => {
  const passwords = passwordsWith({ running: 1, waiting: 3 });
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => passwords.hash('correct horse')));
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(6);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(UnavailableError);
  expect(passwords.stats).toEqual({ computed: 4, refused: 6, running: 0, waiting: 0 });
  // Places are given back.
  expect(await passwords.hash('correct horse')).toMatch(/^\$argon2id\$/);
});

test('who is refused has no account looked for; a look-up that fails gives its place back', async () => {
  const passwords = passwordsWith({ running: 1, waiting: 2 });
  let looked = 0;
  const fails = async (): Promise<null> => {
    looked++;
    throw new Error('no database');
  };
  for (let round = 0; round < 2; round++) {
    const results = await Promise.allSettled(Array.from({ length: 5 }, () => passwords.verify(fails, 'a guess')));
    const reasons = results.map((result) => result.status === 'rejected' && result.reason);
    expect(reasons.filter((reason) => reason instanceof UnavailableError)).toHaveLength(2);
  }
  expect([looked, passwords.stats]).toEqual([6, { computed: 0, refused: 4, running: 0, waiting: 0 }]);
});

test('what is no hash is a fault of that call alone', async () => {
  const passwords = passwordsWith({ running: 1 });
  await expect(passwords.verify(async () => ({ password: 'no hash' }), 'a guess')).rejects.toThrow();
  expect(await passwords.verify(nothing, 'a guess')).toBeNull();
});

test('to close rejects what is computed, and who waits', async () => {
  const passwords = passwordsWith({ running: 1, waiting: 3 });
  const results = Promise.allSettled(Array.from({ length: 2 }, () => passwords.hash('correct horse')));
  await passwords.close();
  expect((await results).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

/** How far below the others each thread of this process stands: 0 is where they all begin. */
function niceOfThreads(): number[] {
  return readdirSync('/proc/self/task').map((thread) => {
    const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    // Behind the name, which may hold anything: the 17th value (proc_pid_stat(5): field 19).
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[16]);
  });
}

test.runIf(process.platform === 'linux')('hashes stand behind everything else the process does', async () => {
  const before = niceOfThreads();
  const passwords = passwordsWith({ running: 1 });
  await passwords.hash('correct horse');
  const own = Math.min(...before);
  expect(niceOfThreads().filter((nice) => nice > own)).toHaveLength(before.filter((nice) => nice > own).length + 1);
});

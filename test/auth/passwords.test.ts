import { parseOptions } from '@node-rs/argon2';
import { expect, test } from 'vitest';
import { createPasswords } from '../../src/auth/passwords.ts';
import { UnavailableError } from '../../src/errors.ts';

test('a password matches its own hash alone', async () => {
  const passwords = createPasswords();
  const hash = await passwords.hash('correct horse');
  expect(parseOptions(hash)).toMatchObject({ algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  expect(await passwords.verify(hash, 'correct horse')).toBe(true);
  expect(await passwords.verify(hash, 'Correct horse')).toBe(false);
  expect(await passwords.hash('correct horse')).not.toBe(hash);
});

test('for an account that does not exist nothing matches', async () => {
  const passwords = createPasswords();
  for (const password of ['', 'password', 'correct horse']) expect(await passwords.verify(null, password)).toBe(false);
});

test('past the queue callers are refused at once, and the rest are served', async () => {
  const passwords = createPasswords({ running: 1, waiting: 3 });
  const results = await Promise.allSettled(Array.from({ length: 10 }, () => passwords.hash('correct horse')));
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(6);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(UnavailableError);
  // Places are given back.
  expect(await passwords.hash('correct horse')).toMatch(/^\$argon2id\$/);
});

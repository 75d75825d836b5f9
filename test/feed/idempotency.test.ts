import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { IdempotencyConflictError } from '../../src/feed/errors.ts';
import { forgetKeys, type OnceRequest, once } from '../../src/feed/idempotency.ts';
import { createWrite } from '../../src/feed/unit-of-work.ts';
import { newFeed, said, useFeeds } from './feed-fixture.ts';

const fixture = useFeeds();

const request = (changes: Partial<OnceRequest> = {}): OnceRequest => ({
  userId: randomUUID(),
  key: 'a key',
  operation: 'sendMessage',
  input: { text: 'hello' },
  ...changes,
});

/** Something that is created: a fact in the feed. Resolves with the id of what was made, now or the first time. */
function create(feed: string, what: OnceRequest, { fails = false } = {}): Promise<string> {
  const write = createWrite({ db: fixture.db, publish: () => {} });
  return write(({ tx, append }) =>
    once(tx, what, async () => {
      const id = randomUUID();
      append(feed, said.draft({ text: id }));
      if (fails) throw new Error('no');
      return id;
    }),
  );
}

const effects = (feed: string): Promise<number> => fixture.db.feedEntry.count({ where: { feed } });

test('the same key fifty times at once has one effect and fifty equal answers', async () => {
  const feed = newFeed();
  const what = request();
  const answers = await Promise.all(Array.from({ length: 50 }, () => create(feed, what)));
  expect(new Set(answers).size).toBe(1);
  expect(await effects(feed)).toBe(1);
  expect((await fixture.db.feedEntry.findFirst({ where: { feed } }))?.payload).toEqual({ text: answers[0] });
});

test('while half of the attempts fail, one that does not has its effect once', async () => {
  const feed = newFeed();
  const what = request();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 40 }, (_, index) => create(feed, what, { fails: index % 2 === 0 })),
  );
  const answers = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  expect(answers.length).toBeGreaterThanOrEqual(20);
  expect(new Set(answers).size).toBe(1);
  expect(await effects(feed)).toBe(1);
});

test('another input, or another operation, with the same key is a conflict', async () => {
  const feed = newFeed();
  const what = request();
  const first = await create(feed, what);
  await expect(create(feed, { ...what, input: { text: 'other' } })).rejects.toThrow(IdempotencyConflictError);
  await expect(create(feed, { ...what, operation: 'createPoll' })).rejects.toThrow(IdempotencyConflictError);
  expect(await create(feed, what)).toBe(first);
  expect(await effects(feed)).toBe(1);
});

test('of two inputs with one key at the same time, one wins and the other conflicts', async () => {
  const feed = newFeed();
  const what = request();
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, (_, index) => create(feed, { ...what, input: { text: `${index % 2}` } })),
  );
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
  expect(refused).toHaveLength(10);
  for (const { reason } of refused) expect(reason).toBeInstanceOf(IdempotencyConflictError);
  expect(await effects(feed)).toBe(1);
});

test('after a failed first attempt the key is free, for another input too', async () => {
  const feed = newFeed();
  const what = request();
  await expect(create(feed, what, { fails: true })).rejects.toThrow('no');
  expect(await fixture.db.idempotencyKey.count({ where: { userId: what.userId } })).toBe(0);
  await create(feed, { ...what, input: { text: 'other' } });
  expect(await effects(feed)).toBe(1);
});

test("another user's same key is another key", async () => {
  const feed = newFeed();
  const answers = await Promise.all([create(feed, request()), create(feed, request({ input: { text: 'other' } }))]);
  expect(new Set(answers).size).toBe(2);
  expect(await effects(feed)).toBe(2);
});

test('without a key nothing is remembered', async () => {
  const feed = newFeed();
  const what = request({ key: null });
  expect(await create(feed, what)).not.toBe(await create(feed, what));
  expect(await effects(feed)).toBe(2);
  expect(await fixture.db.idempotencyKey.count({ where: { userId: what.userId } })).toBe(0);
});

test('a key is kept for 24 hours, and then used anew by exactly one', async () => {
  const feed = newFeed();
  const what = request();
  const age = (interval: string) =>
    fixture.db.$executeRawUnsafe(
      `UPDATE "IdempotencyKey" SET "createdAt" = "createdAt" - interval '${interval}' WHERE "userId" = '${what.userId}'`,
    );
  const first = await create(feed, what);
  await age('23 hours 59 minutes');
  await fixture.db.$transaction((tx) => forgetKeys(tx));
  expect(await create(feed, what)).toBe(first);
  await age('2 minutes');
  const later = await Promise.all(Array.from({ length: 10 }, () => create(feed, { ...what, input: 'other' })));
  expect(new Set(later).size).toBe(1);
  expect(later[0]).not.toBe(first);
  expect(await effects(feed)).toBe(2);
  await age('25 hours');
  expect(await fixture.db.$transaction((tx) => forgetKeys(tx))).toBe(1);
  expect(await fixture.db.idempotencyKey.count({ where: { userId: what.userId } })).toBe(0);
});

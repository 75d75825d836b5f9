import { expect, test } from 'vitest';
import { createGroupCommit, type Verdict } from '../../src/feed/group-commit.ts';

/** A commit that the test lets end, and what came in each. */
function recorder(judge: (input: number) => Verdict<string> = (input) => ({ value: `${input}` })) {
  const batches: number[][] = [];
  const gates: (() => void)[] = [];
  const commit = async (_key: string, inputs: readonly number[]) => {
    batches.push([...inputs]);
    await new Promise<void>((resolve) => gates.push(resolve));
    return inputs.map(judge);
  };
  /** Ends commits until nothing waits any more. */
  const finish = async (work: Promise<unknown>) => {
    let over = false;
    void work.then(
      () => (over = true),
      () => (over = true),
    );
    while (!over) {
      gates.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { batches, commit, finish };
}

test('the first of an idle key is committed alone and at once; what arrives meanwhile is committed together, in order', async () => {
  const { batches, commit, finish } = recorder();
  const submit = createGroupCommit({ commit });
  const all = Promise.all([1, 2, 3, 4].map((input) => submit('event', input)));
  expect(batches).toEqual([[1]]);
  await finish(all);
  expect(await all).toEqual(['1', '2', '3', '4']);
  expect(batches).toEqual([[1], [2, 3, 4]]);
});

test('keys do not wait for each other', async () => {
  const { batches, commit, finish } = recorder();
  const submit = createGroupCommit({ commit });
  const all = Promise.all([submit('one', 1), submit('other', 2)]);
  expect(batches).toEqual([[1], [2]]);
  await finish(all);
});

test('each gets its own verdict', async () => {
  const { commit, finish } = recorder((input) =>
    input % 2 === 0 ? { refusal: new Error(`no ${input}`) } : { value: `${input}` },
  );
  const submit = createGroupCommit({ commit });
  const all = Promise.allSettled([1, 2, 3, 4].map((input) => submit('event', input)));
  await finish(all);
  expect((await all).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
});

test('a batch that fails as a whole is tried one by one: only who is to blame fails', async () => {
  const submit = createGroupCommit<number, string>({
    commit: async (_key, inputs) => {
      await new Promise((resolve) => setImmediate(resolve));
      if (inputs.includes(3)) throw new Error('poison');
      return inputs.map((input) => ({ value: `${input}` }));
    },
  });
  const all = await Promise.allSettled([1, 2, 3, 4].map((input) => submit('event', input)));
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
});

test('batches have a bound, and so have those who wait: past it a retryable refusal', async () => {
  const { batches, commit, finish } = recorder();
  const submit = createGroupCommit({ commit, largest: 2, waiting: 4 });
  const all = Promise.allSettled([1, 2, 3, 4, 5, 6].map((input) => submit('event', input)));
  await finish(all);
  expect(batches).toEqual([[1], [2, 3], [4, 5]]);
  expect((await all)[5]).toMatchObject({ status: 'rejected', reason: { code: 'UNAVAILABLE' } });
});

import { expect, test } from 'vitest';
import { createAdmission } from '../../src/server/admission.ts';

const client = (network: string) => ({ address: network, network, device: '' });
const [here, there] = [client('203.0.113.1'), client('203.0.113.2')];

function setUp() {
  const known = new Set<string>();
  const limits = { all: 1000, perNetwork: 1000 };
  const { enter, turn } = createAdmission({ limits, trustProxy: true, isNew: (text) => !known.has(text) });
  /** As a document is: parsed in one go once it has its turn, and known from then on unless it is wrong. */
  const send = async (who: typeof here, text: string, { takesMs = 0, isWrong = false } = {}) => {
    await turn(who, text);
    const since = performance.now();
    while (performance.now() < since + takesMs) {}
    if (!isWrong) known.add(text);
  };
  return { enter, turn, send };
}

const times = <T>(count: number, make: (place: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

/** In which round of the event loop each of these is begun. */
async function rounds(begin: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  let round = 0;
  let over = false;
  const count = () => {
    round++;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  const begun = await Promise.all(begin.map((one) => one().then(() => round)));
  over = true;
  return begun;
}

const mostInOne = (begun: readonly number[]): number =>
  Math.max(...begun.map((round) => begun.filter((other) => other === round).length));

test('a crowd is begun a few in a round, and of requests that are executed fewer', async () => {
  const crowd = (begin: (admission: ReturnType<typeof setUp>) => Promise<unknown>) => {
    const admission = setUp();
    return rounds(times(100, () => () => begin(admission)));
  };
  expect(mostInOne(await crowd(({ turn }) => turn(here)))).toBe(8);
  expect(mostInOne(await crowd(({ enter }) => enter(here)))).toBe(3);
});

test('whatever a network sends hundreds of, others are begun between', async () => {
  const { enter, turn } = setUp();
  const many = [() => turn(here), () => enter(here)].flatMap((begin) => times(200, () => begin));
  const begun = await rounds([...many, () => turn(there), () => enter(there)]);
  for (const round of begun.slice(-2)) expect(round).toBeLessThan(5);
});

test('documents that nobody sent before are begun one in a round of the event loop', async () => {
  const { send } = setUp();
  expect(mostInOne(await rounds(times(20, (n) => () => send(here, `document ${n}`))))).toBe(1);
});

test('the same new document, sent by thousands at once, is new for the first of them only, and nobody is refused', async () => {
  const { send } = setUp();
  // The first keeps the round busy; the others come back together, as after the loss of an instance.
  const all = [() => send(here, 'a document', { takesMs: 5 }), ...times(3000, () => () => send(here, 'another'))];
  const begun = await rounds(all);
  expect(mostInOne(begun)).toBeGreaterThanOrEqual(8);
});

test('a wrong document is new each time: it is looked at once in a round', async () => {
  const { send } = setUp();
  const begun = await rounds(times(10, () => () => send(here, 'wrong', { isWrong: true })));
  expect(mostInOne(begun)).toBe(1);
});

test('who sends many new documents keeps others waiting for one of them', async () => {
  const { turn, send } = setUp();
  const many = times(50, (n) => () => send(here, `document ${n}`));
  const all = await rounds([...many, () => turn(there), () => send(there, 'a document')]);
  expect(Math.max(...all)).toBeGreaterThan(40);
  expect(all.at(-2)).toBeLessThan(5);
  expect(all.at(-1)).toBeLessThan(5);
});

test('what is known is begun at once, however many new documents of its own network wait', async () => {
  const { send } = setUp();
  await send(here, 'known');
  const many = times(50, (n) => () => send(here, `document ${n}`));
  const all = await rounds([...many, () => send(here, 'known')]);
  expect(all.at(-1)).toBeLessThan(5);
});

test('a network whose new documents take long leaves most of the time to others', async () => {
  const { send } = setUp();
  const startedAt = performance.now();
  await Promise.all(times(10, (n) => send(here, `document ${n}`, { takesMs: 10 })));
  expect(100 / (performance.now() - startedAt)).toBeLessThan(0.4);
});

test('so many different new documents of one network wait, and others of it are refused; what is known is not', async () => {
  const { turn, send } = setUp();
  const sent = times(300, (n) => send(here, `document ${n}`));
  const others = [turn(here), send(here, 'document 7'), send(there, 'a document')];
  const refused = (await Promise.allSettled(sent)).filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(300 - 1 - 256);
  for (const refusal of refused) expect(refusal).toMatchObject({ reason: { code: 'RATE_LIMITED' } });
  await Promise.all(others);
});

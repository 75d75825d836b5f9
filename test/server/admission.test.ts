import { expect, test } from 'vitest';
import { createAdmission } from '../../src/server/admission.ts';

const client = (network: string) => ({ address: network, network, device: '' });
const admission = () => createAdmission({ limits: { all: 1000, perNetwork: 1000 }, trustProxy: true });

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

test('documents that nobody sent before are begun one in a round of the event loop', async () => {
  const { turn } = admission();
  const begun = await rounds(Array.from({ length: 20 }, () => () => turn(client('203.0.113.1'), () => true)));
  expect(mostInOne(begun)).toBe(1);
});

test('the same new document, sent by many at once, is new for the first of them only', async () => {
  const { turn } = admission();
  const known = new Set<string>();
  const send = async () => {
    await turn(client('203.0.113.1'), () => !known.has('a document'));
    known.add('a document');
  };
  const begun = await rounds(Array.from({ length: 60 }, () => send));
  expect(new Set(begun).size).toBeLessThanOrEqual(4);
});

test('who sends many new documents keeps others waiting for one of them', async () => {
  const { turn } = admission();
  const many = Array.from({ length: 50 }, () => () => turn(client('203.0.113.1'), () => true));
  const all = await rounds([...many, () => turn(client('203.0.113.2'))]);
  expect(Math.max(...all)).toBeGreaterThan(40);
  expect(all.at(-1)).toBeLessThan(5);
});

test('what others know is begun at once, however many new documents of its own network wait', async () => {
  const { turn } = admission();
  const many = Array.from({ length: 50 }, () => () => turn(client('203.0.113.1'), () => true));
  const all = await rounds([...many, () => turn(client('203.0.113.1'))]);
  expect(all.at(-1)).toBeLessThan(5);
});

test('a network whose new documents take long leaves most of the time to others', async () => {
  const { turn } = admission();
  let busyMs = 0;
  const startedAt = performance.now();
  const parse = async () => {
    await turn(client('203.0.113.1'), () => true);
    const since = performance.now();
    while (performance.now() < since + 10) {}
    busyMs += performance.now() - since;
  };
  await Promise.all(Array.from({ length: 10 }, parse));
  expect(busyMs / (performance.now() - startedAt)).toBeLessThan(0.4);
});

test('so many new documents of one network wait, and others of it are refused; what is known is not', async () => {
  const { turn } = admission();
  const sent = Array.from({ length: 300 }, () => turn(client('203.0.113.1'), () => true));
  const known = turn(client('203.0.113.1'), () => false);
  const other = turn(client('203.0.113.2'), () => true);
  const refused = (await Promise.allSettled(sent)).filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(300 - 1 - 256);
  for (const refusal of refused) expect(refusal).toMatchObject({ reason: { code: 'RATE_LIMITED' } });
  await Promise.all([known, other]);
});

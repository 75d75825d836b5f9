import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { verifyLedger } from '../../src/rewards/verify.ts';
import { type Actor, createEvent, join } from '../actor.ts';
import { run } from '../database.ts';
import { startInstance, useServer } from '../harness.ts';
import { type Answer, askAtLast, settled } from './persistent-client.ts';

const runs = Number(process.env.OVATION_RUNS ?? (process.env.OVATION_SOAK === '1' ? 500 : 15));

const server = useServer({ config: { databasePool: 5 } });
let second: App;
let host: Actor;
let people: Actor[];
beforeAll(async () => {
  second = await startInstance({ databaseUrl: server.databaseUrl });
  host = await server.signUp({ role: 'HOST' });
  people = await Promise.all(Array.from({ length: 4 }, () => server.signUp()));
});
afterAll(async () => await second.drain(2000));

const verbs = ['grant', 'revoke', 'redeem', 'fulfil', 'cancel', 'cut'] as const;
const weights = { grant: 8, revoke: 3, redeem: 8, fulfil: 3, cancel: 3, cut: 1 };
interface Step {
  verb: (typeof verbs)[number];
  who: number;
  points: number;
  /** It is sent to both instances at the same moment, under the same key. */
  twice: boolean;
}
const step: fc.Arbitrary<Step> = fc.record({
  verb: fc.oneof(...verbs.map((verb) => ({ weight: weights[verb], arbitrary: fc.constant(verb) }))),
  who: fc.nat(3),
  points: fc.integer({ min: 1, max: 30 }),
  twice: fc.boolean(),
});
/** What is done one after the other, of which each is several steps of several clients at once. */
const story = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 3, maxLength: 15 });

interface Show {
  eventId: string;
  perkId: string;
  /** What clients were told: points given, and taken, by the id of what says so. */
  given: Map<string, number>;
  taken: Map<string, number>;
  redemptions: Map<string, number>;
}

const perk = { cost: 20, stock: 6 };

async function begin(): Promise<Show> {
  const eventId = await createEvent(host, 'LIVE');
  await Promise.all(people.map((one) => join(one, eventId)));
  const created = await host.mutate('createPerk', { title: 'A song', ...perk }, 'perk { id }');
  return { eventId, perkId: created.perk.id, given: new Map(), taken: new Map(), redemptions: new Map() };
}

/** As the client of a page that is open twice. What is done is done once; a refusal is not remembered, and may be another one. */
async function send(actor: Actor, name: string, input: object, selection: string, twice: boolean): Promise<Answer> {
  const urls = [server.url, second.url];
  const requests = (twice ? urls : urls.slice(0, 1)).map((_, home) =>
    askAtLast(actor, { urls, home, name, input, selection }),
  );
  const answers = await Promise.all(requests);
  const [done = answers[0], ...again] = answers.filter(({ code }) => code === undefined);
  for (const other of again) expect(other).toEqual(done);
  return done as Answer;
}

const told = new Map<string, number>();
const count = (verb: string, { code = 'ok' }: Answer): void => {
  told.set(`${verb} ${code}`, (told.get(`${verb} ${code}`) ?? 0) + 1);
};

async function take({ verb, who, points, twice }: Step, show: Show): Promise<void> {
  const { eventId, perkId } = show;
  const person = people[who % people.length] as Actor;
  const idempotencyKey = randomUUID();
  if (verb === 'cut') return cutAll();
  if (verb === 'grant' || verb === 'revoke') {
    const input = { eventId, userId: person.id, points, reason: 'so', idempotencyKey };
    const answer = await send(host, verb === 'grant' ? 'grantReward' : 'revokeReward', input, 'reward { id }', twice);
    count(verb, answer);
    if (answer.code === undefined) (verb === 'grant' ? show.given : show.taken).set(answer.reward.id, points);
    return;
  }
  if (verb === 'redeem') {
    const answer = await send(
      person,
      'redeemPerk',
      { eventId, perkId, idempotencyKey },
      'redemption { id points }',
      twice,
    );
    count(verb, answer);
    if (answer.code === undefined) show.redemptions.set(answer.redemption.id, answer.redemption.points);
    return;
  }
  const ids = [...show.redemptions.keys()];
  const redemptionId = ids[points % ids.length];
  if (redemptionId === undefined) return;
  // These have no key: whoever comes second is told that it is settled.
  const name = verb === 'fulfil' ? 'fulfilRedemption' : 'cancelRedemption';
  count(verb, await askAtLast(host, { urls: [server.url, second.url], home: who, name, input: { redemptionId } }));
}

let cutting: Promise<void> = Promise.resolve();
/** Every transaction under way is rolled back. One after the other: they would cut each other. */
function cutAll(): Promise<void> {
  cutting = cutting.then(() =>
    run(
      server.databaseUrl,
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    ),
  );
  return cutting;
}

const sum = (points: Iterable<number>): number => [...points].reduce((all, one) => all + one, 0);

/** Points in all wallets, as their owners see them. */
async function owned(): Promise<number> {
  const document = '{ viewer { wallets(first: 10) { edges { node { balance } } } } }';
  const balances = await Promise.all(
    people.map(async (person) => {
      const { viewer } = await settled(() => person.ask(document));
      return viewer.wallets.edges.map(({ node }: { node: { balance: number } }) => node.balance) as number[];
    }),
  );
  expect(Math.min(...balances.flat(), 0)).toBe(0);
  return sum(balances.flat());
}

test('points are what was given less what was taken and spent, whatever happens at once and is tried again', async () => {
  // A failure prints its seed and path; put them here to see it again.
  await fc.assert(
    fc.asyncProperty(story, async (story) => {
      const show = await begin();
      const before = await owned();
      for (const together of story) await Promise.all(together.map((step) => take(step, show)));

      const { db } = server.app;
      const redemptions =
        'query($id: ID!) { videoEvent(id: $id) { redemptions(first: 100) { edges { node { id status } } } } }';
      const { videoEvent } = await settled(() => host.ask(redemptions, { id: show.eventId }));
      const listed: { id: string; status: string }[] = videoEvent.redemptions.edges.map(({ node }: Answer) => node);
      expect(listed.map(({ id }) => id).sort()).toEqual([...show.redemptions.keys()].sort());
      const kept = listed.filter(({ status }) => status !== 'CANCELLED').map(({ id }) => id);
      expect((await owned()) - before).toBe(
        sum(show.given.values()) -
          sum(show.taken.values()) -
          sum(kept.map((id) => show.redemptions.get(id) ?? Number.NaN)),
      );
      const { node } = await host.ask('query($id: ID!) { node(id: $id) { ... on Perk { stock } } }', {
        id: show.perkId,
      });
      expect(node.stock).toBe(perk.stock - kept.length);
      expect((await verifyLedger(db)).differences).toEqual([]);
    }),
    { numRuns: runs },
  );
  console.log(
    `${runs} runs: ${[...told]
      .sort()
      .map(([what, times]) => `${what} ${times}`)
      .join(', ')}`,
  );
}, 600_000);

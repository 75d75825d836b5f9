import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import type { Capabilities } from '../../src/context.ts';
import { DomainError } from '../../src/errors.ts';
import { createWrite } from '../../src/feed/unit-of-work.ts';
import { waitlistDuties } from '../../src/waitlist/offers.ts';
import { createPeople, type Person } from '../authorisation/people.ts';
import { startInstance, useServer } from '../harness.ts';
import { soak } from '../soak.ts';
import { createShow, seatsOf } from './scene.ts';

const runs = Number(process.env.OVATION_RUNS ?? (soak ? 1000 : 40));

const server = useServer({ config: { databasePool: 10 } });
let second: App;
let host: Person;
let people: Person[];
beforeAll(async () => {
  second = await startInstance({ databaseUrl: server.databaseUrl });
  const names = {
    host: 'HOST',
    a: 'PARTICIPANT',
    b: 'PARTICIPANT',
    c: 'PARTICIPANT',
    d: 'PARTICIPANT',
    e: 'PARTICIPANT',
  };
  const { host: one, ...others } = await createPeople(
    server,
    names as Record<keyof typeof names, 'HOST' | 'PARTICIPANT'>,
  );
  host = one;
  people = Object.values(others);
});
afterAll(async () => await second.drain(2000));

const deeds = [
  'join',
  'wait',
  'wait',
  'wait',
  'accept',
  'accept',
  'decline',
  'leave',
  'leave',
  'leave',
  'ban',
  'lift',
] as const;
type Step =
  | { type: (typeof deeds)[number]; who: number; on: number }
  | { type: 'expire' }
  | { type: 'capacity'; capacity: number | null };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ type: fc.constantFrom(...deeds), who: fc.nat(4), on: fc.nat(1) }) },
  { weight: 2, arbitrary: fc.constant<Step>({ type: 'expire' }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('capacity' as const),
      capacity: fc.option(fc.integer({ min: 1, max: 4 }), { freq: 20 }),
    }),
  },
);
/** What is done one after the other, of which each is several steps at once. */
const story = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 4, maxLength: 25 });

const person = (who: number): Person => people[who % people.length] as Person;

/** All offers of now end now. Not by the queue, so that it can happen at the same time as all else. */
async function expire(eventId: string): Promise<void> {
  const { db } = server.app;
  await db.$executeRaw`
    UPDATE "WaitlistEntry" SET "offeredUntil" = clock_timestamp() WHERE "eventId" = ${eventId}::uuid AND status = 'OFFERED'`;
  const duty = waitlistDuties.find(({ kind }) => kind === 'waitlist.expire');
  const until = new Date(Date.now() + 1000).toISOString();
  // Nobody who is offered a seat meanwhile loses it: their offer is of ten minutes.
  await createWrite({ db, publish: () => {} })(async (work) => duty?.run(work, { eventId, until }));
}

function take(step: Step, eventId: string): Promise<unknown> {
  if (step.type === 'expire') return expire(eventId);
  if (step.type === 'capacity')
    return server.app.capabilities.events.update(host.viewer, { eventId, capacity: step.capacity });
  const { participation, waitlist, moderation }: Capabilities = (step.on === 0 ? server.app : second).capabilities;
  const { viewer } = person(step.who);
  switch (step.type) {
    case 'join':
      return participation.join(viewer, { eventId });
    case 'wait':
      return waitlist.join(viewer, { eventId });
    case 'accept':
      return participation.acceptOffer(viewer, { eventId });
    case 'decline':
      return waitlist.leave(viewer, { eventId });
    case 'leave':
      return participation.leave(viewer, { eventId });
    case 'ban':
      return moderation.ban(host.viewer, { eventId, userId: viewer.id });
    case 'lift':
      return moderation.lift(host.viewer, { eventId, userId: viewer.id });
  }
}

const outcomes = new Map<string, number>();

/** Its code where it is refused. Whatever is no refusal is a fault. */
async function outcome(step: Step, eventId: string): Promise<void> {
  const code = await take(step, eventId).then(
    () => 'ok',
    (error: unknown) => {
      if (error instanceof DomainError) return error.code;
      throw error;
    },
  );
  const key = `${step.type} ${code}`;
  outcomes.set(key, (outcomes.get(key) ?? 0) + 1);
}

async function expectSound(eventId: string): Promise<void> {
  const { capacity, ...seats } = await seatsOf(server, eventId);
  const { taken, offered, waiting } = seats;
  expect(seats).toEqual({ taken, offered, places: taken, offers: offered, waiting, both: 0, overtaken: false });
  if (capacity !== null) expect(taken + offered).toBeLessThanOrEqual(capacity);
  // No seat is free while somebody waits.
  if (waiting > 0) expect(taken + offered).toBe(capacity);
}

/** Lets everybody who waits have their turn; the order in which they get offers, round by round. */
async function emptied(eventId: string): Promise<string[][]> {
  const { db, capabilities } = server.app;
  const rounds: string[][] = [];
  for (;;) {
    // Offers that stand already are taken first, so that the order shows.
    const offers = await db.waitlistEntry.findMany({ where: { eventId, status: 'OFFERED' }, orderBy: { turn: 'asc' } });
    if (offers.length === 0 && rounds.length > 0) return rounds;
    rounds.push(offers.map(({ userId }) => userId));
    for (const { viewer } of people.filter(({ viewer }) => offers.some(({ userId }) => userId === viewer.id))) {
      await capabilities.participation.acceptOffer(viewer, { eventId });
    }
    await Promise.all(people.map(({ viewer }) => capabilities.participation.leave(viewer, { eventId })));
  }
}

test('seats are never exceeded, and none is free while somebody waits, whatever happens at once', async () => {
  // A failure prints its seed and path; put them here to see it again.
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), story, async (capacity, story) => {
      const eventId = await createShow(server, host.viewer, { capacity });
      // Whoever finds no seat waits.
      const rush = (type: 'join' | 'wait') => people.map((_, who): Step => ({ type, who, on: who % 2 }));
      for (const together of [rush('join'), rush('wait'), ...story]) {
        await Promise.all(together.map((step) => outcome(step, eventId)));
        await expectSound(eventId);
      }
      const inLine = await server.app.db.waitlistEntry.findMany({
        where: { eventId, status: { in: ['OFFERED', 'WAITING'] } },
        orderBy: { turn: 'asc' },
      });
      const rounds = await emptied(eventId);
      expect(rounds.flat()).toEqual(inLine.map(({ userId }) => userId));
      await expectSound(eventId);
    }),
    { numRuns: runs },
  );
  console.log(
    `${runs} runs: ${[...outcomes]
      .sort()
      .map(([what, times]) => `${what} ${times}`)
      .join(', ')}`,
  );
}, 600_000);

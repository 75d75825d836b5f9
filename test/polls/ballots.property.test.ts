import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { Viewer } from '../../src/auth/viewer.ts';
import { DomainError } from '../../src/errors.ts';
import { createWrite } from '../../src/feed/unit-of-work.ts';
import { createPolls, type Polls } from '../../src/polls/polls.ts';
import { readOpenPollTallies } from '../../src/polls/tallies.ts';
import { createPeople } from '../authorisation/people.ts';
import { useServer } from '../harness.ts';

const server = useServer();
const voterNames = ['ada', 'bob', 'carol', 'dora'] as const;
let host: Viewer;
let voters: Viewer[];
let eventId: string;
/** Two that know nothing of each other, as on two instances. */
let instances: readonly [Polls, Polls];

beforeAll(async () => {
  const role = 'PARTICIPANT';
  const people = await createPeople(server, { host: 'HOST', ada: role, bob: role, carol: role, dora: role });
  const { events, participation, polls } = server.app.capabilities;
  host = people.host.viewer;
  voters = voterNames.map((name) => people[name].viewer);
  const scheduledAt = new Date(Date.now() + 3_600_000);
  ({ eventId } = await events.create(host, { title: 'A show', scheduledAt }));
  await events.move(host, eventId, 'schedule');
  for (const voter of voters) await participation.join(voter, { eventId });
  const { db } = server.app;
  instances = [
    polls,
    createPolls({ write: createWrite({ db, publish: () => {} }), db, onTallied: () => {}, onEngaged: async () => {} }),
  ];
});

interface Voting {
  act: 'vote';
  instance: 0 | 1;
  voter: number;
  /** Places of choices. */
  chosen: number[];
}
type Act = Voting | { act: 'close'; instance: 0 | 1 };

const instance = fc.constantFrom<0 | 1>(0, 1);
const voting: fc.Arbitrary<Act> = fc.record({
  act: fc.constant('vote' as const),
  instance,
  voter: fc.nat({ max: voterNames.length - 1 }),
  chosen: fc.uniqueArray(fc.nat({ max: 3 }), { minLength: 1, maxLength: 3 }),
});
const closing: fc.Arbitrary<Act> = fc.record({ act: fc.constant('close' as const), instance });
/** What of a round is done is done at the same time. */
const rounds = fc.array(
  fc.array(fc.oneof({ weight: 12, arbitrary: voting }, { weight: 1, arbitrary: closing }), {
    minLength: 1,
    maxLength: 10,
  }),
  { minLength: 1, maxLength: 4 },
);

/** `ok`, or the code of the refusal. */
async function outcomeOf(doing: Promise<unknown>): Promise<string> {
  try {
    await doing;
    return 'ok';
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

const sorted = (places: readonly number[]): number[] => places.toSorted((a, b) => a - b);

/** Votes for each of four choices. */
const countOf = (ballots: readonly { choices: number[] }[]): number[] =>
  [0, 1, 2, 3].map((place) => ballots.filter(({ choices }) => choices.includes(place)).length);

test('whoever votes, changes and closes at the same time: ballots, engagements and tallies tell one story', async () => {
  const { db } = server.app;
  await fc.assert(
    fc.asyncProperty(rounds, fc.boolean(), async (rounds, changeable) => {
      const [polls] = instances;
      const choices = ['Blue', 'Green', 'Red', 'White'];
      const { pollId } = await polls.create(host, { eventId, title: 'Which?', choices, maxChoices: 2, changeable });
      await polls.open(host, pollId);
      const choiceIds = (
        await db.pollChoice.findMany({ where: { pollId }, orderBy: { position: 'asc' }, select: { id: true } })
      ).map(({ id }) => id);
      /** By voter: what was taken in the last round in which something was. */
      const taken = new Map<number, number[][]>();
      let votes = 0;
      let closings = 0;
      for (const round of rounds) {
        const wasClosed = closings > 0;
        const outcomes = await Promise.all(
          round.map((one) => {
            const there = instances[one.instance];
            if (one.act === 'close') return outcomeOf(there.close(host, pollId));
            const voter = voters[one.voter];
            if (voter === undefined) throw new Error('no such voter');
            return outcomeOf(
              there.vote(voter, { pollId, choiceIds: one.chosen.map((place) => choiceIds[place] ?? '') }),
            );
          }),
        );
        const inRound = new Map<number, number[][]>();
        for (const [place, one] of round.entries()) {
          const outcome = outcomes[place] ?? '';
          if (one.act === 'close') {
            expect(['ok', 'POLL_STATUS']).toContain(outcome);
            if (outcome === 'ok') closings++;
          } else if (outcome === 'ok') {
            expect({ late: wasClosed, tooMany: one.chosen.length > 2 }).toEqual({ late: false, tooMany: false });
            votes++;
            inRound.set(one.voter, [...(inRound.get(one.voter) ?? []), sorted(one.chosen)]);
          } else {
            const tooMany = one.chosen.length > 2 ? 'INVALID_INPUT' : 'POLL_STATUS';
            expect(['POLL_STATUS', tooMany, changeable ? 'POLL_STATUS' : 'ALREADY_VOTED']).toContain(outcome);
          }
        }
        for (const [voter, chosen] of inRound) {
          // Without changes, once and never again.
          if (!changeable)
            expect({ chosen: chosen.length, before: taken.has(voter) }).toEqual({ chosen: 1, before: false });
          taken.set(voter, chosen);
        }
      }
      expect(closings).toBeLessThanOrEqual(1);

      const ballots = await db.pollBallot.findMany({
        where: { pollId },
        select: { choices: true, participant: { select: { userId: true } } },
      });
      expect(ballots).toHaveLength(taken.size);
      for (const { choices, participant } of ballots) {
        const voter = voters.findIndex(({ id }) => id === participant.userId);
        expect(taken.get(voter)).toContainEqual(choices);
      }
      expect(await db.engagementLog.count({ where: { engagementType: 'VOTE', subjectId: pollId } })).toBe(votes);
      const open = (await readOpenPollTallies(db, [eventId])).get(eventId)?.find((tally) => tally.pollId === pollId);
      expect(open === undefined).toBe(closings === 1);
      if (closings === 0) await polls.close(host, pollId);
      const facts = await db.feedEntry.findMany({ where: { kind: 'PollClosed', subjectId: pollId } });
      const tally = {
        pollId,
        ballots: ballots.length,
        choices: countOf(ballots).map((votes, place) => ({ choiceId: choiceIds[place], votes })),
      };
      expect(facts.map(({ payload }) => payload)).toMatchObject([{ tally }]);
      if (open !== undefined) expect(open).toEqual(tally);
    }),
    { numRuns: 30, endOnFailure: true },
  );
}, 120_000);

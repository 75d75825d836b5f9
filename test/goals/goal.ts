import { decodeGlobalId } from '../../src/global-id.ts';
import { verifyLedger } from '../../src/rewards/verify.ts';
import { type Actor, createEvent, type EventStatus, join } from '../actor.ts';
import { createPeople } from '../authorisation/people.ts';
import type { TestServer } from '../harness.ts';
import type { LiveStream } from '../live-stream.ts';
import { until } from '../wait.ts';

/** An event with its host, a moderator who is a participant like ada and bob, and somebody who did not join. */
export interface GoalStage {
  host: Actor;
  moderator: Actor;
  ada: Actor;
  bob: Actor;
  stranger: Actor;
  eventId: string;
}

export async function setGoalStage(server: TestServer, status: EventStatus = 'LIVE'): Promise<GoalStage> {
  const role = 'PARTICIPANT';
  const people = await createPeople(server, { host: 'HOST', moderator: role, ada: role, bob: role, stranger: role });
  const { host, moderator, ada, bob, stranger } = people;
  const eventId = await createEvent(host.actor, status);
  for (const { actor } of [moderator, ada, bob]) await join(actor, eventId);
  await host.actor.mutate('appointModerator', { eventId, userId: moderator.actor.id });
  return {
    host: host.actor,
    moderator: moderator.actor,
    ada: ada.actor,
    bob: bob.actor,
    stranger: stranger.actor,
    eventId,
  };
}

export const createGoal = (by: Actor, eventId: string, input: object = {}) =>
  by.mutate(
    'createGoal',
    {
      eventId,
      title: 'Applause',
      metric: 'REACTIONS',
      levels: [
        { target: 10, points: 5 },
        { target: 20, points: 0 },
        { target: 30, points: 7 },
      ],
      ...input,
    },
    'goal { id status progress levels { level target points reachedAt } }',
  );

/** The same, which has to be taken; its id. */
export async function setGoal(host: Actor, eventId: string, input: object = {}): Promise<string> {
  const { goal, code } = await createGoal(host, eventId, input);
  if (goal === undefined) throw new Error(`no goal: ${code}`);
  return goal.id;
}

export const cancelGoal = (by: Actor, goalId: string) => by.mutate('cancelGoal', { goalId });

export async function readGoal(actor: Actor, id: string) {
  const document = `query($id: ID!) { node(id: $id) { ... on Goal {
    status progress closedAt levels { level reachedAt } } } }`;
  return (await actor.ask(document, { id })).node;
}

/** So many taps, at most 10 together. */
export async function applaud(actor: Actor, eventId: string, taps: number): Promise<void> {
  for (let left = taps; left > 0; left -= 10) {
    const { code } = await actor.mutate('react', { eventId, emoji: '👏', count: Math.min(10, left) });
    if (code !== undefined) throw new Error(`a reaction was refused: ${code}`);
  }
}

/** Their feeds of the event, once all of them are present. The caller closes them. */
export async function attend(host: Actor, eventId: string, people: readonly Actor[]): Promise<LiveStream[]> {
  const streams = await Promise.all(people.map((person) => person.follow(eventId)));
  const document = 'query($id: ID!) { videoEvent(id: $id) { viewerCount } }';
  await until(async () => (await host.ask(document, { id: eventId })).videoEvent.viewerCount === people.length, {
    what: `${people.length} to be present`,
  });
  return streams;
}

export async function balanceOf(user: Actor): Promise<number> {
  const { viewer } = await user.ask('{ viewer { wallets(first: 1) { edges { node { balance } } } } }');
  return viewer.wallets.edges[0]?.node.balance ?? 0;
}

/** Resolves when everybody has theirs, and every balance is what the ledger says. */
export async function paid({ app: { db } }: TestServer): Promise<void> {
  await until(async () => (await db.job.count({ where: { kind: 'goal.pay' } })) === 0, {
    what: 'every level to be paid',
  });
  const { differences } = await verifyLedger(db);
  if (differences.length > 0) throw new Error(`the ledger differs: ${JSON.stringify(differences)}`);
}

/** Rows of everything that a goal's mutations write. */
export async function rowsOfGoals({ app: { db } }: TestServer): Promise<unknown> {
  const [rows] = await db.$queryRaw<unknown[]>`SELECT
    (SELECT string_agg(status::text, ' ' ORDER BY id) FROM "Goal") AS goals,
    (SELECT string_agg(md5(l::text), ' ' ORDER BY "goalId", level) FROM "GoalLevel" l) AS levels,
    (SELECT count(*)::int FROM "IdempotencyKey") AS keys,
    (SELECT count(*)::int FROM "FeedEntry" WHERE kind LIKE 'Goal%') AS entries`;
  return rows;
}

export const rawId = (globalId: string): string => decodeGlobalId(globalId).id;

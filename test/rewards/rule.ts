import { decodeGlobalId } from '../../src/global-id.ts';
import { type Actor, createEvent, join } from '../actor.ts';
import { createPeople } from '../authorisation/people.ts';
import type { TestServer } from '../harness.ts';

/** A live event and people of its own: ada and bob have joined, carol has not. */
export async function setScene(server: TestServer) {
  const people = await createPeople(server, {
    host: 'HOST',
    otherHost: 'HOST',
    admin: 'ADMIN',
    ada: 'PARTICIPANT',
    bob: 'PARTICIPANT',
    carol: 'PARTICIPANT',
  });
  const { host, otherHost, admin, ada, bob, carol } = people;
  const eventId = await createEvent(host.actor, 'LIVE');
  for (const { actor } of [ada, bob]) await join(actor, eventId);
  return {
    host: host.actor,
    otherHost: otherHost.actor,
    admin: admin.actor,
    ada: ada.actor,
    bob: bob.actor,
    carol: carol.actor,
    eventId,
  };
}

export const ruleFields =
  'id host { id } eventId title trigger engagementType minutes points cooldownSeconds maxPerEvent activeFrom activeTo archivedAt';

/** What createRewardRule answers: by default a rule that pays 5 points for a message. */
export const makeRule = (host: Actor, input: object = {}) =>
  host.mutate(
    'createRewardRule',
    { title: 'For talking', trigger: 'MESSAGE', points: 5, ...input },
    `rewardRule { ${ruleFields} }`,
  );

/** The new rule's global id. */
export async function createRule(host: Actor, input: object = {}): Promise<string> {
  const { rewardRule, code, message } = await makeRule(host, input);
  if (rewardRule === undefined) throw new Error(`no rule: ${code} ${message}`);
  return rewardRule.id;
}

/** What rules paid somebody, in the order in which they did: points and reasons. */
export async function earnedBy({ app: { db } }: TestServer, user: Actor): Promise<[number, string | null][]> {
  const rewards = await db.reward.findMany({
    where: { userId: decodeGlobalId(user.id).id, kind: 'EARNED' },
    orderBy: [{ timestamp: 'asc' }, { reason: 'asc' }],
  });
  return rewards.map(({ points, reason }) => [points, reason]);
}

/** Points that rules paid somebody in all. */
export const pointsOf = async (server: TestServer, user: Actor): Promise<number> =>
  (await earnedBy(server, user)).reduce((sum, [points]) => sum + points, 0);

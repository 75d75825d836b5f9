import { decodeGlobalId } from '../../src/global-id.ts';
import { verifyLedger } from '../../src/rewards/verify.ts';
import { type Actor, createEvent, type EventStatus, join } from '../actor.ts';
import { createPeople } from '../authorisation/people.ts';
import type { TestServer } from '../harness.ts';
import { until } from '../wait.ts';

/** A prediction as its maker got it. */
export interface MadePrediction {
  id: string;
  /** Global ids of the outcomes, in their order. */
  outcomes: string[];
}

/** An event with its host, a moderator, people who joined it with points to stake, and somebody who did not. */
export interface PredictionStage {
  host: Actor;
  moderator: Actor;
  stranger: Actor;
  eventId: string;
  ada: Actor;
  bob: Actor;
  cid: Actor;
}

/** Points that everybody has who joined. */
export const purse = 100;

export async function setPredictionStage(
  server: TestServer,
  { status = 'LIVE', points = purse }: { status?: EventStatus; points?: number } = {},
): Promise<PredictionStage> {
  const role = 'PARTICIPANT';
  const { host, moderator, stranger, ...joined } = await createPeople(server, {
    host: 'HOST',
    moderator: role,
    stranger: role,
    ada: role,
    bob: role,
    cid: role,
  });
  const eventId = await createEvent(host.actor, status);
  for (const { actor } of [moderator, ...Object.values(joined)]) {
    await join(actor, eventId);
    await pay(host.actor, eventId, { to: actor, points });
  }
  await host.actor.mutate('appointModerator', { eventId, userId: moderator.actor.id });
  const { ada, bob, cid } = joined;
  return {
    host: host.actor,
    moderator: moderator.actor,
    stranger: stranger.actor,
    eventId,
    ada: ada.actor,
    bob: bob.actor,
    cid: cid.actor,
  };
}

export async function pay(host: Actor, eventId: string, { to, points }: { to: Actor; points: number }): Promise<void> {
  const { code } = await host.mutate('grantReward', { eventId, userId: to.id, points, reason: 'to stake' });
  if (code !== undefined) throw new Error(`points were refused: ${code}`);
}

/** An open one with three outcomes, through the API. */
export async function openPrediction(host: Actor, eventId: string, input: object = {}): Promise<MadePrediction> {
  const { prediction, code } = await host.mutate(
    'createPrediction',
    { eventId, title: 'Who wins?', outcomes: ['Red', 'Green', 'Blue'], ...input },
    'prediction { id outcomes { id } }',
  );
  if (prediction === undefined) throw new Error(`no prediction: ${code}`);
  return { id: prediction.id, outcomes: prediction.outcomes.map(({ id }: { id: string }) => id) };
}

/** `__typename` and, of a refusal, its code. */
export const stake = (staker: Actor, prediction: MadePrediction, place: number, points: unknown, more: object = {}) =>
  staker.mutate('stakePoints', {
    predictionId: prediction.id,
    outcomeId: prediction.outcomes[place] ?? '',
    points,
    ...more,
  });

export const lock = (by: Actor, { id }: MadePrediction) => by.mutate('lockPrediction', { predictionId: id });
export const cancel = (by: Actor, { id }: MadePrediction) => by.mutate('cancelPrediction', { predictionId: id });
export const resolve = (by: Actor, { id, outcomes }: MadePrediction, place: number) =>
  by.mutate('resolvePrediction', { predictionId: id, outcomeId: outcomes[place] ?? '' });

export const totalsSelection = 'totals { pot stakers outcomes { outcomeId points stakers } }';

/** The points on each outcome. */
export async function pointsOn(actor: Actor, { id }: MadePrediction): Promise<number[]> {
  const { node } = await actor.ask(`query($id: ID!) { node(id: $id) { ... on Prediction { ${totalsSelection} } } }`, {
    id,
  });
  return node.totals.outcomes.map(({ points }: { points: number }) => points);
}

export async function stakeOf(actor: Actor, { id }: MadePrediction) {
  const document = `query($id: ID!) { node(id: $id) { ... on Prediction {
    viewerStake { outcomeId points payout paidAt stakedAt } } } }`;
  return (await actor.ask(document, { id })).node.viewerStake;
}

export async function balanceOf(user: Actor): Promise<number> {
  const { viewer } = await user.ask('{ viewer { wallets(first: 1) { edges { node { balance } } } } }');
  return viewer.wallets.edges[0]?.node.balance ?? 0;
}

export const balancesOf = (...users: Actor[]): Promise<number[]> => Promise.all(users.map(balanceOf));

/** Resolves when everybody has theirs, and every balance is what the ledger says. */
export async function settled({ app: { db } }: TestServer): Promise<void> {
  await until(async () => (await db.job.count({ where: { kind: 'prediction.settle' } })) === 0, {
    what: 'every prediction to be paid out',
  });
  const { differences } = await verifyLedger(db);
  if (differences.length > 0) throw new Error(`the ledger differs: ${JSON.stringify(differences)}`);
}

/** Rows of everything that a prediction's mutations write. Ranks are told by the server, a second after points changed. */
export async function rowsOfPredictions({ app: { db } }: TestServer): Promise<unknown> {
  const [rows] = await db.$queryRaw<unknown[]>`SELECT
    (SELECT string_agg(md5(p::text), ' ' ORDER BY id) FROM "Prediction" p) AS predictions,
    (SELECT count(*)::int FROM "PredictionOutcome") AS outcomes,
    (SELECT string_agg(md5(s::text), ' ' ORDER BY "predictionId", "userId") FROM "PredictionStake" s) AS stakes,
    (SELECT string_agg(balance::text, ' ' ORDER BY id) FROM "Wallet") AS balances,
    (SELECT count(*)::int FROM "Reward") AS rewards,
    (SELECT count(*)::int FROM "EngagementLog") AS engagements,
    (SELECT count(*)::int FROM "ModerationAction") AS actions,
    (SELECT count(*)::int FROM "Job" WHERE kind LIKE 'prediction.%') AS jobs,
    (SELECT count(*)::int FROM "IdempotencyKey") AS keys,
    (SELECT count(*)::int FROM "FeedEntry" WHERE kind <> 'RankChanged') AS entries`;
  return rows;
}

export const rawId = (globalId: string): string => decodeGlobalId(globalId).id;

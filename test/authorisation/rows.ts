import type { TestServer } from '../harness.ts';
import { until } from '../wait.ts';

/**
 * The events, and how many rows there are of everything else that a client can write: those that count, where some stay.
 * What feeds tell of reactions and ranks is written by the server, a second after they changed: counted are the reactions and scores.
 */
export async function rowsOf({ app: { db } }: TestServer): Promise<unknown> {
  return until(
    async () => {
      const rows = await readRows(db);
      // What was begun in the background counts when it is done.
      return rows?.pending === 0 ? rows : null;
    },
    { what: 'every grant and payout' },
  );
}

async function readRows(db: TestServer['app']['db']): Promise<{ pending: number } | undefined> {
  const [rows] = await db.$queryRaw<{ pending: number }[]>`SELECT
    (SELECT count(*)::int FROM "Job" WHERE kind IN ('reward.grant', 'prediction.settle', 'goal.pay')) AS pending,
    (SELECT count(*)::int FROM "User" WHERE "deletedAt" IS NULL) AS users,
    (SELECT count(*)::int FROM "Session" WHERE "revokedAt" IS NULL) AS sessions,
    (SELECT count(*)::int FROM "RefreshToken" WHERE "usedAt" IS NULL) AS tokens,
    (SELECT string_agg(md5(e::text), ' ' ORDER BY id) FROM "VideoEvent" e) AS events,
    (SELECT count(*)::int FROM "Participant" WHERE "leftAt" IS NULL) AS participants,
    (SELECT count(*)::int FROM "Message" WHERE "removedAt" IS NULL) AS messages,
    (SELECT string_agg(md5(q::text), ' ' ORDER BY id) FROM "Question" q) AS questions,
    (SELECT count(*)::int FROM "QuestionUpvote" WHERE "removedAt" IS NULL) AS upvotes,
    (SELECT string_agg(md5(p::text), ' ' ORDER BY id) FROM "Poll" p) AS polls,
    (SELECT count(*)::int FROM "PollChoice") AS choices,
    (SELECT count(*)::int FROM "PollBallot") AS ballots,
    (SELECT string_agg(md5(p::text), ' ' ORDER BY id) FROM "Prediction" p) AS predictions,
    (SELECT count(*)::int FROM "PredictionOutcome") AS outcomes,
    (SELECT string_agg(md5(s::text), ' ' ORDER BY "predictionId", "userId") FROM "PredictionStake" s) AS stakes,
    (SELECT string_agg(status::text, ' ' ORDER BY id) FROM "Goal") AS goals,
    (SELECT count(*)::int FROM "GoalLevel") AS levels,
    (SELECT count(*)::int FROM "EngagementLog") AS engagements,
    (SELECT sum(total)::int FROM "ReactionTally") AS reactions,
    (SELECT count(*)::int FROM "EventInvite") AS invites,
    (SELECT count(*)::int FROM "WaitlistEntry" WHERE status IN ('WAITING', 'OFFERED')) AS waiting,
    (SELECT count(*)::int FROM "Participant" WHERE "remindersMuted") AS muted,
    (SELECT count(*)::int FROM "EventModerator") AS moderators,
    (SELECT count(*)::int FROM "Sanction" WHERE "liftedAt" IS NULL) AS sanctions,
    (SELECT count(*)::int FROM "ModerationAction") AS actions,
    (SELECT count(*)::int FROM "BlockedWord") AS blocked,
    (SELECT count(*)::int FROM "RecentText") AS texts,
    (SELECT string_agg(md5(r::text), ' ' ORDER BY "messageId") FROM "ReportedMessage" r) AS reported,
    (SELECT count(*)::int FROM "MessageReport") AS reports,
    (SELECT count(*)::int FROM "Reward") AS rewards,
    (SELECT string_agg(md5(p::text), ' ' ORDER BY id) FROM "Perk" p) AS perks,
    (SELECT string_agg(status::text, ' ' ORDER BY id) FROM "Redemption") AS redemptions,
    (SELECT string_agg(md5(r::text), ' ' ORDER BY id) FROM "RewardRule" r) AS rules,
    (SELECT string_agg(balance::text, ' ' ORDER BY id) FROM "Wallet") AS balances,
    (SELECT string_agg(points::text, ' ' ORDER BY "ownerId", period, since, "userId") FROM "Score") AS scores,
    (SELECT count(*)::int FROM "Feed") AS feeds,
    (SELECT count(*)::int FROM "FeedEntry" WHERE kind NOT IN ('ReactionsCounted', 'RankChanged')) AS entries,
    (SELECT count(*)::int FROM "IdempotencyKey") AS keys`;
  return rows;
}

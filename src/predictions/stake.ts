import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { once } from '../feed/idempotency.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import type { PredictionStatus } from '../generated/prisma/enums.ts';
import { newId } from '../ids.ts';
import { parseInput } from '../input.ts';
import { takingPartRefused } from '../participation/taking-part.ts';
import { post } from '../rewards/ledger.ts';
import { placePrediction } from './access.ts';
import { AlreadyStakedError, PredictionStatusError } from './errors.ts';
import { type NewStake, newStake } from './input.ts';
import type { OnStaked } from './locking.ts';

/**
 * Takes points from the viewer's wallet with the event's host and stakes them, in one transaction with the engagement: a refused stake
 * costs nothing. More may be added to the same outcome. Throws NotFoundError (also for an outcome that is none of the prediction's),
 * NotParticipantError, SanctionedError, ForbiddenError (the host), PredictionStatusError, AlreadyStakedError (on another outcome),
 * InsufficientPointsError, InvalidInputError, IdempotencyConflictError.
 */
export type StakePoints = (viewer: Viewer, input: NewStake) => Promise<{ predictionId: string }>;

export function createStake({ write, onStaked }: { write: Write; onStaked: OnStaked }): StakePoints {
  return (viewer, raw) => {
    const { idempotencyKey: key, ...input } = parseInput(newStake, raw);
    return write(async (work) => ({
      predictionId: await once(work.tx, { userId: viewer.id, key, operation: 'stakePoints', input }, () =>
        stake(work, viewer, { ...input, onStaked }),
      ),
    }));
  };
}

interface Staking {
  predictionId: string;
  outcomeId: string;
  points: number;
  onStaked: OnStaked;
}

async function stake(work: Work, viewer: Viewer, { onStaked, ...staking }: Staking): Promise<string> {
  const { predictionId, outcomeId, points } = staking;
  const { prediction, standing } = await placePrediction(work.tx, viewer, predictionId);
  // A prediction is open only where the event is: it locks with it.
  const refusal = takingPartRefused(standing, () => true);
  if (refusal !== null) throw refusal;
  const { isHost, participantId } = standing;
  if (participantId === null || isHost) throw new ForbiddenError('The host has no points of their own to stake.');
  const status = await holdStatus(work.tx, predictionId);
  if (status !== 'OPEN') throw new PredictionStatusError(status);
  if (!prediction.outcomes.some(({ id }) => id === outcomeId)) throw new NotFoundError('Outcome');
  const { id: eventId, hostId } = standing.event;
  const stakeId = newId();
  const added = await add(work.tx, { ...staking, eventId, participantId, userId: viewer.id, stakeId });
  if (!added) throw new AlreadyStakedError();
  const source = `stake:${stakeId}`;
  const reason = prediction.title;
  await post(work, [{ userId: viewer.id, hostId, eventId, kind: 'STAKED', points: -points, source, reason }]);
  work.afterCommit(() => onStaked(eventId));
  return predictionId;
}

/** LOCKED as soon as its time is over, whether anybody has locked it by then or not. It stays so until the transaction ends. */
async function holdStatus(tx: Transaction, predictionId: string): Promise<PredictionStatus> {
  const [held] = await tx.$queryRaw<{ status: PredictionStatus }[]>`
    SELECT CASE WHEN status = 'OPEN' AND "locksAt" <= clock_timestamp() THEN 'LOCKED' ELSE status::text END AS status
    FROM "Prediction" WHERE id = ${predictionId}::uuid FOR NO KEY UPDATE`;
  if (held === undefined) throw new NotFoundError('Prediction');
  return held.status;
}

interface Addition {
  predictionId: string;
  outcomeId: string;
  points: number;
  eventId: string;
  participantId: string;
  userId: string;
  /** Its engagement's id, too. */
  stakeId: string;
}

/** False: they staked on another outcome before, and nothing was written. */
async function add(tx: Transaction, addition: Addition): Promise<boolean> {
  const { predictionId, outcomeId, points, eventId, participantId, userId, stakeId } = addition;
  const added = await tx.$queryRaw<unknown[]>`
    WITH moment AS (SELECT clock_timestamp() AS now), staked AS (
      INSERT INTO "PredictionStake" AS s
        ("predictionId", "eventId", "outcomeId", "userId", "participantId", points, "createdAt", "updatedAt")
      SELECT ${predictionId}::uuid, ${eventId}::uuid, ${outcomeId}::uuid, ${userId}::uuid, ${participantId}::uuid, ${points}, now, now
      FROM moment
      ON CONFLICT ("predictionId", "userId") DO UPDATE
        SET points = s.points + EXCLUDED.points, "updatedAt" = EXCLUDED."updatedAt" WHERE s."outcomeId" = EXCLUDED."outcomeId"
      RETURNING 1
    ), engagement AS (
      INSERT INTO "EngagementLog" (id, "participantId", "eventId", "engagementType", "engagementTime", "subjectId", "createdAt", "updatedAt")
      SELECT ${stakeId}::uuid, ${participantId}::uuid, ${eventId}::uuid, 'PREDICTION', now, ${predictionId}::uuid, now, now
      FROM staked, moment
    )
    SELECT 1 FROM staked`;
  return added.length > 0;
}

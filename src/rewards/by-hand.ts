import { z } from 'zod';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { runs, standingIn } from '../events/access.ts';
import { idempotencyKey, once } from '../feed/idempotency.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import { newId } from '../ids.ts';
import { parseInput, text } from '../input.ts';
import { post } from './ledger.ts';
import { byHandRefused, longestReason, pointsAtATime } from './rules.ts';

export const points = z
  .int()
  .min(pointsAtATime.least, { error: `must be at least ${pointsAtATime.least}` })
  .max(pointsAtATime.most, { error: `must be at most ${pointsAtATime.most}` });
export const reason = text(1, longestReason);

const byHand = z.object({ eventId: z.uuid(), userId: z.uuid(), points, reason }).and(idempotencyKey);
export type ByHandInput = z.input<typeof byHand>;

/** Points that a host gives or takes with a reason. For the event's host and admins: others get ForbiddenError. */
export interface ByHand {
  /**
   * Gives points to somebody who joined the event, into their wallet with its host. Resolves with the reward's id. Throws
   * NotFoundError (no such event or participant), ForbiddenError (also for oneself), InvalidInputError, IdempotencyConflictError.
   */
  grant(viewer: Viewer, input: ByHandInput): Promise<{ rewardId: string }>;
  /** Takes points back, whatever they were given for. The same, and InsufficientPointsError. */
  revoke(viewer: Viewer, input: ByHandInput): Promise<{ rewardId: string }>;
}

export function createByHand({ write }: { write: Write }): ByHand {
  const change = (viewer: Viewer, raw: ByHandInput, kind: 'GRANTED' | 'REVOKED') => {
    const { idempotencyKey: key, ...input } = parseInput(byHand, raw);
    const operation = kind === 'GRANTED' ? 'grantReward' : 'revokeReward';
    return write(async (work) => ({
      rewardId: await once(work.tx, { userId: viewer.id, key, operation, input }, () =>
        postOne(work, viewer, { ...input, kind }),
      ),
    }));
  };
  return {
    grant: (viewer, input) => change(viewer, input, 'GRANTED'),
    revoke: (viewer, input) => change(viewer, input, 'REVOKED'),
  };
}

interface Change {
  eventId: string;
  userId: string;
  points: number;
  reason: string;
  kind: 'GRANTED' | 'REVOKED';
}

async function postOne(work: Work, viewer: Viewer, change: Change): Promise<string> {
  const { eventId, userId, reason, kind } = change;
  const hostId = await hostRunBy(work.tx, viewer, eventId);
  const refusal = byHandRefused({ isViewer: userId === viewer.id, isHost: userId === hostId });
  if (refusal !== null) throw new ForbiddenError(refusal);
  const joined = await work.tx.participant.count({ where: { eventId, userId, user: { deletedAt: null } } });
  if (joined === 0) throw new NotFoundError('Participant');
  const points = kind === 'GRANTED' ? change.points : -change.points;
  const source = `by-hand:${newId()}`;
  const [posted] = await post(work, [{ userId, hostId, eventId, kind, points, reason, source, actorId: viewer.id }]);
  if (posted === undefined) throw new Error('a new source was posted before');
  return posted.rewardId;
}

/** The host of an event that the viewer runs. Throws NotFoundError, ForbiddenError. */
export async function hostRunBy(tx: Transaction, viewer: Viewer, eventId: string): Promise<string> {
  const standing = await standingIn(tx, viewer, eventId);
  if (standing === null) throw new NotFoundError('Event');
  if (!runs(standing)) throw new ForbiddenError('Only the host gives and takes points.');
  return standing.event.hostId;
}

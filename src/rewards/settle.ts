import type { Viewer } from '../auth/viewer.ts';
import { NotFoundError } from '../errors.ts';
import { feeds } from '../feed/entry.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import { visibleRedemptions } from './access.ts';
import { hostRunBy } from './by-hand.ts';
import { RedemptionSettledError } from './errors.ts';
import { post } from './ledger.ts';
import { redemptionCancelled, redemptionFulfilled } from './perk-entries.ts';

/** What becomes of redemptions. For the event's host and admins: others get ForbiddenError. */
export interface Settling {
  /** Throws NotFoundError, ForbiddenError, RedemptionSettledError. */
  fulfil(viewer: Viewer, redemptionId: string): Promise<{ redemptionId: string }>;
  /** The user has their points again, and the stock its piece. Throws the same. */
  cancel(viewer: Viewer, redemptionId: string): Promise<{ redemptionId: string }>;
}

export function createSettling({ write }: { write: Write }): Settling {
  const settle = (viewer: Viewer, redemptionId: string, status: 'FULFILLED' | 'CANCELLED') =>
    write(async (work) => {
      const redemption = await settleRow(work, viewer, { redemptionId, status });
      if (status === 'CANCELLED') await giveBack(work, redemption);
      state(work, redemption, status);
      return { redemptionId };
    });
  return {
    fulfil: (viewer, redemptionId) => settle(viewer, redemptionId, 'FULFILLED'),
    cancel: (viewer, redemptionId) => settle(viewer, redemptionId, 'CANCELLED'),
  };
}

interface Settled {
  redemptionId: string;
  eventId: string;
  hostId: string;
  userId: string;
  perkId: string;
  title: string;
  points: number;
}

async function settleRow(
  { tx }: Work,
  viewer: Viewer,
  { redemptionId, status }: { redemptionId: string; status: 'FULFILLED' | 'CANCELLED' },
): Promise<Settled> {
  const found = await tx.redemption.findFirst({
    where: { id: redemptionId, AND: [visibleRedemptions(viewer)] },
    include: { perk: true },
  });
  if (found === null) throw new NotFoundError('Redemption');
  const { eventId, userId, points, perk } = found;
  const hostId = await hostRunBy(tx, viewer, eventId);
  // As redeeming does: the perk first, then the wallet.
  if (status === 'CANCELLED') await tx.$queryRaw`SELECT 1 FROM "Perk" WHERE id = ${perk.id}::uuid FOR NO KEY UPDATE`;
  const settled = await tx.$executeRaw`
    UPDATE "Redemption" SET status = ${status}::"RedemptionStatus", "settledAt" = clock_timestamp()
    WHERE id = ${redemptionId}::uuid AND status = 'UNFULFILLED'`;
  if (settled === 0) {
    const now = await tx.redemption.findUniqueOrThrow({ where: { id: redemptionId }, select: { status: true } });
    throw new RedemptionSettledError(now.status === 'CANCELLED' ? 'CANCELLED' : 'FULFILLED');
  }
  return { redemptionId, eventId, hostId, userId, perkId: perk.id, title: perk.title, points };
}

async function giveBack(
  work: Work,
  { redemptionId, eventId, hostId, userId, perkId, title, points }: Settled,
): Promise<void> {
  await work.tx.$executeRaw`UPDATE "Perk" SET stock = stock + 1 WHERE id = ${perkId}::uuid`;
  const source = `refund:${redemptionId}`;
  await post(work, [{ userId, hostId, eventId, kind: 'REFUNDED', points, source, reason: title }]);
}

function state({ append }: Work, settled: Settled, status: 'FULFILLED' | 'CANCELLED'): void {
  const { redemptionId, eventId, userId, perkId, title, points } = settled;
  const fact = status === 'FULFILLED' ? redemptionFulfilled : redemptionCancelled;
  const taken = { redemptionId, eventId, perkId, title, points };
  append(feeds.event(eventId), fact.draft(taken, { audience: 'moderators', subjectId: redemptionId }));
  append(feeds.user(userId), fact.draft(taken, { subjectId: redemptionId }));
}

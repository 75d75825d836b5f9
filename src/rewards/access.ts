import type { Viewer } from '../auth/viewer.ts';
import { moderatedBy, visibleTo } from '../events/access.ts';
import type { Prisma } from '../generated/prisma/client.ts';

/** The wallets somebody may know of: their own, and those with them as the host; all of them for an admin. */
export function visibleWallets(viewer: Viewer | null): Prisma.WalletWhereInput {
  if (viewer === null) return { id: { in: [] } };
  if (viewer.role === 'ADMIN') return {};
  return { OR: [{ userId: viewer.id }, { hostId: viewer.id }] };
}

/** The same for what the ledger says of them. */
export function visibleRewards(viewer: Viewer | null): Prisma.RewardWhereInput {
  if (viewer === null) return { id: { in: [] } };
  if (viewer.role === 'ADMIN') return {};
  return { OR: [{ userId: viewer.id }, { hostId: viewer.id }] };
}

/** What is offered, for everybody; what is archived, for who offered it. */
export function visiblePerks(viewer: Viewer | null): Prisma.PerkWhereInput {
  if (viewer?.role === 'ADMIN') return {};
  const offered = { archivedAt: null };
  return viewer === null ? offered : { OR: [offered, { hostId: viewer.id }] };
}

/** What pays now, for whoever sees where; what is archived, for who paid by it. */
export function visibleRules(viewer: Viewer | null): Prisma.RewardRuleWhereInput {
  if (viewer?.role === 'ADMIN') return {};
  const holding = { archivedAt: null, OR: [{ eventId: null }, { event: visibleTo(viewer) }] };
  return viewer === null ? holding : { OR: [holding, { hostId: viewer.id }] };
}

/** Their own, and those in events they host or moderate; all of them for an admin. */
export function visibleRedemptions(viewer: Viewer | null): Prisma.RedemptionWhereInput {
  if (viewer === null) return { id: { in: [] } };
  if (viewer.role === 'ADMIN') return {};
  return { OR: [{ userId: viewer.id }, { event: moderatedBy(viewer) }] };
}

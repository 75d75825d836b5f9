import { z } from 'zod';
import { readToldProfile } from '../accounts/told-profile.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { ForbiddenError, NotFoundError, UnauthenticatedError } from '../errors.ts';
import type { Standing } from '../events/access.ts';
import { lockEvent } from '../events/lock.ts';
import { isOpen } from '../events/rules.ts';
import { feeds } from '../feed/entry.ts';
import { idempotencyKey, once } from '../feed/idempotency.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import { newId } from '../ids.ts';
import { parseInput, text } from '../input.ts';
import { takingPartRefused } from '../participation/taking-part.ts';
import { PerkUnavailableError } from './errors.ts';
import { post } from './ledger.ts';
import { perkRedeemed } from './perk-entries.ts';
import { perkRefused, perkText } from './perk-rules.ts';

const redeemPerk = z
  .object({
    eventId: z.uuid(),
    perkId: z.uuid(),
    note: text(0, perkText.note)
      .nullish()
      .transform((value) => value ?? ''),
  })
  .and(idempotencyKey);
export type RedeemInput = z.input<typeof redeemPerk>;

/**
 * Takes a perk for its points, all in one transaction: a refused redemption costs nothing and takes nothing from the stock. Throws
 * NotFoundError (also for a perk of another host), EventNotOpenError, NotParticipantError, SanctionedError, ForbiddenError (the host),
 * PerkUnavailableError, InsufficientPointsError, InvalidInputError, IdempotencyConflictError.
 */
export type RedeemPerk = (viewer: Viewer, input: RedeemInput) => Promise<{ redemptionId: string }>;

type Redeeming = Omit<z.output<typeof redeemPerk>, 'idempotencyKey'>;

export const createRedeem =
  ({ write }: { write: Write }): RedeemPerk =>
  (viewer, raw) => {
    const { idempotencyKey: key, ...input } = parseInput(redeemPerk, raw);
    return write(async (work) => ({
      redemptionId: await once(work.tx, { userId: viewer.id, key, operation: 'redeemPerk', input }, () =>
        redeem(work, viewer, input),
      ),
    }));
  };

async function redeem(work: Work, viewer: Viewer, { eventId, perkId, note }: Redeeming): Promise<string> {
  const { tx, append } = work;
  // Under the event's lock, as its end and sanctions are: what precedes those counts, what follows is refused.
  const standing = await lockEvent(tx, viewer, eventId);
  const refusal = takingPartRefused(standing, isOpen);
  if (refusal !== null) throw refusal;
  if (standing.participantId === null || standing.isHost)
    throw new ForbiddenError('The host has no points of their own to spend.');
  const perk = await lockPerk(tx, perkId, { standing, userId: viewer.id });
  const refused = perkRefused(perk);
  if (refused !== null) throw new PerkUnavailableError(refused, refused === 'COOLDOWN' ? perk.cooldownLeft : null);
  const redemptionId = newId();
  const { hostId } = standing.event;
  const source = `perk:${redemptionId}`;
  await post(work, [
    { userId: viewer.id, hostId, eventId, kind: 'SPENT', points: -perk.cost, source, reason: perk.title },
  ]);
  await tx.$executeRaw`
    UPDATE "Perk" SET stock = stock - 1, "lastRedeemedAt" = clock_timestamp() WHERE id = ${perkId}::uuid`;
  await tx.$executeRaw`
    INSERT INTO "Redemption" (id, "perkId", "eventId", "participantId", "userId", points, note, "redeemedAt")
    VALUES (${redemptionId}::uuid, ${perkId}::uuid, ${eventId}::uuid, ${standing.participantId}::uuid, ${viewer.id}::uuid,
      ${perk.cost}, ${note}, clock_timestamp())`;
  const actor = await readToldProfile(tx, viewer.id);
  if (actor === null) throw new UnauthenticatedError();
  const taken = { redemptionId, eventId, perkId, title: perk.title, points: perk.cost };
  const about = { audience: 'moderators', actorId: viewer.id, subjectId: redemptionId } as const;
  append(feeds.event(eventId), perkRedeemed.draft({ ...taken, actor, note }, about));
  return redemptionId;
}

interface Locked {
  title: string;
  cost: number;
  archived: boolean;
  stock: number | null;
  maxPerEvent: number | null;
  maxPerUser: number | null;
  cooldownLeft: number;
  inEvent: number;
  byUser: number;
}

/** Whoever takes the same perk waits here, and then finds what is left. */
async function lockPerk(
  tx: Transaction,
  perkId: string,
  { standing: { event }, userId }: { standing: Standing; userId: string },
): Promise<Locked> {
  await tx.$queryRaw`SELECT 1 FROM "Perk" WHERE id = ${perkId}::uuid FOR NO KEY UPDATE`;
  // A statement of its own: it sees what was committed while this one waited.
  const [perk] = await tx.$queryRaw<Locked[]>`
    SELECT p.title, p.cost, p."archivedAt" IS NOT NULL AS archived, p.stock, p."maxPerEvent", p."maxPerUser",
      GREATEST(0, ceil(extract(epoch FROM p."lastRedeemedAt" + make_interval(secs => p."cooldownSeconds") - clock_timestamp()) * 1000))::float8
        AS "cooldownLeft",
      count(r.id)::int AS "inEvent", count(r.id) FILTER (WHERE r."userId" = ${userId}::uuid)::int AS "byUser"
    FROM "Perk" p LEFT JOIN "Redemption" r ON r."perkId" = p.id AND r."eventId" = ${event.id}::uuid AND r.status <> 'CANCELLED'
    WHERE p.id = ${perkId}::uuid AND p."hostId" = ${event.hostId}::uuid GROUP BY p.id`;
  if (perk === undefined) throw new NotFoundError('Perk');
  return perk;
}

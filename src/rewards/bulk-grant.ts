import { z } from 'zod';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { databaseNow } from '../db/clock.ts';
import { idempotencyKey, once } from '../feed/idempotency.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import { Prisma } from '../generated/prisma/client.ts';
import { newId } from '../ids.ts';
import { parseInput } from '../input.ts';
import { type Duty, task } from '../jobs/task.ts';
import { hostRunBy, points, reason } from './by-hand.ts';
import { post } from './ledger.ts';

/** Whom: all that is given together. */
const filter = z.object({
  engagementType: z.string().min(1).max(50).nullish(),
  minSecondsWatched: z.int().min(0).nullish(),
  stillHere: z.boolean().nullish(),
});

const bulkGrant = z.object({ eventId: z.uuid(), points, reason, filter: filter.nullish() }).and(idempotencyKey);
export type BulkGrantInput = z.input<typeof bulkGrant>;

/** Participants who get their points in one transaction. */
const atATime = 500;

const grant = z.object({
  grantId: z.uuid(),
  eventId: z.uuid(),
  hostId: z.uuid(),
  actorId: z.uuid(),
  points: z.int(),
  reason: z.string(),
  engagementType: z.string().nullable(),
  minSecondsWatched: z.int().nullable(),
  stillHere: z.boolean(),
  /** Whoever joined later is left out, in ms since 1970. */
  joinedUntil: z.number(),
  /** Participants up to this one have theirs; null: nobody yet. */
  after: z.uuid().nullable(),
});
type Grant = z.infer<typeof grant>;

const grantTask = task('reward.grant', grant);

/** Points for many. */
export interface BulkGrant {
  /**
   * Gives points to everybody who joined the event so far and fits the filter, but the viewer and the host. Resolves once that is
   * decided: the points follow in background work, which any instance does, to each once. Throws NotFoundError, ForbiddenError,
   * InvalidInputError, IdempotencyConflictError.
   */
  grantMany(viewer: Viewer, input: BulkGrantInput): Promise<{ grantId: string; eventId: string }>;
  readonly duty: Duty;
}

export function createBulkGrant({ write }: { write: Write }): BulkGrant {
  return {
    grantMany(viewer, raw) {
      const { idempotencyKey: key, ...input } = parseInput(bulkGrant, raw);
      return write(async ({ tx }) => {
        const request = { userId: viewer.id, key, operation: 'grantRewards', input };
        return { grantId: await once(tx, request, () => begin(tx, viewer, input)), eventId: input.eventId };
      });
    },
    duty: grantTask.doneBy(grantSome),
  };
}

type Wanted = Omit<z.infer<typeof bulkGrant>, 'idempotencyKey'>;

async function begin(tx: Transaction, viewer: Viewer, { eventId, points, reason, filter }: Wanted): Promise<string> {
  const hostId = await hostRunBy(tx, viewer, eventId);
  const grantId = newId();
  await grantTask.schedule(
    tx,
    `${grantId}:`,
    { inMs: 0 },
    {
      grantId,
      eventId,
      hostId,
      actorId: viewer.id,
      points,
      reason,
      engagementType: filter?.engagementType ?? null,
      minSecondsWatched: filter?.minSecondsWatched ?? null,
      stillHere: filter?.stillHere ?? false,
      joinedUntil: (await databaseNow(tx)).getTime(),
      after: null,
    },
  );
  return grantId;
}

/** The next participants get theirs, and whoever comes after them is left to the next task, in the same transaction. */
async function grantSome(work: Work, grant: Grant): Promise<void> {
  const { grantId, eventId, hostId, actorId, points, reason } = grant;
  const people = await nextParticipants(work.tx, grant);
  await post(
    work,
    people.map(({ userId }) => ({
      userId,
      hostId,
      eventId,
      kind: 'GRANTED' as const,
      points,
      reason,
      source: `grant:${grantId}:${userId}`,
      actorId,
    })),
  );
  const last = people.at(-1);
  if (last === undefined || people.length < atATime) return;
  await grantTask.schedule(work.tx, `${grantId}:${last.id}`, { inMs: 0 }, { ...grant, after: last.id });
}

function nextParticipants(tx: Transaction, grant: Grant): Promise<{ id: string; userId: string }[]> {
  const { eventId, hostId, actorId, engagementType, minSecondsWatched, stillHere, joinedUntil, after } = grant;
  const conditions = [
    after === null ? null : Prisma.sql`p.id > ${after}::uuid`,
    stillHere ? Prisma.sql`p."leftAt" IS NULL` : null,
    engagementType === null
      ? null
      : Prisma.sql`EXISTS (SELECT 1 FROM "EngagementLog" l WHERE l."participantId" = p.id AND l."engagementType" = ${engagementType})`,
    minSecondsWatched === null
      ? null
      : Prisma.sql`EXISTS (SELECT 1 FROM "Attendance" a WHERE a."participantId" = p.id AND a."secondsWatched" >= ${minSecondsWatched})`,
  ].filter((condition) => condition !== null);
  return tx.$queryRaw`
    SELECT p.id, p."userId" FROM "Participant" p JOIN "User" u ON u.id = p."userId" AND u."deletedAt" IS NULL
    WHERE p."eventId" = ${eventId}::uuid AND p."userId" <> ${hostId}::uuid AND p."userId" <> ${actorId}::uuid
      AND p."joinedAt" <= ${new Date(joinedUntil)} ${conditions.length > 0 ? Prisma.sql`AND ${Prisma.join(conditions, ' AND ')}` : Prisma.empty}
    ORDER BY p.id LIMIT ${atATime}`;
}

import { z } from 'zod';
import type { Profile } from '../accounts/profile.ts';
import { readToldProfile } from '../accounts/told-profile.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Db, Transaction } from '../db/client.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { inForce, moderates, runs, standingIn, standingsIn } from '../events/access.ts';
import { lockEvent } from '../events/lock.ts';
import { feeds } from '../feed/entry.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import type { SanctionKind } from '../generated/prisma/enums.ts';
import { newId } from '../ids.ts';
import { parseInput, text } from '../input.ts';
import { planTelling } from '../leaderboards/telling.ts';
import { putOut } from '../participation/seats.ts';
import { recordAction } from './audit.ts';
import { sanctionImposed, sanctionLifted } from './entries.ts';
import { AlreadySanctionedError, type SanctionTerms } from './errors.ts';
import { liftRefused, longestReason, sanctionRefused, timeoutSeconds } from './rules.ts';

export interface Sanctioning {
  eventId: string;
  userId: string;
  /** @default '' */
  reason?: string | null;
}

/** What keeps people from taking part. For the host, moderators and admins: others get ForbiddenError. */
export interface Sanctions {
  /**
   * The user writes nothing in the event for so many seconds. All throw NotFoundError, ForbiddenError (also for oneself, the host,
   * an admin, and for moderators who would sanction each other), InvalidInputError; and AlreadySanctionedError.
   */
  timeOut(viewer: Viewer, input: Sanctioning & { seconds: number }): Promise<string>;
  /**
   * The user loses their place or turn on the waitlist, invitation and appointment, and neither writes nor follows until it is lifted. Takes the place of a
   * timeout.
   */
  ban(viewer: Viewer, input: Sanctioning): Promise<string>;
  /** Ends what is in force. Throws NotFoundError also when nothing is, and ForbiddenError as `timeOut` does. */
  lift(viewer: Viewer, input: Omit<Sanctioning, 'reason'>): Promise<{ eventId: string; userId: string }>;
  /** What is in force against the viewer. Null: nothing, or an event they may not know of. */
  ofViewer(viewer: Viewer | null, eventId: string): Promise<SanctionTerms | null>;
}

const reason = text(0, longestReason).nullish();
const banInput = z.object({ eventId: z.uuid(), userId: z.uuid(), reason });
const timeoutInput = banInput.extend({ seconds: z.int().min(timeoutSeconds.least).max(timeoutSeconds.most) });

interface Imposing {
  eventId: string;
  userId: string;
  kind: SanctionKind;
  reason: string;
  /** Null: until it is lifted. */
  seconds: number | null;
}

export function createSanctions({ write, db }: { write: Write; db: Db }): Sanctions {
  return {
    timeOut(viewer, input) {
      const { eventId, userId, seconds, reason } = parseInput(timeoutInput, input);
      return write((work) => impose(work, viewer, { eventId, userId, kind: 'TIMEOUT', reason: reason ?? '', seconds }));
    },
    ban(viewer, input) {
      const { eventId, userId, reason } = parseInput(banInput, input);
      return write(async (work) => {
        const id = await impose(work, viewer, { eventId, userId, kind: 'BAN', reason: reason ?? '', seconds: null });
        await work.tx.eventModerator.deleteMany({ where: { eventId, userId } });
        await work.tx.eventInvite.deleteMany({ where: { eventId, userId } });
        await putOut(work, eventId, [userId]);
        // Who is banned is not on the leaderboard: others move up.
        await planTelling(work.tx, eventId);
        return id;
      });
    },
    lift: (viewer, { eventId, userId }) =>
      write(async ({ tx, append }) => {
        const standing = await lockEvent(tx, viewer, eventId);
        if (!moderates(standing)) throw forbidden();
        const actor = await profileOf(tx, userId);
        const { isModerator } = await targetIn(tx, { eventId, userId });
        const refusal = liftRefused({ runs: runs(standing) }, { isModerator, isViewer: userId === viewer.id });
        if (refusal !== null) throw new ForbiddenError(refusal);
        const lifted = await tx.$executeRaw`
          UPDATE "Sanction" s SET "liftedAt" = clock_timestamp()
          WHERE s."eventId" = ${eventId}::uuid AND s."userId" = ${userId}::uuid AND ${inForce}`;
        if (lifted === 0) throw new NotFoundError('Sanction');
        await planTelling(tx, eventId);
        await recordAction(tx, { eventId, actorId: viewer.id, kind: 'SANCTION_LIFTED', userId });
        const about = { actorId: userId, subjectId: eventId } as const;
        append(feeds.event(eventId), sanctionLifted.draft({ eventId, actor }, { ...about, audience: 'moderators' }));
        append(feeds.user(userId), sanctionLifted.draft({ eventId, actor }, about));
        return { eventId, userId };
      }),
    ofViewer: async (viewer, eventId) =>
      viewer === null ? null : ((await standingIn(db, viewer, eventId))?.sanction ?? null),
  };
}

const forbidden = () => new ForbiddenError('Only the host and moderators do this.');

/** Under the event's lock, as joining is: whoever is banned is in, and put out, or does not get in. */
async function impose({ tx, append }: Work, viewer: Viewer, imposing: Imposing): Promise<string> {
  const { eventId, userId, kind, reason, seconds } = imposing;
  const standing = await lockEvent(tx, viewer, eventId);
  if (!moderates(standing)) throw forbidden();
  const actor = await profileOf(tx, userId);
  const target = await targetIn(tx, { eventId, userId });
  const refusal = sanctionRefused({ runs: runs(standing) }, { ...target, isViewer: userId === viewer.id });
  if (refusal !== null) throw new ForbiddenError(refusal);
  const { sanction } = target;
  if (sanction !== null && (sanction.kind === 'BAN' || kind === 'TIMEOUT')) throw new AlreadySanctionedError(sanction);
  // What is over, or gives way to a ban.
  await tx.$executeRaw`
    UPDATE "Sanction" SET "liftedAt" = LEAST(until, clock_timestamp())
    WHERE "eventId" = ${eventId}::uuid AND "userId" = ${userId}::uuid AND "liftedAt" IS NULL`;
  const id = newId();
  const [imposed] = await tx.$queryRaw<{ until: Date | null }[]>`
    INSERT INTO "Sanction" (id, "eventId", "userId", kind, reason, "imposedById", "imposedAt", until)
    VALUES (${id}::uuid, ${eventId}::uuid, ${userId}::uuid, ${kind}::"SanctionKind", ${reason}, ${viewer.id}::uuid,
      clock_timestamp(), clock_timestamp() + make_interval(secs => ${seconds}::int))
    RETURNING until`;
  const until = imposed?.until?.getTime() ?? null;
  const actionKind = kind === 'BAN' ? 'USER_BANNED' : 'USER_TIMED_OUT';
  await recordAction(tx, { eventId, actorId: viewer.id, kind: actionKind, userId, reason });
  const fact = { eventId, actor, kind, reason, until };
  const about = { actorId: userId, subjectId: eventId } as const;
  append(feeds.event(eventId), sanctionImposed.draft(fact, { ...about, audience: 'moderators' }));
  append(feeds.user(userId), sanctionImposed.draft(fact, about));
  return id;
}

async function profileOf(tx: Transaction, userId: string): Promise<Profile> {
  const profile = await readToldProfile(tx, userId);
  if (profile === null) throw new NotFoundError('User');
  return profile;
}

/** How somebody stands to the event, by their role as it is now. */
async function targetIn(tx: Transaction, { eventId, userId }: { eventId: string; userId: string }) {
  const { role } = await tx.user.findUniqueOrThrow({ where: { id: userId }, select: { role: true } });
  const [target] = await standingsIn(tx, [{ id: userId, role }], eventId);
  if (target === undefined) throw new NotFoundError('Event');
  return target;
}

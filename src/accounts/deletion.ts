import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { videoEventDeleted } from '../events/entries.ts';
import { feeds } from '../feed/entry.ts';
import type { Work, Write } from '../feed/unit-of-work.ts';
import { parseInput } from '../input.ts';
import { forgetScores } from '../leaderboards/scores.ts';
import { offerSeats } from '../waitlist/offers.ts';
import { stopWaiting } from '../waitlist/waiting.ts';
import { givenPassword } from './account-fields.ts';
import type { Credentials } from './credentials.ts';
import { profileDeleted } from './entries.ts';
import { HostingEventError, InvalidCredentialsError } from './errors.ts';
import { deletedProfile } from './profile.ts';
import type { Sessions } from './sessions.ts';

export interface DeletionDeps {
  write: Write;
  credentials: Pick<Credentials, 'confirm' | 'confirmWithout'>;
  sessions: Pick<Sessions, 'revokeAll'>;
}

const deleteAccountInput = z.object({ password: givenPassword.nullish() });

/**
 * Makes the account an anonymous row that what refers to it can keep, ends its sessions and gives back its seats. Throws
 * InvalidInputError, InvalidCredentialsError, and HostingEventError while the viewer hosts a scheduled or live event.
 */
export function createDeletion({ write, credentials, sessions }: DeletionDeps) {
  return async (viewer: Viewer, input: { password?: string | null }): Promise<void> => {
    const { password } = parseInput(deleteAccountInput, input);
    const confirmed =
      password == null ? await credentials.confirmWithout(viewer) : await credentials.confirm(viewer, password);
    const userId = viewer.id;
    await write(async (work) => {
      await lock(work.tx, userId, confirmed);
      await deleteDrafts(work, userId);
      await leaveEvents(work, userId);
      await forgetScores(work.tx, userId);
      await sessions.revokeAll(work, userId, 'ACCOUNT_DELETED');
      await anonymise(work.tx, userId);
      await redactFacts(work, userId);
    });
  };
}

/** Events before the user, as everybody who writes to an event locks it and then refers to a user. */
async function lock(tx: Transaction, userId: string, password: string): Promise<void> {
  await tx.$queryRaw`
    SELECT id FROM "VideoEvent" WHERE "hostId" = ${userId}::uuid
      OR id IN (SELECT "eventId" FROM "Participant" WHERE "userId" = ${userId}::uuid AND "leftAt" IS NULL)
      OR id IN (SELECT "eventId" FROM "WaitlistEntry" WHERE "userId" = ${userId}::uuid AND status IN ('WAITING', 'OFFERED'))
    ORDER BY id FOR NO KEY UPDATE`;
  const users = await tx.$queryRaw<unknown[]>`
    SELECT id FROM "User" WHERE id = ${userId}::uuid AND password = ${password} AND "deletedAt" IS NULL FOR UPDATE`;
  if (users.length === 0) throw new InvalidCredentialsError();
}

/** What is over stays, for those who took part. A draft goes with all it told but that it is gone, as when its host deletes it. */
async function deleteDrafts({ tx, append }: Work, userId: string): Promise<void> {
  const hosting = await tx.videoEvent.count({
    where: { hostId: userId, status: { in: ['SCHEDULED', 'LIVE', 'INTERRUPTED'] } },
  });
  if (hosting > 0) throw new HostingEventError();
  const drafts = await tx.$queryRaw<{ id: string }[]>`
    DELETE FROM "VideoEvent" WHERE "hostId" = ${userId}::uuid AND status = 'DRAFT' RETURNING id`;
  await tx.feedEntry.deleteMany({ where: { feed: { in: drafts.map(({ id }) => feeds.event(id)) } } });
  for (const { id } of drafts) append(feeds.event(id), videoEventDeleted.draft({ eventId: id }, { subjectId: id }));
}

async function leaveEvents(work: Work, userId: string): Promise<void> {
  const { tx } = work;
  const waits = await tx.waitlistEntry.findMany({ where: { userId, status: { in: ['WAITING', 'OFFERED'] } } });
  for (const { eventId } of waits) {
    if ((await stopWaiting(tx, eventId, [userId], 'CANCELLED')) > 0) await offerSeats(work, eventId);
  }
  // A host takes no seat.
  const left = await tx.$queryRaw<{ id: string }[]>`
    WITH gone AS (
      UPDATE "Participant" SET "leftAt" = clock_timestamp(), "updatedAt" = clock_timestamp()
      WHERE "userId" = ${userId}::uuid AND "leftAt" IS NULL RETURNING "eventId")
    UPDATE "VideoEvent" SET "seatsTaken" = "seatsTaken" - 1
    WHERE id IN (SELECT "eventId" FROM gone) AND "hostId" <> ${userId}::uuid RETURNING id`;
  for (const { id } of left) await offerSeats(work, id);
  await tx.eventInvite.deleteMany({ where: { userId } });
  await tx.eventModerator.deleteMany({ where: { userId } });
}

async function anonymise(tx: Transaction, userId: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE "User" SET username = ${`deleted_${randomBytes(8).toString('hex')}`},
      email = ${`deleted-${userId}@deleted.invalid`}, "emailVerifiedAt" = NULL, password = '', "displayName" = 'deleted user', "avatarUrl" = NULL,
      "deletedAt" = clock_timestamp(), "updatedAt" = clock_timestamp()
    WHERE id = ${userId}::uuid`;
  await tx.mailToken.deleteMany({ where: { userId } });
  // The key stays: it refuses tokens that were issued before.
  await tx.externalIdentity.updateMany({ where: { userId }, data: { userId: null, subject: null } });
}

/**
 * Facts carry their actor's profile as `actor`; those of the user forget it, in the log and in every tail. Whoever was told of the
 * user hears of it, and nobody else: that they were in an event at all may be for its moderators alone to know.
 */
async function redactFacts({ tx, append }: Work, userId: string): Promise<void> {
  const told = await tx.$queryRaw<{ feed: string; everyone: boolean }[]>`
    SELECT feed, bool_or(audience = 'everyone') AS everyone FROM "FeedEntry" WHERE "actorId" = ${userId}::uuid GROUP BY feed`;
  const redacts = { actorId: userId, patch: { actor: deletedProfile(userId) } };
  for (const { feed, everyone } of told) {
    append(feed, profileDeleted.draft({ userId }, { redacts, audience: everyone ? 'everyone' : 'moderators' }));
  }
}

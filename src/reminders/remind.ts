import { z } from 'zod';
import type { Transaction } from '../db/client.ts';
import { databaseNow } from '../db/clock.ts';
import { feeds } from '../feed/entry.ts';
import type { Work } from '../feed/unit-of-work.ts';
import { type Duty, task } from '../jobs/task.ts';
import { videoEventReminded } from './entries.ts';
import { isBelated, remindersAhead } from './rules.ts';

/**
 * Participants reminded in one unit of work: it holds the locks of as many feeds, and however large the audience, what a dying
 * instance had begun is begun anew for so many only.
 */
export const remindedTogether = 500;

/** Who was reminded last, of those who had joined when it began. */
const progress = z.object({ begunAt: z.iso.datetime(), joinedAt: z.iso.datetime(), participantId: z.uuid() });
const reminder = z.object({
  eventId: z.uuid(),
  scheduledAt: z.iso.datetime(),
  minutesBefore: z.int(),
  /** Null: nobody was reminded yet. */
  progress: progress.nullable(),
});
type Reminder = z.infer<typeof reminder>;
type Progress = z.infer<typeof progress>;

const remind = task('event.remind', reminder);

/** Plans the reminders of an event that was scheduled, or moved to another time. Those of the time before find nothing to do. */
export async function planReminders({ tx }: Work, eventId: string): Promise<void> {
  const event = await tx.videoEvent.findUniqueOrThrow({ where: { id: eventId }, select: { scheduledAt: true } });
  const now = await databaseNow(tx);
  for (const { minutesBefore, at } of remindersAhead(event.scheduledAt.getTime(), now.getTime())) {
    const payload = { eventId, scheduledAt: event.scheduledAt.toISOString(), minutesBefore, progress: null };
    await remind.schedule(tx, keyOf(payload), { at: new Date(at) }, payload);
  }
}

export const remindersDuty: Duty = remind.doneBy(async (work, reminder) => {
  const { tx } = work;
  const { eventId, minutesBefore } = reminder;
  const scheduledAt = new Date(reminder.scheduledAt);
  const event = await tx.videoEvent.findFirst({ where: { id: eventId, status: 'SCHEDULED', scheduledAt } });
  if (event === null) return;
  const now = await databaseNow(tx);
  const times = { scheduledAt: scheduledAt.getTime(), now: now.getTime() };
  // What was begun in time is brought to its end: nobody is left out.
  if (reminder.progress === null && isBelated(minutesBefore, times)) return;
  const begunAt = reminder.progress?.begunAt ?? now.toISOString();
  const { userIds, last } = await nextParticipants(tx, reminder, begunAt);
  const hosts = reminder.progress === null ? await willingHost(tx, eventId) : [];
  const payload = { eventId, title: event.title, scheduledAt: reminder.scheduledAt, minutesBefore };
  for (const userId of [...hosts, ...userIds]) {
    work.append(feeds.user(userId), videoEventReminded.draft(payload, { subjectId: eventId }));
  }
  if (last === null) return;
  const next = { ...reminder, progress: last };
  await remind.schedule(tx, keyOf(next), { inMs: 0 }, next);
});

function keyOf({ eventId, scheduledAt, minutesBefore, progress }: Reminder): string {
  const key = `${eventId}:${Date.parse(scheduledAt)}:${minutesBefore}`;
  return progress === null ? key : `${key}:${progress.participantId}`;
}

interface Participants {
  userIds: string[];
  /** Null: these were the last. */
  last: Progress | null;
}

interface ParticipantRow {
  id: string;
  userId: string;
  joinedAt: Date;
  isWilling: boolean;
}

/** The next of those who hold a place and had one when the reminder began, in the order of joining; the host is told apart. */
async function nextParticipants(
  tx: Transaction,
  { eventId, progress }: Reminder,
  begunAt: string,
): Promise<Participants> {
  const rows = await tx.$queryRaw<ParticipantRow[]>`
    SELECT p.id, p."userId", p."joinedAt",
      p."leftAt" IS NULL AND NOT p."remindersMuted" AND u."remindersOn" AND p."userId" <> e."hostId" AS "isWilling"
    FROM "Participant" p JOIN "User" u ON u.id = p."userId" JOIN "VideoEvent" e ON e.id = p."eventId"
    WHERE p."eventId" = ${eventId}::uuid AND p."joinedAt" <= ${begunAt}::timestamptz
      AND (p."joinedAt", p.id) > (${progress?.joinedAt ?? '-infinity'}::timestamptz, ${progress?.participantId ?? nobody}::uuid)
    ORDER BY p."joinedAt", p.id LIMIT ${remindedTogether}`;
  const last = rows.length < remindedTogether ? undefined : rows.at(-1);
  return {
    userIds: rows.filter(({ isWilling }) => isWilling).map(({ userId }) => userId),
    last: last === undefined ? null : { begunAt, joinedAt: last.joinedAt.toISOString(), participantId: last.id },
  };
}

/** Smaller than every id. */
const nobody = '00000000-0000-0000-0000-000000000000';

/** The host belongs to the event without having joined. */
async function willingHost(tx: Transaction, eventId: string): Promise<string[]> {
  const hosts = await tx.$queryRaw<{ id: string }[]>`
    SELECT u.id FROM "VideoEvent" e JOIN "User" u ON u.id = e."hostId"
    LEFT JOIN "Participant" p ON p."eventId" = e.id AND p."userId" = u.id
    WHERE e.id = ${eventId}::uuid AND u."remindersOn" AND p."remindersMuted" IS NOT TRUE`;
  return hosts.map(({ id }) => id);
}

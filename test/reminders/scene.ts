import { createEvent, join } from '../actor.ts';
import { rawId } from '../authorisation/hostile.ts';
import { createPeople, type Person } from '../authorisation/people.ts';
import type { TestServer } from '../harness.ts';
import { until } from '../wait.ts';

/** A scheduled event with its host and three participants. */
export interface Scene {
  host: Person;
  ada: Person;
  bob: Person;
  cid: Person;
  eventId: string;
}

export const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();

/** `minutes`: from now to the event. */
export async function setScene(server: TestServer, minutes = 3000): Promise<Scene> {
  const roles = { host: 'HOST', ada: 'PARTICIPANT', bob: 'PARTICIPANT', cid: 'PARTICIPANT' } as const;
  const people = await createPeople(server, roles);
  const eventId = await createEvent(people.host.actor, 'SCHEDULED', { scheduledAt: inMinutes(minutes) });
  for (const { actor } of [people.ada, people.bob, people.cid]) await join(actor, eventId);
  return { ...people, eventId };
}

/** The reminders that are planned, as minutes before the event, and for when it is scheduled. */
export async function planned({ app: { db } }: TestServer, eventId: string): Promise<string[]> {
  const jobs = await db.job.findMany({
    where: { kind: 'event.remind', key: { startsWith: rawId(eventId) } },
    orderBy: { runAt: 'asc' },
  });
  return jobs.map(({ key }) => key.split(':').slice(1).join(' '));
}

/** Makes the planned reminders of so many minutes due, and resolves when nothing of them is left to do. */
export async function falls({ app: { db } }: TestServer, eventId: string, minutes: number): Promise<void> {
  // What is left of one that was begun is planned in the transaction that ends its part, with the same beginning of the key.
  const like = `${rawId(eventId)}:%:${minutes}%`;
  const due = await db.$executeRaw`
    UPDATE "Job" SET "runAt" = clock_timestamp() WHERE kind = 'event.remind' AND key LIKE ${like}`;
  if (due === 0) throw new Error(`no reminder ${minutes} minutes before was planned`);
  const left = async () => {
    const [row] = await db.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM "Job" WHERE kind = 'event.remind' AND key LIKE ${like}`;
    return row?.count;
  };
  await until(async () => (await left()) === 0, { what: 'every reminder to be sent', limitMs: 30_000 });
}

/** The reminders in somebody's own feed, by how many minutes before. */
export async function remindersOf({ app: { db } }: TestServer, { viewer }: Person, eventId: string): Promise<number[]> {
  const told = await db.feedEntry.findMany({
    where: { feed: `user:${viewer.id}`, kind: 'VideoEventReminded', subjectId: rawId(eventId) },
    orderBy: { sequence: 'asc' },
  });
  return told.map(({ payload }) => Number(Object(payload).minutesBefore));
}

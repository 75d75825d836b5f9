import type { Viewer } from '../../src/auth/viewer.ts';
import { encodeGlobalId } from '../../src/global-id.ts';
import type { Actor } from '../actor.ts';
import { createPeople, type Person } from '../authorisation/people.ts';
import type { TestServer } from '../harness.ts';

/** An event on air with its host and people who are not in it yet. */
export interface Scene {
  host: Person;
  people: Person[];
  /** The raw id, and the global one. */
  id: string;
  eventId: string;
}

export interface SceneOptions {
  people?: number;
  capacity?: number | null;
  visibility?: 'PUBLIC' | 'PRIVATE';
}

export async function setScene(
  server: TestServer,
  { people = 3, capacity = 1, visibility = 'PUBLIC' }: SceneOptions = {},
): Promise<Scene> {
  const { host, ...others } = await createPeople(server, {
    host: 'HOST',
    ...Object.fromEntries(Array.from({ length: people }, (_, n) => [`p${n}`, 'PARTICIPANT' as const])),
  });
  if (host === undefined) throw new Error('a scene has a host');
  const id = await createShow(server, host.viewer, { capacity, visibility });
  return { host, people: Object.values(others), id, eventId: encodeGlobalId('VideoEvent', id) };
}

/** A live event; its raw id. */
export async function createShow(
  { app }: TestServer,
  host: Viewer,
  { capacity = null, visibility = 'PUBLIC' }: Omit<SceneOptions, 'people'>,
): Promise<string> {
  const { events } = app.capabilities;
  const scheduledAt = new Date(Date.now() + 3_600_000);
  const streamUrl = 'https://stream.example.test/live.m3u8';
  const { eventId } = await events.create(host, { title: 'A show', scheduledAt, streamUrl, capacity, visibility });
  await events.move(host, eventId, 'schedule');
  await events.move(host, eventId, 'start');
  return eventId;
}

/** How the event's seats stand. */
export interface Seats {
  capacity: number | null;
  taken: number;
  offered: number;
  /** Places held, of the host's none; and entries of each kind. */
  places: number;
  offers: number;
  waiting: number;
  /** People who hold a place, and wait for one or are offered one. */
  both: number;
  /** Whether somebody waits whose turn was before that of somebody with an offer. */
  overtaken: boolean;
}

export async function seatsOf({ app: { db } }: TestServer, id: string): Promise<Seats> {
  const [seats] = await db.$queryRaw<Seats[]>`
    SELECT e.capacity, e."seatsTaken" AS taken, e."seatsOffered" AS offered,
      (SELECT count(*)::int FROM "Participant" p WHERE p."eventId" = e.id AND p."leftAt" IS NULL AND p."userId" <> e."hostId") AS places,
      (SELECT count(*)::int FROM "WaitlistEntry" w WHERE w."eventId" = e.id AND w.status = 'OFFERED') AS offers,
      (SELECT count(*)::int FROM "WaitlistEntry" w WHERE w."eventId" = e.id AND w.status = 'WAITING') AS waiting,
      (SELECT count(*)::int FROM "WaitlistEntry" w JOIN "Participant" p ON p."eventId" = w."eventId" AND p."userId" = w."userId"
        WHERE w."eventId" = e.id AND p."leftAt" IS NULL AND w.status IN ('WAITING', 'OFFERED')) AS both,
      COALESCE((SELECT max(turn) FROM "WaitlistEntry" w WHERE w."eventId" = e.id AND w.status = 'OFFERED')
        > (SELECT min(turn) FROM "WaitlistEntry" w WHERE w."eventId" = e.id AND w.status = 'WAITING'), false) AS overtaken
    FROM "VideoEvent" e WHERE e.id = ${id}::uuid`;
  if (seats === undefined) throw new Error('there is no such event');
  return seats;
}

/** What somebody is told of their turn. */
export async function turnOf(actor: Actor, eventId: string) {
  const document =
    'query($id: ID!) { videoEvent(id: $id) { viewerWaitlistEntry { status position offeredUntil waitingSince } } }';
  return (await actor.ask(document, { id: eventId })).videoEvent.viewerWaitlistEntry;
}

/** Makes every offer of the event, and what ends it, due now. */
export async function offersEnd({ app: { db } }: TestServer, id: string): Promise<void> {
  await db.$transaction([
    db.$executeRaw`UPDATE "WaitlistEntry" SET "offeredUntil" = clock_timestamp() WHERE "eventId" = ${id}::uuid AND status = 'OFFERED'`,
    db.$executeRaw`UPDATE "Job" SET "runAt" = clock_timestamp() WHERE kind = 'waitlist.expire' AND key LIKE ${`${id}:%`}`,
  ]);
}

/** What they were offered in their own feed, the first one first. */
export async function offersTold({ app: { db } }: TestServer, { viewer }: Person, id: string) {
  return db.feedEntry.findMany({
    where: { feed: `user:${viewer.id}`, kind: 'SeatOffered', subjectId: id },
    orderBy: { sequence: 'asc' },
  });
}

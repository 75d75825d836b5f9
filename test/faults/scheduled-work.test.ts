import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Actor, createEvent, join, signUp } from '../actor.ts';
import { rawId } from '../authorisation/hostile.ts';
import { describeRedis, useRedis } from '../redis.ts';
import { until } from '../wait.ts';
import { type Cluster, useCluster } from './cluster.ts';
import type { RunningInstance } from './instance.ts';
import { type Held, hold, select } from './sql.ts';
import { crowd } from './stage.ts';

/** Reminded in four units of work; the host is told, too. */
const audience = 1800;
/** Events whose one seat is offered to the first of two who wait. */
const shows = 24;

interface Plan {
  /** Raw ids: of the event that is reminded of, and of those with an offer. */
  reminded: string;
  offered: string[];
}

interface Told {
  reminders: number;
  offers: number;
}

/** When the instances are killed: as soon as this is seen. */
const moments = {
  'at once': () => true,
  'at the first reminders': ({ reminders }: Told) => reminders > 0,
  'at the first offers to the next': ({ offers }: Told) => offers > shows,
};

describeRedis('two of three instances are killed when a reminder and the ends of offers fall due', () => {
  const redis = useRedis();
  const cluster = useCluster({ redisUrl: () => redis.url });

  test.each(Object.entries(moments))(
    'each is done exactly once: killed %s',
    async (moment, isNow) => {
      const { doomed, survivor } = await threeInstances(cluster);
      const plan = await planned(cluster, survivor.url);
      expect(await told(cluster, plan)).toEqual({ reminders: 0, offers: shows });

      const rest = await holdLast(cluster, plan);
      await fallDue(cluster, plan);
      await until(async () => isNow(await told(cluster, plan)), { what: `the moment: ${moment}`, limitMs: 30_000 });
      const endings = await Promise.all(doomed.map((instance) => instance.kill()));
      const atTheMoment = await told(cluster, plan);
      await rest.letGo();
      await until(async () => (await dueTasks(cluster)) === 0, { what: 'every task to be done', limitMs: 60_000 });

      const reminders = await perFeed(cluster, 'VideoEventReminded', [plan.reminded]);
      const offers = await perFeed(cluster, 'SeatOffered', plan.offered);
      console.log(
        `scheduled work, killed ${moment}: ${atTheMoment.reminders} reminders and ${atTheMoment.offers - shows} next offers before, ` +
          `${reminders.length} and ${offers.length - shows} in the end, ${repeated(reminders) + repeated(offers)} twice`,
      );
      expect(endings.map(({ signal }) => signal)).toEqual(['SIGKILL', 'SIGKILL']);
      // Something of either was left to do.
      expect(atTheMoment.reminders).toBeLessThan(audience);
      expect(atTheMoment.offers).toBeLessThan(2 * shows);
      expect({ feeds: reminders.length, repeated: repeated(reminders) }).toEqual({ feeds: audience + 1, repeated: 0 });
      expect({ feeds: offers.length, repeated: repeated(offers) }).toEqual({ feeds: 2 * shows, repeated: 0 });
      expect(await seats(cluster, plan)).toEqual([{ taken: 0, offered: 1, statuses: 'EXPIRED OFFERED', shows }]);
    },
    180_000,
  );
});

/** Those that were killed before are replaced. */
async function threeInstances(cluster: Cluster): Promise<{ doomed: RunningInstance[]; survivor: RunningInstance }> {
  const alive = cluster.instances.filter((instance) => instance.alive);
  const fresh = Array.from({ length: 3 - alive.length }, () => cluster.start());
  const [survivor, ...doomed] = [...alive, ...(await Promise.all(fresh))];
  if (survivor === undefined) throw new Error('there is no instance');
  return { doomed, survivor };
}

/** Nobody has the seats: who had them left, and the first who wait are offered them. */
async function planned(cluster: Cluster, url: string): Promise<Plan> {
  const host = await signUp(url, { role: 'HOST' });
  const reminded = rawId(await createEvent(host, 'SCHEDULED'));
  await fill(cluster, reminded);
  const people = (await crowd(cluster, 3 * shows)).map((person) => person.at(url));
  const offered = await Promise.all(
    Array.from({ length: shows }, async (_, n) => {
      const eventId = await createEvent(host, 'LIVE', { capacity: 1 });
      await seatOffered(people.slice(3 * n, 3 * n + 3), eventId);
      return rawId(eventId);
    }),
  );
  return { reminded, offered };
}

async function seatOffered([first, ...waiting]: Actor[], eventId: string): Promise<void> {
  if (first === undefined) throw new Error('somebody has the seat');
  await join(first, eventId);
  for (const person of waiting) {
    const { code } = await person.mutate('joinWaitlist', { eventId });
    if (code !== undefined) throw new Error(`waiting was refused: ${code}`);
  }
  await first.mutate('leaveVideoEvent', { eventId });
}

/** Participants by SQL: joining is not what this is about. */
async function fill({ databaseUrl }: Cluster, eventId: string): Promise<void> {
  const ids = Array.from({ length: audience }, () => randomUUID());
  await select(
    databaseUrl,
    `WITH people AS (
       INSERT INTO "User" (id, username, email, password, "displayName", "updatedAt")
       SELECT id, 'u' || left(replace(id::text, '-', ''), 20), id || '@example.test', '$argon2id$v=19$nobody knows it', 'Somebody', now()
       FROM unnest($1::uuid[]) AS t(id) RETURNING id)
     INSERT INTO "Participant" (id, "userId", "eventId", "joinedAt")
     SELECT gen_random_uuid(), id, $2, clock_timestamp() FROM people`,
    [ids, eventId],
  );
}

/** The last who is reminded and the last show wait for this, however late the instances are killed. */
const holdLast = ({ databaseUrl }: Cluster, { reminded, offered }: Plan): Promise<Held> =>
  hold(
    databaseUrl,
    ['SELECT 1 FROM "VideoEvent" WHERE id = $1 FOR UPDATE', [offered.at(-1)]],
    [
      `INSERT INTO "Feed" (name, epoch) SELECT 'user:' || "userId", 'never' FROM "Participant" WHERE "eventId" = $1
       ORDER BY "joinedAt" DESC, id DESC LIMIT 1`,
      [reminded],
    ],
  );

async function fallDue({ databaseUrl }: Cluster, { reminded, offered }: Plan): Promise<void> {
  await select(
    databaseUrl,
    `WITH over AS (UPDATE "WaitlistEntry" SET "offeredUntil" = clock_timestamp() WHERE "eventId" = ANY($2::uuid[]) AND status = 'OFFERED')
     UPDATE "Job" SET "runAt" = clock_timestamp()
     WHERE (kind = 'event.remind' AND key LIKE $1 || ':%:5') OR (kind = 'waitlist.expire' AND split_part(key, ':', 1) = ANY($2::text[]))`,
    [reminded, offered],
  );
}

async function told({ databaseUrl }: Cluster, { reminded, offered }: Plan): Promise<Told> {
  const [row] = await select<{ reminders: number; offers: number }>(
    databaseUrl,
    `SELECT (count(*) FILTER (WHERE kind = 'VideoEventReminded'))::int AS reminders, (count(*) FILTER (WHERE kind = 'SeatOffered'))::int AS offers
     FROM "FeedEntry" WHERE "subjectId" = $1 OR "subjectId" = ANY($2::uuid[])`,
    [reminded, offered],
  );
  return { reminders: row?.reminders ?? 0, offers: row?.offers ?? 0 };
}

async function dueTasks({ databaseUrl }: Cluster): Promise<number> {
  const kinds = ['event.remind', 'waitlist.expire', 'waitlist.offer'];
  const [row] = await select<{ due: number }>(
    databaseUrl,
    // What failed was put off: it is due, too.
    `SELECT count(*)::int AS due FROM "Job" WHERE kind = ANY($1) AND ("runAt" <= clock_timestamp() OR failures > 0)`,
    [kinds],
  );
  return row?.due ?? 0;
}

/** How many facts of a kind each feed has about these events. */
const perFeed = ({ databaseUrl }: Cluster, kind: string, events: readonly string[]): Promise<{ times: number }[]> =>
  select(
    databaseUrl,
    `SELECT count(*)::int AS times FROM "FeedEntry" WHERE kind = $1 AND "subjectId" = ANY($2::uuid[]) GROUP BY feed, "subjectId"`,
    [kind, events],
  );

const repeated = (feeds: readonly { times: number }[]): number => feeds.filter(({ times }) => times !== 1).length;

/** How the seats of the shows stand, and how many stand so. */
const seats = ({ databaseUrl }: Cluster, { offered }: Plan) =>
  select(
    databaseUrl,
    `SELECT taken, offered, statuses, count(*)::int AS shows FROM (
       SELECT e."seatsTaken" AS taken, e."seatsOffered" AS offered,
         (SELECT string_agg(w.status::text, ' ' ORDER BY w.turn) FROM "WaitlistEntry" w WHERE w."eventId" = e.id) AS statuses
       FROM "VideoEvent" e WHERE e.id = ANY($1::uuid[])) AS each
     GROUP BY taken, offered, statuses`,
    [offered],
  );

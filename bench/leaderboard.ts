import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { type Db, openDatabase } from '../src/db/client.ts';
import { createWrite } from '../src/feed/unit-of-work.ts';
import { decodeGlobalId } from '../src/global-id.ts';
import { newId } from '../src/ids.ts';
import { boardsOfReward } from '../src/leaderboards/board.ts';
import { type Posting, post } from '../src/rewards/ledger.ts';
import { type Actor, createEvent, join, signUp } from '../test/actor.ts';
import { start } from './process.ts';
import { median, type Report } from './report.ts';
import { openStage } from './stage.ts';

const participants = 100_000;
/** Lines of the ledger that each has. */
const rewardsEach = 3;
/** They ask one after the other: from the first of the leaderboard to the last. */
const askers = 20;
const asked = 200;
/** What is computed anew takes long. */
const computed = 20;
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
/** People who earn something together, several times a second. */
const together = 128;
const batchEveryMs = 250;

const readers = {
  ovation: 'leaderboard, over GraphQL',
  ledger: 'GROUP BY over the ledger, SQL alone',
} as const;
const scenes = { quiet: 'quiet', earning: `${(1000 / batchEveryMs) * together} earn something a second` } as const;

interface Show {
  url: string;
  eventId: string;
  rowId: string;
  hostId: string;
  people: readonly Actor[];
}

/** The first hundred of 100,000 participants and the reader's own rank, read as it is kept and computed from the ledger. */
export async function leaderboard(): Promise<Report> {
  const stage = await openStage();
  const database = openDatabase({ url: stage.databaseUrl, pool: 4, log: pino({ level: 'warn' }) });
  const server = start('servers/ovation.ts', { DATABASE_URL: stage.databaseUrl, REDIS_URL: stage.redisUrl });
  const delays = new Map<string, number[]>();
  const note = (key: string, ms: number): void => void delays.set(key, [...(delays.get(key) ?? []), ms]);
  try {
    const show = await fill(await server.ask<string>('url'), database.db);
    // Round by round, so that a noisy minute of the machine meets all of them.
    for (let round = 0; round < rounds; round++) {
      for (const scene of ['quiet', 'earning'] as const) {
        const stop = scene === 'earning' ? earn(database.db, show, (ms) => note('batch', ms)) : null;
        for (let n = 0; n < asked; n++) note(`${scene}|ovation`, await timed(() => ask(show, n)));
        for (let n = 0; n < computed; n++) note(`${scene}|ledger`, await timed(() => compute(database.db, show, n)));
        await stop?.();
      }
    }
  } finally {
    await server.end();
    await database.close();
    await stage.close();
  }
  return report(delays);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}

/** An event with all its participants, their ledger, and its scores as the migration makes them. */
async function fill(url: string, db: Db): Promise<Show> {
  const host = await signUp(url, { role: 'HOST' });
  const eventId = await createEvent(host);
  const people: Actor[] = [];
  for (let n = 0; n < askers; n++) people.push(await signUp(url));
  for (const person of people) await join(person, eventId);
  const [rowId, hostId] = [decodeGlobalId(eventId).id, decodeGlobalId(host.id).id];
  await db.$executeRaw`
    WITH people AS (
      INSERT INTO "User" (id, username, email, password, "displayName")
      SELECT gen_random_uuid(), 'p_' || n, 'p_' || n || '@example.test', '', 'One of many' FROM generate_series(1, ${participants - askers}::int) n
      RETURNING id)
    INSERT INTO "Participant" (id, "userId", "eventId") SELECT gen_random_uuid(), id, ${rowId}::uuid FROM people`;
  await db.$executeRaw`
    INSERT INTO "Wallet" (id, "userId", "hostId", balance)
    SELECT gen_random_uuid(), "userId", ${hostId}::uuid, 0 FROM "Participant" WHERE "eventId" = ${rowId}::uuid`;
  await db.$executeRaw`
    INSERT INTO "Reward" (id, "walletId", "userId", "hostId", "eventId", kind, points, source)
    SELECT gen_random_uuid(), w.id, w."userId", w."hostId", ${rowId}::uuid, 'GRANTED', 1 + (random() * 1000)::int, 'bench:' || w.id || n
    FROM "Wallet" w, generate_series(1, ${rewardsEach}::int) n`;
  // Those who ask stand everywhere between the first and the last.
  await db.$executeRaw`
    INSERT INTO "Reward" (id, "walletId", "userId", "hostId", "eventId", kind, points, source)
    SELECT gen_random_uuid(), w.id, w."userId", w."hostId", ${rowId}::uuid, 'GRANTED', GREATEST(1, 3000 - 3000 * a.place / ${askers}::int)
      - (SELECT sum(points)::int FROM "Reward" r WHERE r."walletId" = w.id), 'place:' || w.id
    FROM unnest(${people.map(({ id }) => decodeGlobalId(id).id)}::uuid[]) WITH ORDINALITY AS a(id, place) JOIN "Wallet" w ON w."userId" = a.id`;
  await db.$executeRaw`
    UPDATE "Wallet" w SET balance = (SELECT sum(points) FROM "Reward" r WHERE r."walletId" = w.id)`;
  await db.$executeRaw`
    INSERT INTO "Score" ("ownerId", period, since, "userId", points, "reachedAt")
    SELECT b."ownerId", b.period, b.since, r."userId", sum(r.points), max(r.timestamp)
    FROM "Reward" r CROSS JOIN LATERAL ${boardsOfReward} GROUP BY b."ownerId", b.period, b.since, r."userId"`;
  await db.$executeRaw`
    INSERT INTO "ScoreBucket" ("ownerId", period, since, bucket, people)
    SELECT "ownerId", period, since, "score_bucket"(points), count(*) FROM "Score" GROUP BY 1, 2, 3, 4`;
  // What autovacuum does within a minute.
  for (const table of ['User', 'Wallet', 'Reward', 'Score', 'ScoreBucket'])
    await db.$executeRawUnsafe(`VACUUM ANALYZE "${table}"`);
  return { url, eventId, rowId, hostId, people };
}

const person = ({ people }: Show, n: number): Actor => {
  const asker = people[n % people.length];
  if (asker === undefined) throw new Error('somebody asks');
  return asker;
};

async function ask(show: Show, n: number): Promise<void> {
  const { videoEvent } = await person(show, n).ask(
    `query($id: ID!) { videoEvent(id: $id) { leaderboard(first: 100) {
      entries { rank points user { userId username displayName avatarUrl } } viewerEntry { rank points } } } }`,
    { id: show.eventId },
  );
  const { entries, viewerEntry } = videoEvent.leaderboard;
  if (entries.length !== 100 || viewerEntry === null) throw new Error('the leaderboard is not complete');
}

/** The same from nothing but the ledger, as a first version would do it. */
function compute(db: Db, show: Show, n: number): Promise<unknown> {
  return db.$queryRaw`
    WITH ranked AS (
      SELECT "userId", sum(points) AS points, rank() OVER (ORDER BY sum(points) DESC) AS rank FROM "Reward"
      WHERE "eventId" = ${show.rowId}::uuid AND kind IN ('GRANTED', 'REVOKED') GROUP BY "userId" HAVING sum(points) > 0)
    SELECT r.rank::int, r.points::float8, u.username, u."displayName", u."avatarUrl" FROM ranked r JOIN "User" u ON u.id = r."userId"
    WHERE r."userId" = ${decodeGlobalId(person(show, n).id).id}::uuid
      OR r."userId" IN (SELECT "userId" FROM ranked ORDER BY points DESC, "userId" LIMIT 100)`;
}

/** Batches of points for people all over the leaderboard, until the returned function is called. */
function earn(db: Db, { rowId, hostId }: Show, onBatch: (ms: number) => void): () => Promise<void> {
  const write = createWrite({ db, publish: () => {} });
  let stopped = false;
  const earning = (async () => {
    while (!stopped) {
      const people = await db.$queryRaw<{ userId: string }[]>`
        SELECT "userId" FROM "Wallet" TABLESAMPLE SYSTEM (2) ORDER BY random() LIMIT ${together}`;
      const postings = people.map(
        ({ userId }): Posting => ({ userId, hostId, eventId: rowId, kind: 'GRANTED', points: 5, source: newId() }),
      );
      const took = await timed(() => write((work) => post(work, postings)));
      onBatch(took);
      await pause(Math.max(0, batchEveryMs - took));
    }
  })();
  return async () => {
    stopped = true;
    await earning;
  };
}

function report(delays: ReadonlyMap<string, readonly number[]>): Report {
  const of = (key: string, share: number): number => {
    const sorted = [...(delays.get(key) ?? [])].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  };
  const rows: Report['rows'] = Object.entries(scenes).flatMap(([scene, meanwhile]) =>
    Object.entries(readers).map(([reader, read]) => ({
      'what is done': `top 100 and own rank: ${read}`,
      meanwhile,
      'p50 ms': of(`${scene}|${reader}`, 0.5),
      'p99 ms': of(`${scene}|${reader}`, 0.99),
      'x ledger': median(delays.get(`${scene}|${reader}`) ?? []) / median(delays.get(`${scene}|ledger`) ?? []),
    })),
  );
  rows.push({
    'what is done': `${together} lines of the ledger posted together, with their scores`,
    meanwhile: 'reads',
    'p50 ms': of('batch', 0.5),
    'p99 ms': of('batch', 0.99),
    'x ledger': '',
  });
  const what = `${participants} participants with ${rewardsEach} lines of the ledger each; ${askers} of them, from the first to the last, ask one after the other. ${rounds} rounds; PostgreSQL and server share the machine.`;
  return { name: 'leaderboard', what, rows };
}

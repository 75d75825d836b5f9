import { randomBytes } from 'node:crypto';
import { decodeCursor, encodeCursor } from '../../src/feed/cursor.ts';
import { decodeGlobalId, encodeGlobalId } from '../../src/global-id.ts';
import type { TestServer } from '../harness.ts';
import { until } from '../wait.ts';
import { castOf, type People } from './cast.ts';
import { type Account, hashOf, newRefreshToken, peopleOf } from './people.ts';
import { type Scene, type Stage, setStage } from './stage.ts';

/** A stage, and by table all the rows that make it, as JSON. */
interface Original {
  stage: Stage;
  rows: ReadonlyMap<string, readonly string[]>;
}

const uuid = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const idsIn = (text: string): string[] => text.match(uuid) ?? [];
/** The random end of an id. People are called after it. */
const endOf = (id: string): string => id.slice(-12);

/**
 * Sets stages quickly: the first of a scene through the capabilities, each other one as a copy of its rows, in which all is the
 * same but ids, user names and tokens. Nothing that is done on one is seen on another.
 */
export function stageCopies(server: TestServer): (scene: Scene) => Promise<Stage> {
  const originals = new Map<Scene, Promise<Original>>();
  return async (scene) => {
    const original = originals.get(scene) ?? originalOf(server, scene);
    originals.set(scene, original);
    return copy(await original);
  };
}

async function originalOf(server: TestServer, scene: Scene): Promise<Original> {
  const stage = await setStage(server, scene);
  const { db } = server.app;
  // What was begun in the background belongs to it.
  await until(async () => (await db.job.count({ where: { key: { not: '' }, runAt: { lte: new Date() } } })) === 0, {
    what: 'everything that is due to be done',
  });
  return { stage, rows: await rowsOfStage(stage) };
}

/** The rows that tell of the event and its people, and those that tell of what is told of in there. Not what all events share. */
async function rowsOfStage({ server, eventId, people }: Stage): Promise<Original['rows']> {
  const { db } = server.app;
  const tables = await db.$queryRaw<{ name: string }[]>`SELECT table_name AS name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT LIKE '\\_%'`;
  const all = await db.$queryRawUnsafe<{ name: string; row: string }[]>(
    tables.map(({ name }) => `SELECT '${name}' AS name, to_jsonb(t)::text AS row FROM "${name}" t`).join(' UNION ALL '),
  );
  const left = new Set(all.filter(({ row }) => !row.includes('"feed": "schedule"')));
  const known = new Set([decodeGlobalId(eventId).id, ...Object.values(people).map(({ account }) => account.userId)]);
  const rows = new Map<string, string[]>();
  for (let grows = true; grows; ) {
    const found = [...left].filter(({ row }) => idsIn(row).some((id) => known.has(id)));
    for (const one of found) {
      left.delete(one);
      rows.set(one.name, [...(rows.get(one.name) ?? []), one.row]);
      for (const id of idsIn(one.row)) known.add(id);
    }
    grows = found.length > 0;
  }
  return rows;
}

async function copy({ stage, rows }: Original): Promise<Stage> {
  const { server, people, as, author, cursor, ...ids } = stage;
  const renamed = renaming([...rows.values()].flat());
  const accounts = Object.fromEntries(
    Object.entries(people).map(([name, { account }]) => [name, accountLike(account, renamed)]),
  ) as Record<keyof People, Account>;
  const hashes = Object.entries(accounts).map(([name, { refreshToken }]) => {
    return [hashOf(people[name as keyof People].account.refreshToken), hashOf(refreshToken)] as const;
  });
  const text = (some: readonly string[]): string =>
    hashes.reduce((json, [before, now]) => json.replaceAll(before, now), renamed(`[${some.join(',')}]`));
  // One statement: what refers to each other is there by its end.
  const tables = [...rows.keys()];
  await server.app.db.$executeRawUnsafe(
    `WITH ${tables.map((table, place) => `t${place} AS (INSERT INTO "${table}" SELECT * FROM jsonb_populate_recordset(NULL::"${table}", $${place + 1}::jsonb))`).join(', ')} SELECT 1`,
    ...tables.map((table) => text(rows.get(table) ?? [])),
  );
  const position = decodeCursor(cursor);
  if (position === null) throw new Error(`${cursor} is no cursor`);
  return {
    ...castOf(server, await peopleOf(server, accounts)),
    ...(Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, idLike(id, renamed)])) as typeof ids),
    cursor: encodeCursor({ ...position, feed: renamed(position.feed) }),
  };
}

/** Gives all ids in these rows, wherever they stand, other ones, whose order is the same. */
function renaming(rows: readonly string[]): (text: string) => string {
  const mask = BigInt(`0x${randomBytes(6).toString('hex')}`);
  const ends = new Set(rows.flatMap(idsIn).map(endOf));
  const pattern = new RegExp([...ends].join('|'), 'g');
  const other = (end: string): string => (BigInt(`0x${end}`) ^ mask).toString(16).padStart(12, '0');
  return (text) => text.replace(pattern, other);
}

const accountLike = ({ userId, username, role, sessionId }: Account, renamed: (text: string) => string): Account => ({
  userId: renamed(userId),
  username: renamed(username),
  role,
  sessionId: renamed(sessionId),
  refreshToken: newRefreshToken(),
});

/** Empty: there is none on this stage. */
function idLike(globalId: string, renamed: (text: string) => string): string {
  if (globalId === '') return '';
  const { typename, id } = decodeGlobalId(globalId);
  return encodeGlobalId(typename, renamed(id));
}

import { randomBytes } from 'node:crypto';
import { get, type IncomingMessage } from 'node:http';
import { pino } from 'pino';
import { beforeAll, describe, expect, test } from 'vitest';
import { columns } from '../../src/engagement/formats.ts';
import { decodeGlobalId, encodeGlobalId } from '../../src/global-id.ts';
import { type Actor, createEvent, join } from '../actor.ts';
import { admin } from '../events/admin.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';

/** What the instance says of exports. */
const lines: Record<string, unknown>[] = [];
const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
const server = useServer({ log });
const limited = useServer({ config: { rateLimits: true } });

let host: Actor;
let ada: Actor;
let eventId: string;
beforeAll(async () => {
  host = await server.signUp({ role: 'HOST' });
  ada = await server.signUp();
  eventId = await createEvent(host, 'LIVE');
  await join(ada, eventId);
  await ada.mutate('sendMessage', { eventId, text: 'Hello' });
  await ada.mutate('logEngagement', { eventId, engagementType: 'say', payload: { what: '=1+1, "so"\r\n' } });
});

/** A node as the document below asks for it. */
interface Engaged {
  participant: { id: string; user: { id: string; username: string } };
  subject: { id: string } | null;
}

interface Asking {
  id?: string;
  query?: string;
  method?: string;
}

const ask = (actor: Actor, format: string, { id = eventId, query = '', method = 'GET' }: Asking = {}) =>
  fetch(`${actor.url}/events/${id}/engagements.${format}${query}`, {
    method,
    headers: actor.session === null ? {} : { authorization: `Bearer ${actor.session.accessToken}` },
  });

const rowsOf = async (response: Response): Promise<Record<string, unknown>[]> =>
  (await response.text())
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('an export', () => {
  test('of JSON lines has every engagement, oldest first, with the ids of the API', async () => {
    const response = await ask(host, 'jsonl');
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/jsonl; charset=utf-8',
      'content-disposition': `attachment; filename="engagements-${decodeGlobalId(eventId).id}.jsonl"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.any(String),
    });
    const rows = await rowsOf(response);
    expect(rows.map(({ engagementType }) => engagementType)).toEqual(['JOIN', 'MESSAGE', 'say']);
    expect(rows.map((row) => Object.keys(row))).toEqual(rows.map(() => [...columns]));
    const document = `query($id: ID!) { videoEvent(id: $id) { engagements { edges { node {
      id participant { id user { id username } } engagementType engagementTime count emoji subject { id } payload } } } } }`;
    const { edges } = (await host.ask(document, { id: eventId })).videoEvent.engagements;
    const listed = edges
      .map(({ node: { participant, subject, ...node } }: { node: Engaged }) => ({
        ...node,
        participantId: participant.id,
        userId: participant.user.id,
        username: participant.user.username,
        subjectId: subject?.id ?? null,
      }))
      .reverse();
    expect(rows).toEqual(listed);
  });

  test('of CSV says the same, for spreadsheets', async () => {
    const response = await ask(host, 'csv');
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    const text = await response.text();
    const [head, join, message, ...say] = text.split('\r\n');
    expect(head).toBe(columns.join(','));
    expect(join).toMatch(/,JOIN,/);
    expect(message).toMatch(/,MESSAGE,/);
    expect(say.join('\r\n')).toContain('"{""what"":""=1+1, \\""so\\""\\r\\n""}"');
  });

  test('of what happened at some time, of some types', async () => {
    const types = async (query: string) =>
      (await rowsOf(await ask(host, 'jsonl', { query }))).map(({ engagementType }) => engagementType);
    expect(await types('?types=say,JOIN')).toEqual(['JOIN', 'say']);
    const [, message] = await rowsOf(await ask(host, 'jsonl'));
    const at = encodeURIComponent(String(message?.engagementTime));
    expect(await types(`?from=${at}`)).toEqual(['MESSAGE', 'say']);
    expect(await types(`?to=${at}`)).toEqual(['JOIN']);
    expect(await types('?types=none.such')).toEqual([]);
  });

  test.each([['types=no+such+name'], ['from=yesterday'], ['to=2024'], ['from=1999-01-01T00:00:00Z']])(
    'refuses %s',
    async (query) => {
      const response = await ask(host, 'csv', { query: `?${query}` });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'INVALID_INPUT' } }] });
    },
  );

  test('is for the host and admins: others are told what the API tells them', async () => {
    const secret = await createEvent(host, 'LIVE', { visibility: 'PRIVATE' });
    const [stranger, moderator, root] = [await server.signUp(), await server.signUp(), await admin(server)];
    await host.mutate('appointModerator', { eventId, userId: moderator.id });
    const told = async (actor: Actor, asking: Asking = {}) => {
      const response = await ask(actor, 'csv', asking);
      if (response.status === 200) return [200, (await response.text()).slice(0, 2)];
      const { errors } = (await response.json()) as { errors: { extensions: { code: string } }[] };
      return [response.status, errors[0]?.extensions.code];
    };
    expect(await told(root)).toEqual([200, 'id']);
    expect(await told(root, { id: secret })).toEqual([200, 'id']);
    expect(await told(host, { id: encodeURIComponent(eventId) })).toEqual([200, 'id']);
    for (const other of [moderator, ada, stranger]) expect(await told(other)).toEqual([403, 'FORBIDDEN']);
    expect(await told(stranger, { id: secret })).toEqual([404, 'NOT_FOUND']);
    expect(await told(server.guest)).toEqual([401, 'UNAUTHENTICATED']);
    for (const id of ['x', '%', encodeGlobalId('User', decodeGlobalId(eventId).id)]) {
      expect(await told(host, { id })).toEqual([404, 'NOT_FOUND']);
    }
    expect(await told(host, { method: 'POST' })).toEqual([405, 'BAD_REQUEST']);
  });

  test('ten a minute for one user', async () => {
    const owner = await limited.signUp({ role: 'HOST' });
    const id = await createEvent(owner, 'LIVE');
    for (let n = 0; n < 10; n++) expect((await ask(owner, 'csv', { id })).status).toBe(200);
    const response = await ask(owner, 'csv', { id });
    expect(response.status).toBe(429);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
  });
});

describe('an export that is not read', () => {
  const count = 20_000;
  let large: string;
  beforeAll(async () => {
    large = await createEvent(host, 'LIVE');
    await join(ada, large);
    // More than a socket and its reader hold.
    const noise = randomBytes(700).toString('base64');
    await server.app.db.$executeRaw`
      INSERT INTO "EngagementLog" (id, "participantId", "eventId", "engagementType", payload)
      SELECT gen_random_uuid(), p.id, p."eventId", 'common', jsonb_build_object('noise', ${noise}::text)
      FROM "Participant" p, generate_series(1, ${count - 1}) n WHERE p."eventId" = ${decodeGlobalId(large).id}::uuid`;
  }, 120_000);

  const open = (): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${host.signedIn.accessToken}` };
      get(`${host.url}/events/${large}/engagements.jsonl`, { headers, agent: false }, resolve).once('error', reject);
    });

  test('holds no connection to the database, however many there are; one that is read on gives all', async () => {
    // More than the pool has connections.
    const readers = await Promise.all(Array.from({ length: 8 }, open));
    for (let n = 0; n < 5; n++) expect((await ask(host, 'jsonl')).status).toBe(200);
    const busy = () => server.app.db.$queryRaw<unknown[]>`
      SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'`;
    await until(async () => (await busy()).length === 0, { what: 'the database to be left alone' });
    const [patient, ...others] = readers;
    if (patient === undefined) throw new Error('eight readers');
    for (const other of others) other.destroy();
    let rows = 0;
    for await (const part of patient) rows += String(part).split('\n').length - 1;
    expect(rows).toBe(count);
  });

  test('is broken off when its reader leaves', async () => {
    lines.length = 0;
    (await open()).destroy();
    const said = await until(() => lines.find(({ msg }) => msg === 'an export broke off'), { what: 'the log line' });
    expect(said).toMatchObject({ level: 30, userId: decodeGlobalId(host.id).id, eventId: decodeGlobalId(large).id });
    expect(said.rows).toBeLessThan(count);
  });

  test("is broken off when its reader's session ends", async () => {
    const owner = await server.signUp();
    await server.app.db.videoEvent.update({
      where: { id: decodeGlobalId(large).id },
      data: { hostId: decodeGlobalId(owner.id).id },
    });
    const response = await ask(owner, 'jsonl', { id: large });
    expect(response.status).toBe(200);
    await owner.ask('mutation { logOut { __typename } }');
    await expect(response.text()).rejects.toThrow();
  });
});

import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { loadKeys } from '../../src/auth/keys.ts';
import { createTokens } from '../../src/auth/tokens.ts';
import { encodeGlobalId } from '../../src/global-id.ts';
import { Actor, createEvent, join, signUp } from '../actor.ts';
import type { Cluster } from './cluster.ts';
import { payForMessages } from './sound-ledger.ts';

/** A live event with its host and people who have joined. */
export interface Stage {
  host: Actor;
  eventId: string;
  participants: Actor[];
  /** The place in the feed behind which nothing has been said yet, and its sequence. */
  cursor: string;
}

/** Made through the API of the cluster's first instance. */
export async function setStage(
  cluster: Cluster,
  { participants = 6, input = {}, paysForMessages = true } = {},
): Promise<Stage> {
  const { url } = cluster.instance(0);
  const host = await signUp(url, { role: 'HOST' });
  const eventId = await createEvent(host, 'LIVE', input);
  if (paysForMessages) await payForMessages(host, eventId);
  const people = await crowd(cluster, participants);
  await Promise.all(people.map((person) => join(person.at(url), eventId)));
  return { host, eventId, participants: people, cursor: await cursorOf(host, eventId) };
}

/** The event's cursor now. */
export async function cursorOf(actor: Actor, eventId: string): Promise<string> {
  const { videoEvent } = await actor.ask('query($id: ID!) { videoEvent(id: $id) { feedCursor } }', { id: eventId });
  return videoEvent.feedCursor;
}

/**
 * Many people at once: their rows are written straight to the database and their tokens signed with the cluster's key, since
 * hashing hundreds of passwords is not what these tests are about.
 */
export async function crowd(cluster: Cluster, count: number): Promise<Actor[]> {
  const tokens = createTokens({
    keys: await loadKeys({ keys: null, dataDir: cluster.dataDir }),
    issuer: 'ovation',
    accessTokenSeconds: 600,
  });
  const people = Array.from({ length: count }, () => ({ userId: randomUUID(), sessionId: randomUUID() }));
  const client = new pg.Client({ connectionString: cluster.databaseUrl });
  await client.connect();
  try {
    await client.query(
      `INSERT INTO "User" (id, username, email, password, "displayName", "updatedAt")
       SELECT id, 'u' || left(replace(id::text, '-', ''), 20), id || '@example.test', '$argon2id$v=19$nobody knows it', 'Somebody', now()
         FROM unnest($1::uuid[]) AS t(id)`,
      [people.map(({ userId }) => userId)],
    );
    await client.query(
      `INSERT INTO "Session" (id, "userId", device, "expiresAt")
       SELECT session, "user", 'crowd', now() + interval '1 day' FROM unnest($1::uuid[], $2::uuid[]) AS t(session, "user")`,
      [people.map(({ sessionId }) => sessionId), people.map(({ userId }) => userId)],
    );
  } finally {
    await client.end();
  }
  return Promise.all(
    people.map(async ({ userId, sessionId }, place) => {
      const { token } = await tokens.sign({ userId, sessionId, role: 'PARTICIPANT' });
      const url = cluster.urls[place % cluster.urls.length] ?? '';
      return new Actor(url, {
        userId: encodeGlobalId('User', userId),
        username: `u${userId.replaceAll('-', '').slice(0, 20)}`,
        accessToken: token,
        refreshToken: '',
        sessionId: encodeGlobalId('Session', sessionId),
      });
    }),
  );
}

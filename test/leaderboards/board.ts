import { decodeGlobalId } from '../../src/global-id.ts';
import { newId } from '../../src/ids.ts';
import type { Actor } from '../actor.ts';
import type { TestServer } from '../harness.ts';

/** So many participants of the event, as rows: their own ids, in the order of their joining. Nobody logs in as one of them. */
export async function crowd({ app: { db } }: TestServer, eventId: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, newId);
  await db.user.createMany({
    data: ids.map((id) => ({
      id,
      username: `c_${id.replaceAll('-', '').slice(-20)}`,
      email: `${id}@example.test`,
      password: '',
      displayName: 'One of many',
    })),
  });
  const { id } = decodeGlobalId(eventId);
  await db.participant.createMany({ data: ids.map((userId) => ({ userId, eventId: id })) });
  return ids;
}

/** Gives points, or takes them back where there are less than 0; to an id of a row or of an Actor. */
export async function give(host: Actor, eventId: string, to: Actor | string, points: number): Promise<void> {
  const userId = typeof to === 'string' ? Buffer.from(`User:${to}`).toString('base64') : to.id;
  const mutation = points > 0 ? 'grantReward' : 'revokeReward';
  const { code } = await host.mutate(mutation, { eventId, userId, points: Math.abs(points), reason: 'played' });
  if (code !== undefined) throw new Error(`${mutation} was refused: ${code}`);
}

/** As the API shows entries: rank, points, and whose they are by their place in `people`. */
export const readable = (
  entries: readonly { rank: number; points: number; user: { userId: string } }[],
  people: readonly Actor[],
) => entries.map(({ rank, points, user }) => [rank, points, people.findIndex(({ id }) => id === user.userId)]);

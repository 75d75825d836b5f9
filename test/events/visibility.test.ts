import { beforeAll, describe, expect, test } from 'vitest';
import { maySee, standingsIn, visibleTo } from '../../src/events/access.ts';
import { decodeGlobalId } from '../../src/global-id.ts';
import { type Actor, createEvent, type EventStatus, join } from '../actor.ts';
import { useServer } from '../harness.ts';
import { admin } from './admin.ts';

const server = useServer();
const statuses: EventStatus[] = ['DRAFT', 'SCHEDULED', 'LIVE', 'INTERRUPTED', 'ENDED', 'CANCELLED'];
const visibilities = ['PUBLIC', 'UNLISTED', 'PRIVATE'];
let people: Record<'host' | 'moderator' | 'participant' | 'invited' | 'left' | 'stranger' | 'admin' | 'guest', Actor>;
/** Global ids by `STATUS VISIBILITY`. */
const events = new Map<string, string>();

beforeAll(async () => {
  people = {
    host: await server.signUp({ role: 'HOST' }),
    moderator: await server.signUp(),
    participant: await server.signUp(),
    invited: await server.signUp(),
    left: await server.signUp(),
    stranger: await server.signUp({ role: 'HOST' }),
    admin: await admin(server),
    guest: server.guest,
  };
  const { host, moderator, participant, invited, left } = people;
  for (const status of statuses) {
    for (const visibility of visibilities) {
      const eventId = await createEvent(host, 'DRAFT', { visibility });
      events.set(`${status} ${visibility}`, eventId);
      await host.mutate('appointModerator', { eventId, userId: moderator.id });
      await host.mutate('inviteToVideoEvent', { eventId, userIds: [invited.id, participant.id, left.id] });
      if (status === 'DRAFT') continue;
      await host.mutate('scheduleVideoEvent', { eventId });
      await join(participant, eventId);
      await join(left, eventId);
      await left.mutate('leaveVideoEvent', { eventId });
      // What remains of the invitations is one; the participant stays by their place alone.
      const db = server.app.db;
      const gone = [participant.id, left.id].map((id) => decodeGlobalId(id).id);
      await db.eventInvite.deleteMany({ where: { userId: { in: gone } } });
      const path = {
        LIVE: ['start'],
        INTERRUPTED: ['start', 'interrupt'],
        ENDED: ['start', 'end'],
        CANCELLED: ['cancel'],
      };
      for (const move of status === 'SCHEDULED' ? [] : path[status])
        await host.mutate(`${move}VideoEvent`, { eventId });
    }
  }
}, 120_000);

/** Who sees what: names of people by an event's state. */
function seers(status: string, visibility: string): string[] {
  const keepers = ['host', 'moderator', 'admin'];
  if (status === 'DRAFT') return keepers;
  if (visibility === 'PRIVATE') return [...keepers, 'participant', 'invited'];
  return [...keepers, 'participant', 'invited', 'left', 'stranger', 'guest'];
}

function finders(status: string, visibility: string): string[] {
  if (visibility !== 'UNLISTED') return seers(status, visibility);
  return status === 'DRAFT' ? ['host', 'moderator', 'admin'] : ['host', 'moderator', 'admin', 'participant'];
}

describe.each(statuses)('an event that is %s', (status) => {
  test.each(visibilities)('and %s is seen by whom it should be, by every way to it', async (visibility) => {
    const id = events.get(`${status} ${visibility}`);
    for (const [name, actor] of Object.entries(people)) {
      const { videoEvent, node } = await actor.ask(
        'query($id: ID!) { videoEvent(id: $id) { id } node(id: $id) { __typename id } }',
        { id },
      );
      const sees = seers(status, visibility).includes(name);
      expect({ name, videoEvent, node }).toEqual({
        name,
        videoEvent: sees ? { id } : null,
        node: sees ? { __typename: 'VideoEvent', id } : null,
      });
      const listed = await actor.ask('{ videoEvents(first: 100) { edges { node { id } } } }');
      const ids = listed.videoEvents.edges.map((edge: { node: { id: string } }) => edge.node.id);
      expect({ name, listed: ids.includes(id) }).toEqual({ name, listed: finders(status, visibility).includes(name) });
    }
  });
});

test('the condition in the database and the rule over a standing agree', async () => {
  const viewers = Object.entries(people).map(([name, { session }]) =>
    session === null
      ? null
      : ({
          id: decodeGlobalId(session.userId).id,
          sessionId: '',
          expiresAt: 0,
          role: name === 'admin' ? 'ADMIN' : 'PARTICIPANT',
        } as const),
  );
  for (const eventId of events.values()) {
    const { id } = decodeGlobalId(eventId);
    const standings = await standingsIn(server.app.db, viewers, id);
    for (const [place, standing] of standings.entries()) {
      const where = { AND: [{ id }, visibleTo(viewers[place] ?? null)] };
      expect(await server.app.db.videoEvent.count({ where })).toBe(maySee(standing) ? 1 : 0);
    }
  }
});

import { beforeAll, describe, expect, test } from 'vitest';
import { type Actor, createEvent, join } from '../actor.ts';
import { admin } from '../events/admin.ts';
import { useServer } from '../harness.ts';

const server = useServer();
let people: Record<'host' | 'moderator' | 'admin' | 'owner' | 'other' | 'stranger' | 'guest', Actor>;
let eventId: string;
let participantId: string;
let engagementId: string;

beforeAll(async () => {
  people = {
    host: await server.signUp({ role: 'HOST' }),
    moderator: await server.signUp(),
    admin: await admin(server),
    owner: await server.signUp(),
    other: await server.signUp(),
    stranger: await server.signUp({ role: 'HOST' }),
    guest: server.guest,
  };
  const { host, moderator, owner, other } = people;
  eventId = await createEvent(host);
  await host.mutate('appointModerator', { eventId, userId: moderator.id });
  await join(other, eventId);
  const selection = 'participant { id engagements { totalCount edges { node { id engagementType engagementTime } } } }';
  const { participant } = await owner.mutate('joinVideoEvent', { eventId }, selection);
  expect(participant.engagements.totalCount).toBe(1);
  expect(participant.engagements.edges[0].node.engagementType).toBe('JOIN');
  participantId = participant.id;
  engagementId = participant.engagements.edges[0].node.id;
});

const keepers = ['host', 'moderator', 'admin'];
const everybody = ['host', 'moderator', 'admin', 'owner', 'other', 'stranger', 'guest'] as const;

describe.each(everybody)('%s', (name) => {
  test('reaches a place and what was done in it through node only if it is their own or they keep the event', async () => {
    const document = `query($participant: ID!, $engagement: ID!) {
      participant: node(id: $participant) { ... on Participant { id event { id } user { id } createdAt updatedAt } }
      engagement: node(id: $engagement) { ... on EngagementLog { id event { id } participant { id } createdAt updatedAt } } }`;
    const { participant, engagement } = await people[name].ask(document, {
      participant: participantId,
      engagement: engagementId,
    });
    if (!['owner', ...keepers].includes(name)) {
      expect([participant, engagement]).toEqual([null, null]);
      return;
    }
    expect(participant).toMatchObject({ id: participantId, event: { id: eventId }, user: { id: people.owner.id } });
    expect(engagement).toMatchObject({ id: engagementId, event: { id: eventId }, participant: { id: participantId } });
  });

  test('gets the participants they may know of', async () => {
    const document = `query($id: ID!, $user: ID!) {
      videoEvent(id: $id) { participants { totalCount edges { node { user { id } } } } viewerParticipation { id } viewerStanding }
      user(id: $user) { participations { totalCount edges { node { id event { title } } } } } }`;
    const { videoEvent, user } = await people[name].ask(document, { id: eventId, user: people.owner.id });
    const all = [people.other.id, people.owner.id];
    const expected = keepers.includes(name) ? all : name === 'owner' || name === 'other' ? [people[name].id] : [];
    const found = videoEvent.participants.edges.map(({ node }: { node: { user: { id: string } } }) => node.user.id);
    expect(found).toEqual(expected);
    expect(videoEvent.participants.totalCount).toBe(expected.length);
    expect(user.participations.totalCount).toBe(['owner', ...keepers].includes(name) ? 1 : 0);
    expect(user.participations.edges).toHaveLength(user.participations.totalCount);
    const own = { owner: { id: participantId }, other: { id: expect.any(String) } };
    expect(videoEvent.viewerParticipation).toEqual(name === 'owner' || name === 'other' ? own[name] : null);
    const standing = { host: 'HOST', moderator: 'MODERATOR', owner: 'PARTICIPANT', other: 'PARTICIPANT' };
    expect(videoEvent.viewerStanding).toBe(Object.entries(standing).find(([who]) => who === name)?.[1] ?? 'VISITOR');
  });
});

test('a place in an event one may see no more is out of sight, too', async () => {
  const { host } = people;
  const ada = await server.signUp();
  const secret = await createEvent(host);
  const { participant } = await ada.mutate('joinVideoEvent', { eventId: secret }, 'participant { id }');
  await ada.mutate('leaveVideoEvent', { eventId: secret });
  await host.mutate('updateVideoEvent', { eventId: secret, visibility: 'PRIVATE', streamUrl: 'https://secret.test' });
  const document = `query($id: ID!) { node(id: $id) { ... on Participant { event { streamUrl } } }
    viewer { participations { edges { node { event { streamUrl } } } } } }`;
  expect(await ada.ask(document, { id: participant.id })).toEqual({
    node: null,
    viewer: { participations: { edges: [] } },
  });
});

test("the feed tells the host who joined and left; nobody else's subscription carries it", async () => {
  const { host } = people;
  const ada = await server.signUp();
  const event = await createEvent(host);
  const selection = `... on ParticipantJoined { participantId user { userId username } firstTime }
    ... on ParticipantLeft { participantId user { userId } }`;
  const hosts = await host.follow(event, selection);
  const guests = await server.guest.follow(event, selection);
  const { participant } = await ada.mutate('joinVideoEvent', { eventId: event }, 'participant { id }');
  await ada.mutate('leaveVideoEvent', { eventId: event });
  await join(ada, event);
  await host.mutate('endVideoEvent', { eventId: event });
  const user = expect.objectContaining({ userId: ada.id });
  expect(await hosts.has(4)).toMatchObject([
    { __typename: 'ParticipantJoined', participantId: participant.id, user, firstTime: true },
    { __typename: 'ParticipantLeft', participantId: participant.id, user },
    { __typename: 'ParticipantJoined', participantId: participant.id, user, firstTime: false },
    { __typename: 'VideoEventEnded' },
  ]);
  expect((await guests.has(1)).map(({ __typename }) => __typename)).toEqual(['VideoEventEnded']);
  await hosts.close();
  await guests.close();
});

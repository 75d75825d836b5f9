import { beforeAll, describe, expect, test } from 'vitest';
import { type Actor, createEvent, join } from '../actor.ts';
import type { Data } from '../data.ts';
import { admin } from '../events/admin.ts';
import { useServer } from '../harness.ts';

const server = useServer();
let host: Actor;
let moderator: Actor;
let ada: Actor;
let bob: Actor;
let eventId: string;
let messageId: string;
beforeAll(async () => {
  host = await server.signUp({ role: 'HOST' });
  [moderator, ada, bob] = [await server.signUp(), await server.signUp(), await server.signUp()];
  eventId = await createEvent(host, 'LIVE');
  await host.mutate('appointModerator', { eventId, userId: moderator.id });
  for (const person of [ada, bob]) await join(person, eventId);
  messageId = (await ada.mutate('sendMessage', { eventId, text: 'Hello' }, 'sentMessage { id }')).sentMessage.id;
  for (const n of [1, 2, 3])
    await bob.mutate('logEngagement', { eventId, engagementType: 'quiz.answered', payload: { n } });
});

const document = `query($id: ID!, $filter: EngagementFilter, $first: Int, $after: String) { videoEvent(id: $id) {
  engagements(filter: $filter, first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } edges { node {
    id engagementType engagementTime payload subject { __typename id ... on Message { text } ... on Participant { user { id } } }
    participant { id user { id } } } } } } }`;

interface Listed {
  nodes: Data[];
  types: string[];
  totalCount: number;
  pageInfo: { hasNextPage: boolean; endCursor: string };
}

async function list(
  actor: Actor,
  filter: Record<string, unknown> = {},
  page: Record<string, unknown> = {},
): Promise<Listed> {
  const { engagements } = (await actor.ask(document, { id: eventId, filter, ...page })).videoEvent;
  const nodes: Data[] = engagements.edges.map(({ node }: { node: Data }) => node);
  return { nodes, types: nodes.map(({ engagementType }) => engagementType), ...engagements };
}

const quiz = Array.from({ length: 3 }, () => 'quiz.answered');

describe('VideoEvent.engagements', () => {
  test('the host, moderators and admins get all, latest first; participants their own; others none', async () => {
    const all = [...quiz, 'MESSAGE', 'JOIN', 'JOIN'];
    for (const keeper of [host, moderator, await admin(server)]) {
      expect(await list(keeper)).toMatchObject({ types: all, totalCount: 6 });
    }
    expect((await list(ada)).types).toEqual(['MESSAGE', 'JOIN']);
    expect(await list(server.guest)).toMatchObject({ types: [], totalCount: 0 });
    expect((await list(await server.signUp())).types).toEqual([]);
  });

  test('by type, by who, and by time: from is within, to is not', async () => {
    expect((await list(host, { types: ['MESSAGE', 'quiz.answered'] })).types).toEqual([...quiz, 'MESSAGE']);
    expect((await list(host, { types: [] })).types).toEqual([]);
    expect((await list(host, { userId: ada.id })).types).toEqual(['MESSAGE', 'JOIN']);
    const [message] = (await list(host, { types: ['MESSAGE'] })).nodes;
    expect((await list(host, { participantId: message.participant.id })).types).toEqual(['MESSAGE', 'JOIN']);
    const { engagementTime } = message;
    expect((await list(host, { from: engagementTime })).types).toEqual([...quiz, 'MESSAGE']);
    expect((await list(host, { to: engagementTime })).types).toEqual(['JOIN', 'JOIN']);
    expect(await list(host, { types: ['JOIN'], userId: bob.id })).toMatchObject({ types: ['JOIN'], totalCount: 1 });
    // A filter narrows what one may see, and nothing else.
    expect((await list(ada, { userId: bob.id })).types).toEqual([]);
  });

  test('pages on behind a cursor, with a filter too', async () => {
    const found: Data[] = [];
    for (let after: string | null = null; ; ) {
      const page = await list(host, { types: ['quiz.answered', 'JOIN'] }, { first: 2, after });
      found.push(...page.nodes);
      after = page.pageInfo.endCursor;
      if (!page.pageInfo.hasNextPage) break;
    }
    expect(found.map(({ engagementType }) => engagementType)).toEqual([...quiz, 'JOIN', 'JOIN']);
    expect(found.slice(0, 3).map(({ payload }) => payload.n)).toEqual([3, 2, 1]);
  });

  test.each([
    [{ types: ['no such name!'] }, 'types.0'],
    [{ types: Array.from({ length: 51 }, () => 'x') }, 'types'],
    [{ from: '1999-01-01T00:00:00Z' }, 'from'],
    [{ to: '2101-01-01T00:00:00Z' }, 'to'],
  ])('refuses %j', async (filter, path) => {
    const { errors } = await host.post(document, { id: eventId, filter });
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path }] });
  });

  test('Participant.engagements takes the same filter', async () => {
    const own = `query($id: ID!) { videoEvent(id: $id) { viewerParticipation {
      engagements(filter: { types: ["quiz.answered"] }) { totalCount edges { node { engagementType } } } } } }`;
    const { engagements } = (await bob.ask(own, { id: eventId })).videoEvent.viewerParticipation;
    expect(engagements.totalCount).toBe(3);
    expect(engagements.edges).toHaveLength(3);
  });
});

describe('EngagementLog.subject', () => {
  test('is the message that was sent and the participant who joined, and none of what clients log', async () => {
    const { nodes } = await list(host);
    const about = (type: string) => nodes.filter(({ engagementType }) => engagementType === type);
    expect(about('MESSAGE').map(({ subject }) => subject)).toEqual([
      { __typename: 'Message', id: messageId, text: 'Hello' },
    ]);
    for (const { subject, participant } of about('JOIN')) {
      expect(subject).toEqual({ __typename: 'Participant', id: participant.id, user: participant.user });
    }
    expect(about('quiz.answered').map(({ subject }) => subject)).toEqual([null, null, null]);
  });

  test('of a removed message has no text any more; one that is gone is null', async () => {
    await ada.mutate('deleteMessage', { messageId });
    const [message] = (await list(host, { types: ['MESSAGE'] })).nodes;
    expect(message.subject).toEqual({ __typename: 'Message', id: messageId, text: null });
    await server.app.db.message.deleteMany({});
    const [gone] = (await list(host, { types: ['MESSAGE'] })).nodes;
    expect(gone).toMatchObject({ engagementType: 'MESSAGE', subject: null });
  });
});

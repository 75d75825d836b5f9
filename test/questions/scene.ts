import { type Actor, createEvent, type EventStatus, join } from '../actor.ts';
import { createPeople } from '../authorisation/people.ts';
import type { TestServer } from '../harness.ts';

export interface Scene {
  readonly host: Actor;
  readonly moderator: Actor;
  /** Participants. */
  readonly author: Actor;
  readonly other: Actor;
  /** Hosts another event, in which the stranger keeps order. */
  readonly otherHost: Actor;
  readonly otherModerator: Actor;
  readonly eventId: string;
  /** Asks, as the author unless somebody else is named; the question's global id. */
  ask(text: string, more?: { anonymous?: boolean; as?: Actor }): Promise<string>;
}

/** An event whose participants may ask. */
export async function setScene(
  server: TestServer,
  { status = 'LIVE', ...input }: { status?: EventStatus; questionsPreModerated?: boolean; visibility?: string } = {},
): Promise<Scene> {
  const people = await createPeople(server, {
    host: 'HOST',
    moderator: 'PARTICIPANT',
    author: 'PARTICIPANT',
    other: 'PARTICIPANT',
    otherHost: 'HOST',
    otherModerator: 'PARTICIPANT',
  });
  const { host, moderator, author, other, otherHost, otherModerator } = people;
  const eventId = await createEvent(host.actor, status, input);
  await host.actor.mutate('appointModerator', { eventId, userId: moderator.actor.id });
  const elsewhere = await createEvent(otherHost.actor);
  await otherHost.actor.mutate('appointModerator', { eventId: elsewhere, userId: otherModerator.actor.id });
  if (input.visibility !== 'PRIVATE') for (const { actor } of [author, other]) await join(actor, eventId);
  return {
    host: host.actor,
    moderator: moderator.actor,
    author: author.actor,
    other: other.actor,
    otherHost: otherHost.actor,
    otherModerator: otherModerator.actor,
    eventId,
    async ask(text, { as = author.actor, ...more } = {}) {
      const result = await as.mutate('askQuestion', { eventId, text, ...more }, 'question { id }');
      if (result.question === undefined) throw new Error(`asking was refused: ${result.code}`);
      return result.question.id;
    },
  };
}

/** Everything a Question tells, or null where the reader sees none. */
export const everything =
  'id eventId text anonymous author { userId username } status votes viewerUpvoted answer askedAt answeredAt';

export const read = async (reader: Actor, id: string) =>
  (await reader.ask(`query($id: ID!) { node(id: $id) { ... on Question { ${everything} } } }`, { id })).node;

/** The event's questions, as `reader` gets them. */
export const listed = async (reader: Actor, eventId: string, args = 'first: 100') =>
  (
    await reader.ask(
      `query($id: ID!) { videoEvent(id: $id) { questions(${args}) { totalCount edges { node { ${everything} } } } } }`,
      { id: eventId },
    )
  ).videoEvent.questions.edges.map(({ node }: { node: unknown }) => node);

const snapshot = 'question { questionId text author { userId username } status votes answer askedAt answeredAt }';

/** What the feed tells of questions. */
export const items = [
  ...['Asked', 'Approved', 'Answered', 'Pinned'].map((fact) => `... on Question${fact} { ${snapshot} }`),
  ...['Unpinned', 'Dismissed', 'Withdrawn'].map((fact) => `... on Question${fact} { questionId }`),
  '... on QuestionVotesChanged { tallies { questionId votes } }',
].join(' ');

export const kinds = [
  'QuestionAsked',
  'QuestionApproved',
  'QuestionAnswered',
  'QuestionPinned',
  'QuestionUnpinned',
  'QuestionDismissed',
  'QuestionWithdrawn',
  'QuestionVotesChanged',
];

/** Every entry of the event's feed, as it is kept. */
export const logOf = (server: TestServer, feed: string) =>
  server.app.db.feedEntry.findMany({ where: { feed }, orderBy: { sequence: 'asc' } });

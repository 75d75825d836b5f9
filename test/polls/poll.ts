import { decodeGlobalId } from '../../src/global-id.ts';
import { type Actor, createEvent, type EventStatus, join } from '../actor.ts';
import type { TestServer } from '../harness.ts';

/** A poll as its maker got it. */
export interface MadePoll {
  id: string;
  /** Global ids of the choices, in their order. */
  choices: string[];
}

/** An event with its host and people who joined it. */
export interface PollStage {
  host: Actor;
  eventId: string;
  voters: Actor[];
}

export async function setPollStage(server: TestServer, voters = 2, status: EventStatus = 'LIVE'): Promise<PollStage> {
  const host = await server.signUp({ role: 'HOST' });
  const eventId = await createEvent(host, status);
  const people = await Promise.all(Array.from({ length: voters }, () => server.signUp()));
  await Promise.all(people.map((person) => join(person, eventId)));
  return { host, eventId, voters: people };
}

/** A draft of three choices, through the API. */
export async function createPoll(host: Actor, eventId: string, input: object = {}): Promise<MadePoll> {
  const { poll, code } = await host.mutate(
    'createPoll',
    { eventId, title: 'Which song?', choices: ['Blue', 'Green', 'Red'], ...input },
    'poll { id choices { id } }',
  );
  if (poll === undefined) throw new Error(`no poll: ${code}`);
  return { id: poll.id, choices: poll.choices.map(({ id }: { id: string }) => id) };
}

/** The same, open. */
export async function openPoll(host: Actor, eventId: string, input: object = {}): Promise<MadePoll> {
  const poll = await createPoll(host, eventId, input);
  const { code } = await host.mutate('openPoll', { pollId: poll.id });
  if (code !== undefined) throw new Error(`opening was refused: ${code}`);
  return poll;
}

/** `__typename` and, of a refusal, its code. */
export const vote = (voter: Actor, poll: MadePoll, places: readonly number[], more: object = {}) =>
  voter.mutate('vote', { pollId: poll.id, choiceIds: places.map((place) => poll.choices[place] ?? ''), ...more });

export const tallySelection = 'tally { ballots choices { choiceId votes } }';

/** The votes for each choice as somebody sees them; null: they do not. */
export async function votesSeenBy(actor: Actor, { id }: MadePoll): Promise<number[] | null> {
  const { node } = await actor.ask(`query($id: ID!) { node(id: $id) { ... on Poll { ${tallySelection} } } }`, { id });
  return node.tally?.choices.map(({ votes }: { votes: number }) => votes) ?? null;
}

/** Rows of everything that a poll's mutations write. */
export async function rowsOfPolls({ app: { db } }: TestServer): Promise<unknown> {
  const [rows] = await db.$queryRaw<unknown[]>`SELECT
    (SELECT string_agg(md5(p::text), ' ' ORDER BY id) FROM "Poll" p) AS polls,
    (SELECT string_agg(md5(c::text), ' ' ORDER BY id) FROM "PollChoice" c) AS choices,
    (SELECT string_agg(md5(b::text), ' ' ORDER BY "pollId", "participantId") FROM "PollBallot" b) AS ballots,
    (SELECT count(*)::int FROM "EngagementLog" WHERE "engagementType" = 'VOTE') AS engagements,
    (SELECT count(*)::int FROM "ModerationAction") AS actions,
    (SELECT count(*)::int FROM "Job" WHERE kind = 'poll.close') AS jobs,
    (SELECT count(*)::int FROM "IdempotencyKey") AS keys,
    (SELECT count(*)::int FROM "FeedEntry") AS entries`;
  return rows;
}

export const rawId = (globalId: string): string => decodeGlobalId(globalId).id;

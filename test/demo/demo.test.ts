import { beforeAll, expect, test } from 'vitest';
import type { App } from '../../src/app.ts';
import { find } from '../../src/demo/found.ts';
import { demoPassword } from '../../src/demo/people.ts';
import { seed } from '../../src/demo/seed.ts';
import { Actor } from '../actor.ts';
import { ovation } from '../cli/command-line.ts';
import type { Data } from '../data.ts';
import { useServer } from '../harness.ts';

const server = useServer();
let maya: Actor;
beforeAll(async () => {
  await expect(seed(endingAtReports(server.app))).rejects.toThrow('killed');
  await Promise.all([seed(server.app), seed(server.app)]);
  maya = await logIn('maya');
});

/** An instance that is gone when somebody reports a message. */
const endingAtReports = (app: App): App => ({
  ...app,
  capabilities: {
    ...app.capabilities,
    reports: { ...app.capabilities.reports, report: () => Promise.reject(new Error('killed')) },
  },
});

async function logIn(login: string): Promise<Actor> {
  const { tokens } = await server.guest.mutate(
    'logIn',
    { login, password: demoPassword },
    'tokens { accessToken refreshToken sessionId }',
  );
  return new Actor(server.url, { userId: '', username: login, ...tokens });
}

/** What maya sees of an event of hers. */
const everythingOf = async (id: string): Promise<Data> =>
  (
    await maya.ask(
      `query($id: ID!) { videoEvent(id: $id) {
        status participantCount capacity waitlistCount chatSettings { slowModeSeconds closed emoteOnly unique }
        messages(last: 50) { edges { node { text } } } pinnedMessage { text } reactions { emoji total }
        polls(first: 5) { edges { node { status tally { ballots choices { votes } } } } }
        questions(first: 5) { edges { node { status votes anonymous } } } pinnedQuestion { text }
        reportedMessages(first: 5) { edges { node { reportCount message { author { username } } } } }
        predictions(first: 5) { edges { node { status totals { pot stakers } } } } goals(first: 5) { edges { node { title } } }
        rewardRules { trigger } leaderboard(first: 5) { entries { rank points user { username } } }
        redemptions(first: 5) { edges { node { status user { username } perk { title } } } }
        rewards(first: 1) { totalCount } engagements(first: 1) { totalCount } moderationLog(first: 5) { edges { node { kind } } }
      } }`,
      { id },
    )
  ).videoEvent;

const events = async (): Promise<{ id: string; title: string }[]> =>
  (await maya.ask('{ videoEvents { edges { node { id title } } } }')).videoEvents.edges.map(({ node }: Data) => node);

async function eventCalled(start: string): Promise<Data> {
  const id = (await events()).find(({ title }) => title.startsWith(start))?.id ?? '';
  return everythingOf(id);
}

const nodes = (list: unknown[]) => ({ edges: list.map((node) => ({ node })) });

test('a start that was killed midway is taken up by two at once, and nothing of the live event is there twice', async () => {
  expect(await eventCalled('Live')).toMatchObject({
    status: 'LIVE',
    participantCount: 4,
    chatSettings: { slowModeSeconds: 0, closed: false, emoteOnly: false, unique: false },
    messages: { edges: { length: 6 } },
    reactions: expect.arrayContaining([{ emoji: '🔥', total: 9 }]),
    polls: nodes([
      { status: 'OPEN', tally: { ballots: 3, choices: [{ votes: 1 }, { votes: 1 }, { votes: 1 }] } },
      { status: 'CLOSED', tally: { ballots: 4, choices: [{ votes: 2 }, { votes: 1 }, { votes: 1 }] } },
    ]),
    questions: nodes([
      { status: 'APPROVED', votes: 2, anonymous: false },
      { status: 'ANSWERED', votes: 1, anonymous: false },
      { status: 'APPROVED', votes: 1, anonymous: true },
    ]),
    pinnedQuestion: { text: 'Will you publish the schematics?' },
    reportedMessages: nodes([{ reportCount: 1, message: { author: { username: 'ben' } } }]),
    rewards: { totalCount: 7 },
    predictions: nodes([{ status: 'OPEN', totals: { pot: 50, stakers: 2 } }]),
    goals: nodes([{ title: 'A hundred reactions, all of us together' }]),
    rewardRules: ['MESSAGE', 'VOTE', 'QUESTION_ANSWERED', 'MINUTES_WATCHED'].map((trigger) => ({ trigger })),
    leaderboard: { entries: { length: 4, 0: { rank: 1, points: 300, user: { username: 'ava' } } } },
    redemptions: nodes([{ status: 'UNFULFILLED', user: { username: 'cleo' }, perk: { title: 'A greeting on air' } }]),
  });
});

test('a full event has somebody on its waitlist', async () => {
  expect(await eventCalled('In three days')).toMatchObject({ participantCount: 2, capacity: 2, waitlistCount: 1 });
});

test('loading it again changes nothing', async () => {
  const everything = async () => Promise.all((await events()).map(({ id }) => everythingOf(id)));
  const before = await everything();
  expect(before).toHaveLength(4);
  await seed(server.app);
  expect(await everything()).toEqual(before);
});

test('the event that is over replays with its chat, polls, questions and reactions, each in its minute', async () => {
  const { over } = await find(server.app.db);
  const { videoEvent } = await server.guest.ask(
    `query($id: ID!) { videoEvent(id: $id) { startedAt endedAt feed(first: 100, fromStreamOffset: 0) { items {
      __typename ... on FeedItem { streamOffset occurredAt }
      ... on PollOpened { poll { openedAt } } ... on QuestionAsked { question { askedAt } } } } } }`,
    { id: over },
  );
  const startedAt = Date.parse(videoEvent.startedAt);
  expect(Date.parse(videoEvent.endedAt) - startedAt).toBe(3_600_000);
  const items: { __typename: string; streamOffset: number; occurredAt: string }[] = videoEvent.feed.items;
  const minutesOf = (kind: string) =>
    items.filter(({ __typename }) => __typename === kind).map(({ streamOffset }) => Math.floor(streamOffset / 60_000));
  expect(minutesOf('MessageSent')).toEqual([1, 3, 18, 30, 34, 58]);
  expect(minutesOf('ReactionsCounted')).toEqual([6, 19, 47, 59]);
  expect(minutesOf('QuestionAsked')).toEqual([11]);
  expect([minutesOf('PollOpened'), minutesOf('PollClosed')]).toEqual([[24], [29]]);
  for (const { occurredAt, streamOffset } of items) expect(Date.parse(occurredAt) - startedAt).toBe(streamOffset);
  const minuteOf = (instant: string) => Math.floor((Date.parse(instant) - startedAt) / 60_000);
  expect(items).toContainEqual(
    expect.objectContaining({ poll: { openedAt: expect.toSatisfy((at: string) => minuteOf(at) === 24) } }),
  );
  expect(items).toContainEqual(
    expect.objectContaining({ question: { askedAt: expect.toSatisfy((at: string) => minuteOf(at) === 11) } }),
  );
});

test('every balance is what the ledger says', async () => {
  const { code, out } = await ovation(['ledger', 'verify'], { DATABASE_URL: server.databaseUrl });
  expect({ code, out }).toEqual({ code: 0, out: '4 wallets, 7 rewards, 0 differences.\n20 scores, 0 differences.' });
});

test('a demo event that was ended stays so, and does not stand in the way of the next start', async () => {
  const { live } = await find(server.app.db);
  await maya.mutate('endVideoEvent', { eventId: live });
  await seed(server.app);
  expect(await eventCalled('Live')).toMatchObject({ status: 'ENDED', messages: { edges: { length: 6 } } });
});

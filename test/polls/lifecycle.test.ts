import { describe, expect, test } from 'vitest';
import { createEvent } from '../actor.ts';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { createPoll, openPoll, rawId, rowsOfPolls, setPollStage, vote } from './poll.ts';

const server = useServer();
const items = `
  ... on PollOpened { poll { ...whole } } ... on PollClosed { poll { ...whole } tally { pollId ballots choices { choiceId votes } } }
  ... on PollArchived { pollId }`.replaceAll(
  '...whole',
  'pollId title status choices { choiceId text } maxChoices changeable results openedAt closesAt closedAt',
);

describe('a poll', () => {
  test('is told to all who follow the event when it opens, closes and is archived', async () => {
    const { host, eventId, voters } = await setPollStage(server);
    const feed = await server.guest.follow(eventId, items);
    const poll = await createPoll(host, eventId, { maxChoices: 2, changeable: true, durationSeconds: 3600 });
    await host.mutate('openPoll', { pollId: poll.id });
    for (const voter of voters) await vote(voter, poll, [0, 2]);
    await host.mutate('closePoll', { pollId: poll.id });
    await host.mutate('archivePoll', { pollId: poll.id });

    const [opened, closed, archived] = await feed.has(3);
    const told = {
      pollId: poll.id,
      title: 'Which song?',
      choices: ['Blue', 'Green', 'Red'].map((text, place) => ({ choiceId: poll.choices[place], text })),
      maxChoices: 2,
      changeable: true,
      results: 'ALWAYS',
    };
    expect(opened).toMatchObject({ __typename: 'PollOpened', poll: { ...told, status: 'OPEN', closedAt: null } });
    expect(Date.parse(opened.poll.closesAt) - Date.parse(opened.poll.openedAt)).toBe(3_600_000);
    expect(closed).toMatchObject({
      __typename: 'PollClosed',
      poll: { ...told, status: 'CLOSED', closedAt: expect.any(String) },
      tally: {
        pollId: poll.id,
        ballots: 2,
        choices: [2, 0, 2].map((votes, place) => ({ choiceId: poll.choices[place], votes })),
      },
    });
    expect(archived).toMatchObject({ __typename: 'PollArchived', pollId: poll.id });
    await feed.close();
  });

  test.each(['openPoll', 'closePoll', 'archivePoll'])(
    '%s is refused where its status does not allow it, and told it',
    async (mutation) => {
      const { host, eventId } = await setPollStage(server, 0);
      const { id: pollId } = await createPoll(host, eventId);
      const name = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}`;
      const document = `mutation($input: ${name}Input!) { done: ${mutation}(input: $input) { __typename ... on PollStatusError { code pollStatus } } }`;
      const path = ['openPoll', 'closePoll', 'archivePoll'];
      const statuses = ['DRAFT', 'OPEN', 'CLOSED', 'ARCHIVED'];
      for (const [place, status] of statuses.entries()) {
        const next = path[place];
        if (next !== mutation) {
          const before = await rowsOfPolls(server);
          const { done } = await host.ask(document, { input: { pollId } });
          expect(done).toEqual({ __typename: 'PollStatusError', code: 'POLL_STATUS', pollStatus: status });
          expect(await rowsOfPolls(server)).toEqual(before);
        }
        if (next !== undefined) expect((await host.mutate(next, { pollId })).code).toBeUndefined();
      }
    },
  );

  test.each(['openPoll', 'closePoll', 'archivePoll'])('of several who do %s at once one does', async (mutation) => {
    const { host, eventId } = await setPollStage(server, 0);
    const poll = await (mutation === 'openPoll' ? createPoll : openPoll)(host, eventId);
    if (mutation === 'archivePoll') await host.mutate('closePoll', { pollId: poll.id });
    const answers = await Promise.all(Array.from({ length: 5 }, () => host.mutate(mutation, { pollId: poll.id })));
    expect(answers.map(({ code }) => code ?? 'ok').sort()).toEqual([...Array(4).fill('POLL_STATUS'), 'ok']);
  });

  test.each(['SCHEDULED', 'LIVE', 'INTERRUPTED'] as const)('opens in an event that is %s', async (status) => {
    const { host, eventId } = await setPollStage(server, 0, status);
    expect(await openPoll(host, eventId)).toMatchObject({ choices: { length: 3 } });
  });

  test('opens in no draft, and in no event that is over', async () => {
    const host = await server.signUp({ role: 'HOST' });
    const eventId = await createEvent(host, 'DRAFT');
    const { id: pollId } = await createPoll(host, eventId);
    expect(await host.mutate('openPoll', { pollId })).toMatchObject({ code: 'EVENT_NOT_OPEN' });
    await host.mutate('cancelVideoEvent', { eventId });
    expect(await host.mutate('openPoll', { pollId })).toMatchObject({ code: 'EVENT_NOT_OPEN' });
  });

  test('is one of ten open ones of its event at most', async () => {
    const { host, eventId } = await setPollStage(server, 0);
    const polls = await Promise.all(Array.from({ length: 11 }, () => createPoll(host, eventId)));
    const answers = await Promise.all(polls.map(({ id }) => host.mutate('openPoll', { pollId: id })));
    expect(answers.map(({ code }) => code ?? 'ok').sort()).toEqual(['INVALID_INPUT', ...Array(10).fill('ok')]);
  });

  test.each([
    ['ends', 'LIVE', 'endVideoEvent', 'VideoEventEnded'],
    ['is cancelled', 'SCHEDULED', 'cancelVideoEvent', 'VideoEventCancelled'],
  ] as const)('closes before its event %s, with its final tally', async (_what, status, mutation, fact) => {
    const { host, eventId, voters } = await setPollStage(server, 2, status);
    const polls = [await openPoll(host, eventId), await openPoll(host, eventId, { durationSeconds: 60 })];
    await createPoll(host, eventId);
    for (const poll of polls) for (const voter of voters) await vote(voter, poll, [1]);
    const feed = await host.follow(eventId, items);
    await host.mutate(mutation, { eventId });
    const told = await feed.has(3);
    expect(told.map(({ __typename }) => __typename)).toEqual(['PollClosed', 'PollClosed', fact]);
    expect(told.slice(0, 2).map(({ poll, tally }) => [poll.pollId, tally.choices[1].votes])).toEqual(
      polls.map(({ id }) => [id, 2]),
    );
    await feed.close();
  });

  test('is moved on by the host and moderators only, and that is in the log of the event', async () => {
    const { host, eventId, voters } = await setPollStage(server);
    const [ada, bob] = voters;
    if (ada === undefined || bob === undefined) throw new Error('two participants');
    await host.mutate('appointModerator', { eventId, userId: bob.id });
    const { id: pollId } = await createPoll(host, eventId);
    const stranger = await server.signUp();
    for (const mutation of ['openPoll', 'closePoll', 'archivePoll']) {
      const before = await rowsOfPolls(server);
      const code = mutation === 'openPoll' ? 'NOT_FOUND' : 'FORBIDDEN';
      for (const actor of [ada, stranger]) expect(await actor.mutate(mutation, { pollId })).toMatchObject({ code });
      expect(await rowsOfPolls(server)).toEqual(before);
      expect((await bob.mutate(mutation, { pollId })).code).toBeUndefined();
    }
    const document = `query($id: ID!) { videoEvent(id: $id) { moderationLog { edges { node { kind pollId actor { id } } } } } }`;
    const { videoEvent } = await host.ask(document, { id: eventId });
    expect(videoEvent.moderationLog.edges.slice(0, 3)).toEqual(
      ['POLL_ARCHIVED', 'POLL_CLOSED', 'POLL_OPENED'].map((kind) => ({
        node: { kind, pollId, actor: { id: bob.id } },
      })),
    );
  });
});

describe('a poll with a time', () => {
  /** Its time is over now. */
  async function endTime(pollId: string): Promise<void> {
    const id = rawId(pollId);
    await server.app.db.$executeRaw`UPDATE "Poll" SET "closesAt" = clock_timestamp() WHERE id = ${id}::uuid`;
    await server.app.db
      .$executeRaw`UPDATE "Job" SET "runAt" = clock_timestamp() WHERE kind = 'poll.close' AND key = ${id}`;
  }

  test("closes by itself, which is nobody's deed", async () => {
    const { host, eventId, voters } = await setPollStage(server, 1);
    const poll = await openPoll(host, eventId, { durationSeconds: 15 });
    const [ada] = voters;
    if (ada === undefined) throw new Error('a voter');
    await vote(ada, poll, [2]);
    const feed = await server.guest.follow(eventId, items);
    await endTime(poll.id);
    expect(await feed.next()).toMatchObject({ __typename: 'PollClosed', tally: { ballots: 1 } });
    const { db } = server.app;
    expect(await db.moderationAction.count({ where: { pollId: rawId(poll.id), kind: 'POLL_CLOSED' } })).toBe(0);
    await feed.close();
  });

  test('that was closed before is not closed again', async () => {
    const { host, eventId } = await setPollStage(server, 0);
    const poll = await openPoll(host, eventId, { durationSeconds: 15 });
    await host.mutate('closePoll', { pollId: poll.id });
    await endTime(poll.id);
    const { db } = server.app;
    await until(async () => (await db.job.count({ where: { key: rawId(poll.id) } })) === 0, {
      what: 'the task to be done',
    });
    expect(await db.feedEntry.count({ where: { kind: 'PollClosed', subjectId: rawId(poll.id) } })).toBe(1);
  });

  test('is scheduled once it is opened; one that was not opened is never', async () => {
    const { host, eventId } = await setPollStage(server, 0);
    const poll = await createPoll(host, eventId, { durationSeconds: 600 });
    const jobs = () => server.app.db.job.findMany({ where: { key: rawId(poll.id) } });
    expect(await jobs()).toEqual([]);
    await host.mutate('openPoll', { pollId: poll.id });
    const row = await server.app.db.poll.findUniqueOrThrow({ where: { id: rawId(poll.id) } });
    expect(await jobs()).toMatchObject([{ kind: 'poll.close', runAt: row.closesAt }]);
  });
});

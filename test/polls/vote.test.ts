import { describe, expect, test } from 'vitest';
import { useServer } from '../harness.ts';
import { until } from '../wait.ts';
import { createPoll, openPoll, rawId, rowsOfPolls, setPollStage, vote, votesSeenBy } from './poll.ts';

const server = useServer();

describe('vote', () => {
  test('counts the ballot, tells the voter what they chose and nobody else', async () => {
    const { host, eventId, voters } = await setPollStage(server);
    const [ada, bob] = voters;
    if (ada === undefined || bob === undefined) throw new Error('two voters');
    const poll = await openPoll(host, eventId);
    const { poll: after } = await ada.mutate(
      'vote',
      { pollId: poll.id, choiceIds: [poll.choices[1]] },
      'poll { tally { ballots choices { choiceId votes } } viewerBallot { choiceIds votedAt } }',
    );
    expect(after.viewerBallot).toMatchObject({ choiceIds: [poll.choices[1]] });
    expect(after.tally).toEqual({
      ballots: 1,
      choices: poll.choices.map((choiceId, place) => ({ choiceId, votes: place === 1 ? 1 : 0 })),
    });
    for (const other of [bob, host, server.guest]) {
      const document = 'query($id: ID!) { node(id: $id) { ... on Poll { viewerBallot { choiceIds } } } }';
      expect(await other.ask(document, { id: poll.id })).toEqual({ node: { viewerBallot: null } });
    }
  });

  test('is an engagement of the voter, about the poll; so is each change', async () => {
    const { host, eventId, voters } = await setPollStage(server, 1);
    const [ada] = voters;
    if (ada === undefined) throw new Error('a voter');
    const poll = await openPoll(host, eventId, { changeable: true });
    for (const place of [0, 2]) expect((await vote(ada, poll, [place])).__typename).toBe('VotePayload');
    const rows = await server.app.db.engagementLog.findMany({
      where: { engagementType: 'VOTE', subjectId: rawId(poll.id) },
      select: { count: true, eventId: true, participant: { select: { userId: true } } },
    });
    const one = { count: 1, eventId: rawId(eventId), participant: { userId: rawId(ada.id) } };
    expect(rows).toEqual([one, one]);
    expect(await votesSeenBy(ada, poll)).toEqual([0, 0, 1]);
    expect(await server.app.db.pollBallot.count({ where: { pollId: rawId(poll.id) } })).toBe(1);
  });

  test('takes as many choices as the poll allows, counts each, and the ballot once', async () => {
    const { host, eventId, voters } = await setPollStage(server);
    const poll = await openPoll(host, eventId, { maxChoices: 2 });
    for (const voter of voters) expect((await vote(voter, poll, [2, 0])).__typename).toBe('VotePayload');
    const document = 'query($id: ID!) { node(id: $id) { ... on Poll { tally { ballots choices { votes } } } } }';
    const { node } = await server.guest.ask(document, { id: poll.id });
    expect(node.tally).toEqual({ ballots: 2, choices: [{ votes: 2 }, { votes: 0 }, { votes: 2 }] });
  });

  test('a second one is refused where the poll takes no changes, also of two sent at once', async () => {
    const { host, eventId, voters } = await setPollStage(server, 1);
    const [ada] = voters;
    if (ada === undefined) throw new Error('a voter');
    const poll = await openPoll(host, eventId);
    const answers = await Promise.all([0, 1, 2, 0, 1, 2].map((place) => vote(ada, poll, [place])));
    expect(answers.map(({ code }) => code ?? 'ok').sort()).toEqual([...Array(5).fill('ALREADY_VOTED'), 'ok']);
    const before = await rowsOfPolls(server);
    expect(await vote(ada, poll, [0])).toMatchObject({ __typename: 'AlreadyVotedError', code: 'ALREADY_VOTED' });
    expect(await rowsOfPolls(server)).toEqual(before);
  });

  test('of several changes sent at once one is the last, and the ballot is one', async () => {
    const { host, eventId, voters } = await setPollStage(server, 1);
    const [ada] = voters;
    if (ada === undefined) throw new Error('a voter');
    const poll = await openPoll(host, eventId, { changeable: true });
    const answers = await Promise.all([0, 1, 2, 0, 1].map((place) => vote(ada, poll, [place])));
    expect(answers.map(({ __typename }) => __typename)).toEqual(Array(5).fill('VotePayload'));
    expect((await votesSeenBy(ada, poll))?.toSorted()).toEqual([0, 0, 1]);
  });

  test.each([
    ['none', (choices: string[]) => choices.slice(0, 0)],
    ['too many', (choices: string[]) => choices.slice(0, 2)],
    ['the same twice', ([first]: string[]) => [first, first]],
  ])('of choices that are %s is refused and nothing is written', async (_what, choose) => {
    const { host, eventId, voters } = await setPollStage(server, 1);
    const poll = await openPoll(host, eventId);
    const before = await rowsOfPolls(server);
    const answer = await voters[0]?.mutate('vote', { pollId: poll.id, choiceIds: choose(poll.choices) });
    expect(answer).toMatchObject({ __typename: 'InvalidInputError' });
    expect(await rowsOfPolls(server)).toEqual(before);
  });

  test("for another poll's choice is refused and nothing is written", async () => {
    const { host, eventId, voters } = await setPollStage(server, 1);
    const [poll, other] = [await openPoll(host, eventId), await openPoll(host, eventId)];
    const before = await rowsOfPolls(server);
    const answer = await voters[0]?.mutate('vote', { pollId: poll.id, choiceIds: [other.choices[0]] });
    expect(answer).toMatchObject({ __typename: 'NotFoundError' });
    expect(await rowsOfPolls(server)).toEqual(before);
  });

  test.each([
    ['the host closed it', 'closePoll', 'CLOSED'],
    ['the event ended', 'endVideoEvent', 'CLOSED'],
  ])('is too late once %s', async (_why, mutation, status) => {
    const { host, eventId, voters } = await setPollStage(server, 1);
    const poll = await openPoll(host, eventId);
    await host.mutate(mutation, mutation === 'closePoll' ? { pollId: poll.id } : { eventId });
    const before = await rowsOfPolls(server);
    const document = `mutation($input: VoteInput!) { vote(input: $input) { __typename ... on PollStatusError { code pollStatus } } }`;
    const answer = await voters[0]?.ask(document, { input: { pollId: poll.id, choiceIds: [poll.choices[0]] } });
    expect(answer.vote).toEqual({ __typename: 'PollStatusError', code: 'POLL_STATUS', pollStatus: status });
    expect(await rowsOfPolls(server)).toEqual(before);
  });

  test('is too late once the time is over, whether anybody has closed the poll by then or not', async () => {
    const { host, eventId, voters } = await setPollStage(server, 1);
    const poll = await openPoll(host, eventId, { durationSeconds: 15 });
    await server.app.db
      .$executeRaw`UPDATE "Poll" SET "closesAt" = clock_timestamp() WHERE id = ${rawId(poll.id)}::uuid`;
    const [ada] = voters;
    if (ada === undefined) throw new Error('a voter');
    expect(await vote(ada, poll, [0])).toMatchObject({ code: 'POLL_STATUS' });
    // Nobody was asked to close it before its time.
    expect(await server.app.db.poll.findUnique({ where: { id: rawId(poll.id) } })).toMatchObject({ status: 'OPEN' });
  });

  test('is refused to who has not joined, has left, is timed out, or may not know of the poll', async () => {
    const { host, eventId, voters } = await setPollStage(server);
    const [ada, bob] = voters;
    if (ada === undefined || bob === undefined) throw new Error('two voters');
    const poll = await openPoll(host, eventId);
    const draft = await createPoll(host, eventId);
    const stranger = await server.signUp();
    expect(await vote(stranger, poll, [0])).toMatchObject({ code: 'NOT_PARTICIPANT' });
    await ada.mutate('leaveVideoEvent', { eventId });
    expect(await vote(ada, poll, [0])).toMatchObject({ code: 'NOT_PARTICIPANT' });
    await host.mutate('timeOutUser', { eventId, userId: bob.id, seconds: 600 });
    expect(await vote(bob, poll, [0])).toMatchObject({ code: 'SANCTIONED' });
    expect(await vote(bob, draft, [0])).toMatchObject({ code: 'NOT_FOUND' });
    expect(await vote(host, draft, [0])).toMatchObject({ code: 'POLL_STATUS' });
    await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
    expect(await vote(stranger, poll, [0])).toMatchObject({ code: 'NOT_FOUND' });
    const document = 'mutation($input: VoteInput!) { vote(input: $input) { __typename } }';
    const input = { pollId: poll.id, choiceIds: [poll.choices[0]] };
    expect(await server.guest.refusal(document, { input })).toBe('UNAUTHENTICATED');
    expect(await server.app.db.pollBallot.count({ where: { pollId: rawId(poll.id) } })).toBe(0);
  });

  test('the host votes without joining and takes no seat', async () => {
    const { host, eventId } = await setPollStage(server, 0);
    const poll = await openPoll(host, eventId);
    expect(await vote(host, poll, [0])).toEqual({ __typename: 'VotePayload' });
    const { videoEvent } = await host.ask('query($id: ID!) { videoEvent(id: $id) { participantCount } }', {
      id: eventId,
    });
    expect(videoEvent.participantCount).toBe(0);
  });

  test('who leaves after they voted keeps their ballot, and comes back to it', async () => {
    const { host, eventId, voters } = await setPollStage(server, 1);
    const [ada] = voters;
    if (ada === undefined) throw new Error('a voter');
    const poll = await openPoll(host, eventId);
    await vote(ada, poll, [1]);
    await ada.mutate('leaveVideoEvent', { eventId });
    expect(await votesSeenBy(host, poll)).toEqual([0, 1, 0]);
    await ada.mutate('joinVideoEvent', { eventId });
    expect(await vote(ada, poll, [2])).toMatchObject({ code: 'ALREADY_VOTED' });
  });

  test('under the same idempotency key counts once and answers the same, after the closing, too', async () => {
    const { host, eventId, voters } = await setPollStage(server, 1);
    const [ada] = voters;
    if (ada === undefined) throw new Error('a voter');
    const poll = await openPoll(host, eventId, { changeable: true });
    const more = { idempotencyKey: 'vote-1' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => vote(ada, poll, [0], more)));
    expect(answers.map(({ __typename }) => __typename)).toEqual(Array(8).fill('VotePayload'));
    const where = { engagementType: 'VOTE', subjectId: rawId(poll.id) };
    expect(await server.app.db.engagementLog.count({ where })).toBe(1);
    expect(await vote(ada, poll, [1], more)).toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
    await host.mutate('closePoll', { pollId: poll.id });
    expect(await vote(ada, poll, [0], more)).toEqual({ __typename: 'VotePayload' });
    expect(await server.app.db.engagementLog.count({ where })).toBe(1);
  });
});

describe('the pulse', () => {
  const document = `subscription($id: ID!) { videoEventPulse(eventId: $id) {
    polls { pollId ballots choices { votes } } } }`;

  test('tells how the votes stand in open polls that show it always, and in no others', async () => {
    const { host, eventId, voters } = await setPollStage(server);
    const [ada] = voters;
    if (ada === undefined) throw new Error('a voter');
    const pulse = server.guest.subscribe(document, { id: eventId });
    const told = (): unknown => pulse.items.at(-1)?.polls;
    const tells = (expected: unknown) =>
      until(() => JSON.stringify(told()) === JSON.stringify(expected), { what: `polls: ${JSON.stringify(expected)}` });
    await tells([]);
    for (const results of ['AFTER_VOTE', 'AFTER_CLOSE']) {
      await vote(ada, await openPoll(host, eventId, { results }), [0]);
    }
    await createPoll(host, eventId);
    const poll = await openPoll(host, eventId);
    const tally = (ballots: number, ...votes: number[]) => [
      { pollId: poll.id, ballots, choices: votes.map((count) => ({ votes: count })) },
    ];
    await tells(tally(0, 0, 0, 0));
    await vote(ada, poll, [2]);
    await tells(tally(1, 0, 0, 1));
    await host.mutate('closePoll', { pollId: poll.id });
    await tells([]);
    await pulse.close();
  });
});

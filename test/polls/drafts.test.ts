import { describe, expect, test } from 'vitest';
import { createEvent } from '../actor.ts';
import { useServer } from '../harness.ts';
import { createPoll, openPoll, rowsOfPolls, setPollStage } from './poll.ts';

const server = useServer();
const whole =
  'poll { id eventId title status choices { text } maxChoices changeable results durationSeconds openedAt closesAt closedAt tally { ballots } }';
const right = { title: 'Which song?', choices: ['Blue', 'Green'] };

/** Input that neither a new poll nor a change of one may have. */
const wrong: [string, object][] = [
  ['a blank title', { title: ' ' }],
  ['a title of 121 characters', { title: 'x'.repeat(121) }],
  ['one choice', { choices: ['Blue'] }],
  ['eleven choices', { choices: Array.from({ length: 11 }, (_, n) => `Song ${n}`) }],
  ['a blank choice', { choices: ['Blue', '\u0000'] }],
  ['a choice of 81 characters', { choices: ['Blue', 'x'.repeat(81)] }],
  ['the same choice twice, but for blanks', { choices: ['Blue', ' Blue '] }],
  ['more choices a ballot than there are', { choices: ['Blue', 'Green'], maxChoices: 3 }],
  ['no choice a ballot', { maxChoices: 0 }],
  ['14 seconds', { durationSeconds: 14 }],
  ['more than a day', { durationSeconds: 86_401 }],
];

describe('createPoll', () => {
  test('makes a draft with what is usual where nothing else is said', async () => {
    const { host, eventId } = await setPollStage(server, 0);
    const { poll } = await host.mutate(
      'createPoll',
      { eventId, title: '  Which song? ', choices: ['Blue', 'Green'] },
      whole,
    );
    expect(poll).toMatchObject({
      eventId,
      title: 'Which song?',
      status: 'DRAFT',
      choices: [{ text: 'Blue' }, { text: 'Green' }],
      maxChoices: 1,
      changeable: false,
      results: 'ALWAYS',
      durationSeconds: null,
      openedAt: null,
      closesAt: null,
      closedAt: null,
      tally: { ballots: 0 },
    });
  });

  test('takes ten choices of 80 characters, and lengths count code points', async () => {
    const { host, eventId } = await setPollStage(server, 0);
    const choices = Array.from({ length: 10 }, (_, n) => `${n}${'👋'.repeat(79)}`);
    const { poll } = await host.mutate(
      'createPoll',
      {
        eventId,
        title: '👋'.repeat(120),
        choices,
        maxChoices: 10,
        changeable: true,
        results: 'AFTER_VOTE',
        durationSeconds: 15,
      },
      whole,
    );
    expect(poll).toMatchObject({ maxChoices: 10, changeable: true, results: 'AFTER_VOTE', durationSeconds: 15 });
    expect(poll.choices.map(({ text }: { text: string }) => text)).toEqual(choices);
  });

  test.each(wrong)('with %s is refused and nothing is written', async (_what, input) => {
    const { host, eventId } = await setPollStage(server, 0);
    const before = await rowsOfPolls(server);
    expect(await host.mutate('createPoll', { eventId, ...right, ...input })).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await rowsOfPolls(server)).toEqual(before);
  });

  test('is for the host and moderators', async () => {
    const { host, eventId, voters } = await setPollStage(server, 1);
    const [ada] = voters;
    if (ada === undefined) throw new Error('a participant');
    const before = await rowsOfPolls(server);
    expect(await ada.mutate('createPoll', { eventId, ...right })).toMatchObject({ code: 'FORBIDDEN' });
    const document = 'mutation($input: CreatePollInput!) { createPoll(input: $input) { __typename } }';
    expect(await server.guest.refusal(document, { input: { eventId, ...right } })).toBe('UNAUTHENTICATED');
    expect(await rowsOfPolls(server)).toEqual(before);
    await host.mutate('appointModerator', { eventId, userId: ada.id });
    expect(await ada.mutate('createPoll', { eventId, ...right })).toEqual({ __typename: 'CreatePollPayload' });
    await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
    const stranger = await server.signUp();
    expect(await stranger.mutate('createPoll', { eventId, ...right })).toMatchObject({ code: 'NOT_FOUND' });
  });

  test.each(['ENDED', 'CANCELLED'] as const)('is refused in an event that is %s', async (status) => {
    const host = await server.signUp({ role: 'HOST' });
    const eventId = await createEvent(host, status);
    expect(await host.mutate('createPoll', { eventId, ...right })).toMatchObject({ code: 'EVENT_NOT_OPEN' });
  });

  test('under the same idempotency key makes one poll; with other words it is refused', async () => {
    const { host, eventId } = await setPollStage(server, 0);
    const input = { eventId, ...right, idempotencyKey: 'poll-1' };
    const answers = await Promise.all(Array.from({ length: 4 }, () => host.mutate('createPoll', input, 'poll { id }')));
    expect(new Set(answers.map(({ poll }) => poll.id)).size).toBe(1);
    expect(await host.mutate('createPoll', { ...input, title: 'Another' })).toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
  });
});

describe('updatePoll', () => {
  test('changes what is given and leaves the rest', async () => {
    const { host, eventId } = await setPollStage(server, 0);
    const { id: pollId } = await createPoll(host, eventId, { durationSeconds: 60, maxChoices: 2 });
    const change = async (input: object) => (await host.mutate('updatePoll', { pollId, ...input }, whole)).poll;
    expect(await change({ title: 'Which one?' })).toMatchObject({
      title: 'Which one?',
      durationSeconds: 60,
      maxChoices: 2,
    });
    expect(await change({ durationSeconds: null, changeable: true })).toMatchObject({
      title: 'Which one?',
      durationSeconds: null,
      changeable: true,
      choices: [{ text: 'Blue' }, { text: 'Green' }, { text: 'Red' }],
    });
    expect(await change({ choices: ['Red', 'Blue'], results: 'AFTER_CLOSE' })).toMatchObject({
      choices: [{ text: 'Red' }, { text: 'Blue' }],
      results: 'AFTER_CLOSE',
    });
  });

  test.each(wrong)('to %s is refused and nothing is written', async (_what, input) => {
    const { host, eventId } = await setPollStage(server, 0);
    const { id: pollId } = await createPoll(host, eventId);
    const before = await rowsOfPolls(server);
    expect(await host.mutate('updatePoll', { pollId, ...input })).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await rowsOfPolls(server)).toEqual(before);
  });

  test('to fewer choices than a ballot may have is refused', async () => {
    const { host, eventId } = await setPollStage(server, 0);
    const { id: pollId } = await createPoll(host, eventId, { maxChoices: 3 });
    expect(await host.mutate('updatePoll', { pollId, choices: ['Blue', 'Green'] })).toMatchObject({
      code: 'INVALID_INPUT',
    });
  });
});

describe.each(['updatePoll', 'deletePoll'])('%s', (mutation) => {
  test('is refused once the poll was opened, with its status', async () => {
    const { host, eventId } = await setPollStage(server, 0);
    const { id: pollId } = await openPoll(host, eventId);
    const name = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}`;
    const document = `mutation($input: ${name}Input!) { done: ${mutation}(input: $input) { __typename ... on PollStatusError { pollStatus } } }`;
    const before = await rowsOfPolls(server);
    expect(await host.ask(document, { input: { pollId } })).toEqual({
      done: { __typename: 'PollStatusError', pollStatus: 'OPEN' },
    });
    expect(await rowsOfPolls(server)).toEqual(before);
  });

  test('is for the host and moderators; nobody else knows of a draft', async () => {
    const { host, eventId, voters } = await setPollStage(server, 1);
    const [ada] = voters;
    if (ada === undefined) throw new Error('a participant');
    const { id: pollId } = await createPoll(host, eventId);
    const before = await rowsOfPolls(server);
    expect(await ada.mutate(mutation, { pollId })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await rowsOfPolls(server)).toEqual(before);
  });
});

describe('deletePoll', () => {
  test('removes a draft with its choices', async () => {
    const { host, eventId } = await setPollStage(server, 0);
    const { id: pollId, choices } = await createPoll(host, eventId);
    expect(await host.mutate('deletePoll', { pollId }, 'pollId')).toEqual({ __typename: 'DeletePollPayload', pollId });
    for (const id of [pollId, ...choices]) {
      expect(await host.ask('query($id: ID!) { node(id: $id) { id } }', { id })).toEqual({ node: null });
    }
  });
});

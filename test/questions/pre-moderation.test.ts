import { describe, expect, test } from 'vitest';
import { useServer } from '../harness.ts';
import { items, kinds, listed, read, setScene } from './scene.ts';

const server = useServer();
const eventDocument = 'query($id: ID!) { videoEvent(id: $id) { questionsPreModerated pinnedQuestion { id } } }';

describe('where questions are pre-moderated', () => {
  test('a question is seen by its author and moderators only, until it is approved', async () => {
    const scene = await setScene(server, { questionsPreModerated: true });
    const { ask, eventId, author, other, host, moderator, otherHost, otherModerator } = scene;
    const outsiders = [other, otherHost, otherModerator, server.guest];
    const insiders = [author, host, moderator];
    const [theirs, ours] = await Promise.all(
      [outsiders, insiders].map((people) =>
        Promise.all(people.map((person) => person.follow(eventId, items, { kinds }))),
      ),
    );
    if (theirs === undefined || ours === undefined) throw new Error('nobody follows');

    const questionId = await ask('May I?');
    for (const stream of ours) {
      expect(await stream.next()).toMatchObject({
        __typename: 'QuestionAsked',
        question: { questionId, text: 'May I?', status: 'PENDING' },
      });
    }
    for (const person of insiders) {
      expect(await read(person, questionId)).toMatchObject({ status: 'PENDING', text: 'May I?' });
      expect(await listed(person, eventId)).toHaveLength(1);
    }
    for (const person of outsiders) {
      expect(await read(person, questionId)).toBeNull();
      expect(await listed(person, eventId)).toEqual([]);
      expect(await listed(person, eventId, 'first: 5, status: [PENDING]')).toEqual([]);
    }

    expect(await moderator.mutate('approveQuestion', { questionId }, 'question { status }')).toEqual({
      __typename: 'ApproveQuestionPayload',
      question: { status: 'APPROVED' },
    });
    for (const stream of [...theirs, ...ours]) {
      expect(await stream.next()).toMatchObject({
        __typename: 'QuestionApproved',
        question: { questionId, text: 'May I?', status: 'APPROVED', author: { userId: author.id } },
      });
    }
    for (const person of outsiders) expect(await read(person, questionId)).toMatchObject({ text: 'May I?' });
    // What they heard is that alone.
    expect(theirs.map((stream) => stream.results.length)).toEqual(outsiders.map(() => 1));
    expect(ours.map((stream) => stream.results.length)).toEqual(insiders.map(() => 2));
    await Promise.all([...theirs, ...ours].map((stream) => stream.close()));
  });

  test('moderators ask without asking themselves', async () => {
    const { ask, host } = await setScene(server, { questionsPreModerated: true });
    expect(await read(server.guest, await ask('Who is there?', { as: host }))).toMatchObject({ status: 'APPROVED' });
  });

  test('the host switches it, and everybody is told', async () => {
    const { ask, host, author, eventId } = await setScene(server);
    const watching = await author.follow(eventId, '... on VideoEventUpdated { event { questionsPreModerated } }', {
      kinds: ['VideoEventUpdated'],
    });
    await host.mutate('updateVideoEvent', { eventId, questionsPreModerated: true });
    expect(await watching.next()).toMatchObject({ event: { questionsPreModerated: true } });
    expect((await author.ask(eventDocument, { id: eventId })).videoEvent.questionsPreModerated).toBe(true);
    expect(await read(author, await ask('Waits?'))).toMatchObject({ status: 'PENDING' });
    await watching.close();
  });
});

describe('approveQuestion', () => {
  test('is for moderators of the event: others are refused, or find nothing', async () => {
    const scene = await setScene(server, { questionsPreModerated: true });
    const { ask, author, other, otherHost, otherModerator, host } = scene;
    const questionId = await ask('May I?');
    expect(await author.mutate('approveQuestion', { questionId })).toMatchObject({ code: 'FORBIDDEN' });
    for (const person of [other, otherHost, otherModerator]) {
      expect(await person.mutate('approveQuestion', { questionId })).toMatchObject({ code: 'NOT_FOUND' });
    }
    const mutation = 'mutation($input: ApproveQuestionInput!) { approveQuestion(input: $input) { __typename } }';
    expect(await server.guest.refusal(mutation, { input: { questionId } })).toBe('UNAUTHENTICATED');
    expect(await read(host, questionId)).toMatchObject({ status: 'PENDING' });
  });

  test('of two moderators at once one approves, and the other is told the status', async () => {
    const { ask, host, moderator } = await setScene(server, { questionsPreModerated: true });
    const questionId = await ask('Twice?');
    const document = `mutation($input: ApproveQuestionInput!) { result: approveQuestion(input: $input) {
      __typename ... on QuestionStatusError { code questionStatus } } }`;
    const both = await Promise.all([host, moderator].map((one) => one.ask(document, { input: { questionId } })));
    const results = both.map(({ result }) => result).sort((a, b) => a.__typename.localeCompare(b.__typename));
    expect(results).toEqual([
      { __typename: 'ApproveQuestionPayload' },
      { __typename: 'QuestionStatusError', code: 'QUESTION_STATUS', questionStatus: 'APPROVED' },
    ]);
  });
});

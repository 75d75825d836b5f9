import { describe, expect, test } from 'vitest';
import { cursorOf } from '../faults/stage.ts';
import { useServer } from '../harness.ts';
import { items, kinds, listed, read, setScene } from './scene.ts';

const server = useServer();
const logDocument = `query($id: ID!) { videoEvent(id: $id) { moderationLog { edges { node {
  kind questionId reason actor { id } user { id } } } } } }`;
const logOf = async (reader: Awaited<ReturnType<typeof setScene>>['host'], id: string) =>
  (await reader.ask(logDocument, { id })).videoEvent.moderationLog.edges.map(({ node }: { node: unknown }) => node);
const pinned = async (id: string) =>
  (await server.guest.ask('query($id: ID!) { videoEvent(id: $id) { pinnedQuestion { id text } } }', { id })).videoEvent
    .pinnedQuestion;

describe('answerQuestion', () => {
  test.each([{ answer: 'Because.\nOf that.' }, { answer: null }])(
    'with $answer: everybody hears, and it stands in the log of moderation',
    async ({ answer }) => {
      const { ask, eventId, author, other, moderator } = await setScene(server);
      const questionId = await ask('Why?');
      const watching = await other.follow(eventId, items, { kinds });
      const result = await moderator.mutate(
        'answerQuestion',
        { questionId, answer },
        'question { status answer answeredAt }',
      );
      expect(result.question).toEqual({ status: 'ANSWERED', answer, answeredAt: expect.any(String) });
      expect(await watching.next()).toMatchObject({
        __typename: 'QuestionAnswered',
        question: { questionId, text: 'Why?', ...result.question },
      });
      expect(await read(server.guest, questionId)).toMatchObject({ status: 'ANSWERED', answer });
      const [line] = await logOf(moderator, eventId);
      expect(line).toEqual({
        kind: 'QUESTION_ANSWERED',
        questionId,
        reason: null,
        actor: { id: moderator.id },
        user: { id: author.id },
      });
      await watching.close();
    },
  );

  test('an empty answer and one of 501 characters are refused; a pending question is answered once it is approved', async () => {
    const { ask, host } = await setScene(server, { questionsPreModerated: true });
    const questionId = await ask('Why?');
    expect(await host.mutate('answerQuestion', { questionId })).toMatchObject({ code: 'QUESTION_STATUS' });
    await host.mutate('approveQuestion', { questionId });
    for (const answer of [' ', 'x'.repeat(501)])
      expect(await host.mutate('answerQuestion', { questionId, answer })).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await read(host, questionId)).toMatchObject({ status: 'APPROVED', answer: null });
    expect(await host.mutate('answerQuestion', { questionId, answer: '👋'.repeat(500) })).toEqual({
      __typename: 'AnswerQuestionPayload',
    });
  });

  test('answering after the event is possible', async () => {
    const { ask, host, eventId } = await setScene(server);
    const questionId = await ask('Later?');
    await host.mutate('endVideoEvent', { eventId });
    expect(await host.mutate('answerQuestion', { questionId, answer: 'Now.' })).toEqual({
      __typename: 'AnswerQuestionPayload',
    });
  });
});

describe('dismissQuestion', () => {
  test('hides a question from others, here and in the past of the feed, and takes it off', async () => {
    const { ask, eventId, author, other, host } = await setScene(server);
    const from = await cursorOf(host, eventId);
    const questionId = await ask('Something rude?');
    await host.mutate('pinQuestion', { questionId });
    const result = await host.mutate('dismissQuestion', { questionId, reason: 'rude' }, 'question { status text }');
    expect(result.question).toEqual({ status: 'DISMISSED', text: 'Something rude?' });
    for (const person of [author, host])
      expect(await read(person, questionId)).toMatchObject({ status: 'DISMISSED', text: 'Something rude?' });
    for (const person of [other, server.guest]) {
      expect(await read(person, questionId)).toBeNull();
      expect(await listed(person, eventId)).toEqual([]);
    }
    expect(await pinned(eventId)).toBeNull();
    const replay = await other.follow(eventId, items, { after: from, kinds });
    expect(await replay.has(4)).toMatchObject([
      { __typename: 'QuestionAsked', question: { questionId, text: null, status: 'DISMISSED' } },
      { __typename: 'QuestionPinned', question: { text: null } },
      { __typename: 'QuestionDismissed', questionId },
      { __typename: 'QuestionUnpinned', questionId },
    ]);
    const [line] = await logOf(host, eventId);
    expect(line).toMatchObject({ kind: 'QUESTION_DISMISSED', questionId, reason: 'rude', user: { id: author.id } });
    await replay.close();
  });

  test('of a pending one only moderators and the author hear', async () => {
    const { ask, eventId, author, other, moderator } = await setScene(server, { questionsPreModerated: true });
    const [theirs, ours] = await Promise.all([other, author].map((person) => person.follow(eventId, items, { kinds })));
    const questionId = await ask('Something rude?');
    await moderator.mutate('dismissQuestion', { questionId });
    expect((await ours?.has(2))?.[1]).toMatchObject({ __typename: 'QuestionDismissed', questionId });
    const next = await ask('Next?');
    await moderator.mutate('approveQuestion', { questionId: next });
    expect(await theirs?.next()).toMatchObject({ __typename: 'QuestionApproved', question: { questionId: next } });
    await Promise.all([theirs?.close(), ours?.close()]);
  });

  test('not twice; a reason of 201 characters is refused', async () => {
    const { ask, host } = await setScene(server);
    const questionId = await ask('Why?');
    expect(await host.mutate('dismissQuestion', { questionId, reason: 'x'.repeat(201) })).toMatchObject({
      code: 'INVALID_INPUT',
    });
    expect(await host.mutate('dismissQuestion', { questionId })).toEqual({ __typename: 'DismissQuestionPayload' });
    expect(await host.mutate('dismissQuestion', { questionId })).toMatchObject({ code: 'QUESTION_STATUS' });
  });
});

describe('pinQuestion and unpinQuestion', () => {
  test('one question is pinned at a time, and the fact tells it whole', async () => {
    const { ask, eventId, author, host } = await setScene(server);
    const live = await author.follow(eventId, items, { kinds: ['QuestionPinned', 'QuestionUnpinned'] });
    const [first, second] = [await ask('First?'), await ask('Second?')];
    await host.mutate('pinQuestion', { questionId: first });
    expect(await host.mutate('pinQuestion', { questionId: second }, 'eventId')).toEqual({
      __typename: 'PinQuestionPayload',
      eventId,
    });
    expect(await pinned(eventId)).toEqual({ id: second, text: 'Second?' });
    await host.mutate('answerQuestion', { questionId: second });
    expect(await pinned(eventId)).toMatchObject({ id: second });
    expect(await host.mutate('unpinQuestion', { eventId }, 'eventId')).toEqual({
      __typename: 'UnpinQuestionPayload',
      eventId,
    });
    expect(await pinned(eventId)).toBeNull();
    expect(await live.has(3)).toMatchObject([
      { question: { questionId: first, text: 'First?' } },
      { question: { questionId: second, text: 'Second?' } },
      { __typename: 'QuestionUnpinned', questionId: second },
    ]);
    await live.close();
  });

  test('pinning the pinned one, and unpinning none, changes nothing; what others do not see is not pinned', async () => {
    const { ask, eventId, host } = await setScene(server, { questionsPreModerated: true });
    const [pending, open] = [await ask('Not yet?'), await ask('Now?')];
    expect(await host.mutate('pinQuestion', { questionId: pending })).toMatchObject({ code: 'QUESTION_STATUS' });
    await host.mutate('approveQuestion', { questionId: open });
    await host.mutate('pinQuestion', { questionId: open });
    const before = await server.app.db.feedEntry.count();
    await host.mutate('pinQuestion', { questionId: open });
    expect(await server.app.db.feedEntry.count()).toBe(before);
    await host.mutate('unpinQuestion', { eventId });
    await host.mutate('unpinQuestion', { eventId });
    expect(await server.app.db.feedEntry.count()).toBe(before + 1);
  });
});

test('participants and moderators of another event are refused, strangers to a private one find nothing', async () => {
  const { ask, eventId, author, other, host, otherModerator } = await setScene(server);
  const questionId = await ask('Not yours?');
  const before = await server.app.db.feedEntry.count();
  const moderating = [
    ['answerQuestion', { questionId }],
    ['dismissQuestion', { questionId }],
    ['pinQuestion', { questionId }],
    ['unpinQuestion', { eventId }],
  ] as const;
  for (const [mutation, input] of moderating) {
    for (const person of [author, other, otherModerator])
      expect(await person.mutate(mutation, input)).toMatchObject({ code: 'FORBIDDEN' });
    const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
    const document = `mutation($input: ${type}!) { ${mutation}(input: $input) { __typename } }`;
    expect(await server.guest.refusal(document, { input })).toBe('UNAUTHENTICATED');
  }
  expect(await server.app.db.feedEntry.count()).toBe(before);
  await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
  for (const [mutation, input] of moderating)
    expect(await otherModerator.mutate(mutation, input)).toMatchObject({ code: 'NOT_FOUND' });
});

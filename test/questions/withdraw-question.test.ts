import { describe, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { cursorOf } from '../faults/stage.ts';
import { useServer } from '../harness.ts';
import { items, kinds, listed, logOf, read, setScene } from './scene.ts';

const server = useServer();

describe('withdrawQuestion', () => {
  test.each([{ anonymous: false }, { anonymous: true }])(
    'the text is gone from every later read and from the past of the feed (anonymous: $anonymous)',
    async ({ anonymous }) => {
      const { ask, eventId, author, other, host } = await setScene(server);
      const from = await cursorOf(host, eventId);
      const questionId = await ask('To be forgotten?', { anonymous });
      await host.mutate('pinQuestion', { questionId });
      expect(await author.mutate('withdrawQuestion', { questionId }, 'question { status text }')).toEqual({
        __typename: 'WithdrawQuestionPayload',
        question: { status: 'WITHDRAWN', text: null },
      });
      expect(await read(other, questionId)).toBeNull();
      expect(await listed(other, eventId)).toEqual([]);
      expect(await read(host, questionId)).toMatchObject({ text: null, status: 'WITHDRAWN' });
      const { videoEvent } = await host.ask('query($id: ID!) { videoEvent(id: $id) { pinnedQuestion { id } } }', {
        id: eventId,
      });
      expect(videoEvent.pinnedQuestion).toBeNull();

      const replay = await other.follow(eventId, items, { after: from, kinds });
      const told = await replay.has(4);
      expect(told).toMatchObject([
        { __typename: 'QuestionAsked', question: { questionId, text: null, status: 'WITHDRAWN' } },
        { __typename: 'QuestionPinned', question: { questionId, text: null } },
        { __typename: 'QuestionWithdrawn', questionId },
        { __typename: 'QuestionUnpinned', questionId },
      ]);
      const log = await logOf(server, `event:${decodeGlobalId(eventId).id}`);
      expect(JSON.stringify(log.map(({ payload, redacts }) => [payload, redacts]))).not.toContain('forgotten');
      await replay.close();
    },
  );

  test('of one that waits for approval only moderators and its author hear', async () => {
    const { ask, eventId, author, other, host } = await setScene(server, { questionsPreModerated: true });
    const [theirs, ours, hosts] = await Promise.all(
      [other, author, host].map((person) => person.follow(eventId, items, { kinds })),
    );
    const questionId = await ask('Nobody read this?');
    await author.mutate('withdrawQuestion', { questionId });
    for (const stream of [ours, hosts])
      expect((await stream?.has(2))?.[1]).toMatchObject({ __typename: 'QuestionWithdrawn', questionId });
    const next = await ask('Next?', { as: host });
    expect(await theirs?.next()).toMatchObject({ __typename: 'QuestionAsked', question: { questionId: next } });
    await Promise.all([theirs, ours, hosts].map((stream) => stream?.close()));
  });

  test('only who asked withdraws, not even the host; nobody else finds what they may not see', async () => {
    const { ask, author, other, host, otherHost, eventId } = await setScene(server);
    const questionId = await ask('Mine?');
    for (const person of [other, host, otherHost])
      expect(await person.mutate('withdrawQuestion', { questionId })).toMatchObject({ code: 'FORBIDDEN' });
    await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
    expect(await otherHost.mutate('withdrawQuestion', { questionId })).toMatchObject({ code: 'NOT_FOUND' });
    const mutation = 'mutation($input: WithdrawQuestionInput!) { withdrawQuestion(input: $input) { __typename } }';
    expect(await server.guest.refusal(mutation, { input: { questionId } })).toBe('UNAUTHENTICATED');
    expect(await read(author, questionId)).toMatchObject({ text: 'Mine?' });
  });

  test('not twice, not once it is answered, not by the banned; but after the event', async () => {
    const { ask, author, other, host, eventId } = await setScene(server);
    const [first, answered, banned] = [await ask('One?'), await ask('Two?'), await ask('Three?', { as: other })];
    await host.mutate('answerQuestion', { questionId: answered });
    await host.mutate('banUser', { eventId, userId: other.id });
    await host.mutate('endVideoEvent', { eventId });
    expect(await author.mutate('withdrawQuestion', { questionId: first })).toEqual({
      __typename: 'WithdrawQuestionPayload',
    });
    for (const questionId of [first, answered])
      expect(await author.mutate('withdrawQuestion', { questionId })).toMatchObject({ code: 'QUESTION_STATUS' });
    expect(await other.mutate('withdrawQuestion', { questionId: banned })).toMatchObject({ code: 'SANCTIONED' });
  });
});

import { describe, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { useServer } from '../harness.ts';
import { items, listed, read, setScene } from './scene.ts';

const server = useServer();
const votesOf = 'question { id votes viewerUpvoted }';
const statusDocument = `mutation($input: UpvoteQuestionInput!) { result: upvoteQuestion(input: $input) {
  ... on QuestionStatusError { code questionStatus } ... on EventNotOpenError { code status } } }`;

const engagementsOf = (questionId: string) =>
  server.app.db.engagementLog.count({
    where: { engagementType: 'UPVOTE', subjectId: decodeGlobalId(questionId).id },
  });

describe('upvoteQuestion and removeUpvote', () => {
  test('an upvote counts once, is told to everybody who watches, and shows to its giver as theirs', async () => {
    const { ask, eventId, author, other } = await setScene(server);
    const questionId = await ask('Why?');
    const watching = await server.guest.follow(eventId, items, { kinds: ['QuestionVotesChanged'] });
    for (let times = 0; times < 2; times++) {
      expect(await other.mutate('upvoteQuestion', { questionId }, votesOf)).toEqual({
        __typename: 'UpvoteQuestionPayload',
        question: { id: questionId, votes: 1, viewerUpvoted: true },
      });
    }
    expect(await author.mutate('upvoteQuestion', { questionId }, votesOf)).toMatchObject({ question: { votes: 2 } });
    expect(await read(server.guest, questionId)).toMatchObject({ votes: 2, viewerUpvoted: false });
    expect((await watching.has(2)).map(({ tallies }) => tallies)).toEqual([
      [{ questionId, votes: 1 }],
      [{ questionId, votes: 2 }],
    ]);
    await watching.close();
  });

  test('taken back it counts no more; given again it is no new engagement', async () => {
    const { ask, eventId, other } = await setScene(server);
    const questionId = await ask('Why?');
    const watching = await other.follow(eventId, items, { kinds: ['QuestionVotesChanged'] });
    expect(await other.mutate('removeUpvote', { questionId }, votesOf)).toMatchObject({ question: { votes: 0 } });
    await other.mutate('upvoteQuestion', { questionId });
    for (let times = 0; times < 2; times++) {
      expect(await other.mutate('removeUpvote', { questionId }, votesOf)).toMatchObject({
        question: { votes: 0, viewerUpvoted: false },
      });
    }
    expect(await other.mutate('upvoteQuestion', { questionId }, votesOf)).toMatchObject({
      question: { votes: 1, viewerUpvoted: true },
    });
    expect(await engagementsOf(questionId)).toBe(1);
    expect((await watching.has(3)).map(({ tallies }) => tallies[0].votes)).toEqual([1, 0, 1]);
    await watching.close();
  });

  test('upvotes of one person that cross each other leave one, or none', async () => {
    const { ask, other } = await setScene(server);
    const questionId = await ask('Why?');
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        other.mutate(n % 2 === 0 ? 'upvoteQuestion' : 'removeUpvote', { questionId }),
      ),
    );
    const { votes, viewerUpvoted } = await read(other, questionId);
    expect(votes).toBe(viewerUpvoted ? 1 : 0);
    expect(await engagementsOf(questionId)).toBeLessThanOrEqual(1);
  });

  test('a question that is not open to upvotes refuses them with its status; one not seen is not found', async () => {
    const { ask, host, author, other } = await setScene(server, { questionsPreModerated: true });
    const [pending, answered, dismissed] = [await ask('One?'), await ask('Two?'), await ask('Three?')];
    for (const questionId of [answered, dismissed]) await host.mutate('approveQuestion', { questionId });
    await host.mutate('answerQuestion', { questionId: answered });
    await host.mutate('dismissQuestion', { questionId: dismissed });
    const upvote = async (actor: typeof author, questionId: string) =>
      (await actor.ask(statusDocument, { input: { questionId } })).result;
    expect(await upvote(author, pending)).toEqual({ code: 'QUESTION_STATUS', questionStatus: 'PENDING' });
    expect(await upvote(other, answered)).toEqual({ code: 'QUESTION_STATUS', questionStatus: 'ANSWERED' });
    expect(await upvote(author, dismissed)).toEqual({ code: 'QUESTION_STATUS', questionStatus: 'DISMISSED' });
    for (const questionId of [pending, dismissed]) {
      for (const mutation of ['upvoteQuestion', 'removeUpvote'])
        expect(await other.mutate(mutation, { questionId })).toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(await server.app.db.questionUpvote.count({ where: { questionId: decodeGlobalId(pending).id } })).toBe(0);
  });

  test('who does not take part is refused, and so is everybody once the event is over', async () => {
    const { ask, eventId, host, moderator, author, other, otherHost } = await setScene(server);
    const questionId = await ask('Why?');
    expect(await moderator.mutate('upvoteQuestion', { questionId })).toMatchObject({ code: 'NOT_PARTICIPANT' });
    expect(await host.mutate('upvoteQuestion', { questionId }, votesOf)).toMatchObject({ question: { votes: 1 } });
    await moderator.mutate('timeOutUser', { eventId, userId: author.id, seconds: 60 });
    await host.mutate('banUser', { eventId, userId: other.id });
    for (const refused of [author, other])
      expect(await refused.mutate('upvoteQuestion', { questionId })).toMatchObject({ code: 'SANCTIONED' });
    await host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
    expect(await otherHost.mutate('upvoteQuestion', { questionId })).toMatchObject({ code: 'NOT_FOUND' });
    const mutation = 'mutation($input: UpvoteQuestionInput!) { upvoteQuestion(input: $input) { __typename } }';
    expect(await server.guest.refusal(mutation, { input: { questionId } })).toBe('UNAUTHENTICATED');
    await host.mutate('endVideoEvent', { eventId });
    const { result } = await host.ask(statusDocument, { input: { questionId } });
    expect(result).toEqual({ code: 'EVENT_NOT_OPEN', status: 'ENDED' });
    expect(await host.mutate('removeUpvote', { questionId })).toMatchObject({ code: 'EVENT_NOT_OPEN' });
    expect(await listed(host, eventId)).toMatchObject([{ votes: 1, viewerUpvoted: true }]);
  });
});

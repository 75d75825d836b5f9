import { describe, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { createEvent, join } from '../actor.ts';
import { rowsOf } from '../authorisation/rows.ts';
import { useServer } from '../harness.ts';
import { items, kinds, listed, read, setScene } from './scene.ts';

const server = useServer();
const asking = (as = 'question { id status }') => `mutation($input: AskQuestionInput!) {
  result: askQuestion(input: $input) { __typename ... on AskQuestionPayload { ${as} }
    ... on TooManyQuestionsError { code limit } ... on EventNotOpenError { code status } } }`;

describe('askQuestion', () => {
  test('a question arrives in the feed of everybody who watches, and can be read', async () => {
    const { author, eventId } = await setScene(server);
    const watching = await server.guest.follow(eventId, items, { kinds });
    const { question } = await author.mutate(
      'askQuestion',
      { eventId, text: '  Why?\u0007 ' },
      'question { id text status votes viewerUpvoted author { userId } askedAt answer answeredAt anonymous }',
    );
    expect(question).toMatchObject({
      text: 'Why?',
      status: 'APPROVED',
      votes: 0,
      viewerUpvoted: false,
      author: { userId: author.id },
      answer: null,
      answeredAt: null,
      anonymous: false,
    });
    const { id, text, status, votes, askedAt } = question;
    const told = { questionId: id, text, status, votes, askedAt, author: { userId: author.id } };
    expect(await watching.next()).toMatchObject({ __typename: 'QuestionAsked', question: told });
    expect(await read(server.guest, id)).toMatchObject({ text, author: { userId: author.id } });
    expect(await listed(server.guest, eventId)).toMatchObject([{ id }]);
    await watching.close();
  });

  test('is an engagement of its author, about the question', async () => {
    const { ask, author, eventId } = await setScene(server);
    const questionId = await ask('Counted?');
    const rows = await server.app.db.engagementLog.findMany({
      where: { eventId: decodeGlobalId(eventId).id, engagementType: 'QUESTION' },
      include: { participant: true },
    });
    expect(rows).toMatchObject([
      { subjectId: decodeGlobalId(questionId).id, count: 1, participant: { userId: decodeGlobalId(author.id).id } },
    ]);
  });

  test('the host asks without joining, a participant who left does not ask', async () => {
    const { ask, host, author, eventId } = await setScene(server);
    expect(await read(server.guest, await ask('Who is there?', { as: host }))).toMatchObject({ status: 'APPROVED' });
    await author.mutate('leaveVideoEvent', { eventId });
    expect(await author.mutate('askQuestion', { eventId, text: 'Still?' })).toMatchObject({ code: 'NOT_PARTICIPANT' });
  });

  test.each(['SCHEDULED', 'INTERRUPTED'] as const)('an event that is %s takes questions', async (status) => {
    const { ask } = await setScene(server, { status });
    expect(await ask('Now?')).toEqual(expect.any(String));
  });

  test.each(['DRAFT', 'ENDED', 'CANCELLED'] as const)('an event that is %s takes none', async (status) => {
    const host = await server.signUp({ role: 'HOST' });
    const eventId = await createEvent(host, status);
    const { result } = await host.ask(asking(), { input: { eventId, text: 'Now?' } });
    expect(result).toEqual({ __typename: 'EventNotOpenError', code: 'EVENT_NOT_OPEN', status });
  });

  test('a timeout and a ban refuse it', async () => {
    const { moderator, host, author, other, eventId } = await setScene(server);
    await moderator.mutate('timeOutUser', { eventId, userId: author.id, seconds: 60 });
    await host.mutate('banUser', { eventId, userId: other.id });
    for (const refused of [author, other]) {
      expect(await refused.mutate('askQuestion', { eventId, text: 'May I?' })).toMatchObject({ code: 'SANCTIONED' });
    }
  });

  test('strangers to a private event find nothing, who has not joined is refused, guests are told to log in', async () => {
    const hidden = await setScene(server, { visibility: 'PRIVATE' });
    const input = { eventId: hidden.eventId, text: 'Hello?' };
    expect(await hidden.otherHost.mutate('askQuestion', input)).toMatchObject({ code: 'NOT_FOUND' });
    const { eventId, otherHost, moderator } = await setScene(server);
    for (const person of [otherHost, moderator]) {
      expect(await person.mutate('askQuestion', { eventId, text: 'Hello?' })).toMatchObject({
        code: 'NOT_PARTICIPANT',
      });
    }
    expect(await server.guest.refusal(asking(), { input: { eventId, text: 'Hello?' } })).toBe('UNAUTHENTICATED');
  });

  test.each([
    ['empty', ''],
    ['blank', ' \n\u0000 '],
    ['301 characters', 'x'.repeat(301)],
  ])('a text that is %s is refused and nothing is written', async (_name, text) => {
    const { author, eventId } = await setScene(server);
    const before = await rowsOf(server);
    expect(await author.mutate('askQuestion', { eventId, text })).toMatchObject({ code: 'INVALID_INPUT' });
    expect(await rowsOf(server)).toEqual(before);
  });

  test('lengths count code points: 300 emoji are a question', async () => {
    const { ask } = await setScene(server);
    expect(await ask('👋'.repeat(300))).toEqual(expect.any(String));
  });

  test('ten of a participant wait at most, however many are asked at once; an answered one makes room, moderators ask on', async () => {
    const { ask, host, author, moderator, eventId } = await setScene(server);
    const answers = await Promise.all(
      Array.from({ length: 14 }, (_, n) => author.ask(asking(), { input: { eventId, text: `Question ${n}` } })),
    );
    const asked = answers.flatMap(({ result }) => (result.question === undefined ? [] : [result.question.id]));
    expect(asked).toHaveLength(10);
    expect(answers.filter(({ result }) => result.code !== undefined).map(({ result }) => result)).toEqual(
      Array.from({ length: 4 }, () => ({ __typename: 'TooManyQuestionsError', code: 'TOO_MANY_QUESTIONS', limit: 10 })),
    );
    expect(await host.mutate('answerQuestion', { questionId: asked[0] })).toMatchObject({
      __typename: 'AnswerQuestionPayload',
    });
    expect(await ask('And now?')).toEqual(expect.any(String));
    await join(moderator, eventId);
    for (let n = 0; n < 11; n++) await ask(`Seed ${n}`, { as: moderator });
  });

  test('the same idempotency key asks once and answers the same; another text under it is refused', async () => {
    const { author, eventId } = await setScene(server);
    const input = { eventId, text: 'Once?', idempotencyKey: 'key-1' };
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => author.mutate('askQuestion', input, 'question { id }')),
    );
    expect(new Set(answers.map(({ question }) => question.id)).size).toBe(1);
    expect(await listed(author, eventId)).toHaveLength(1);
    expect(await author.mutate('askQuestion', { ...input, text: 'Twice?' })).toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
    expect(await author.mutate('askQuestion', { ...input, anonymous: true })).toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
    });
  });
});

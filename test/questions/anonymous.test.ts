import { expect, test } from 'vitest';
import { decodeGlobalId, encodeGlobalId } from '../../src/global-id.ts';
import { type Actor, testPassword } from '../actor.ts';
import { everythingOf } from '../authorisation/everything.ts';
import { cursorOf } from '../faults/stage.ts';
import { useServer } from '../harness.ts';
import { listed, read, type Scene, setScene } from './scene.ts';

const server = useServer();
const feedDocument = `subscription($eventId: ID!, $after: String, $kinds: [VideoEventFeedKind!]) {
  videoEventFeed(eventId: $eventId, after: $after, kinds: $kinds) ${everythingOf('VideoEventFeedItem')} }`;
const eventDocument = `query($id: ID!, $participant: ID!) {
  videoEvent(id: $id) {
    pinnedQuestion { id text author { userId } }
    participants { edges { node { id user { id } engagements { edges { node { engagementType } } } } } }
    moderationLog { edges { node { kind questionId user { id } } } }
    messages { edges { node { id } } }
  }
  participant: node(id: $participant) { id }
}`;

/** Who asked, in every way that it could be written. */
const tracesOf = (author: Actor): string[] => [author.id, decodeGlobalId(author.id).id, author.signedIn.username];

/** All that a reader gets of questions: by id, in lists, the event with all around it, and its feed from the beginning. */
async function walk(reader: Actor, { eventId }: Scene, at: { questionId: string; from: string; place: string }) {
  const feed = reader.subscribe(feedDocument, { eventId, after: at.from });
  const last = await cursorOf(reader, eventId);
  const heard: { cursor: string }[] = [];
  do heard.push(await feed.next());
  while (heard.at(-1)?.cursor !== last);
  await feed.close();
  return {
    node: await read(reader, at.questionId),
    byVotes: await listed(reader, eventId),
    byTime: await listed(reader, eventId, 'first: 100, orderBy: TIME'),
    event: await reader.ask(eventDocument, { id: eventId, participant: at.place }),
    heard,
  };
}

/** A question of everything that can become of one. */
async function play(scene: Scene, finish: 'ANSWERED' | 'DISMISSED' | 'WITHDRAWN') {
  const { ask, author, other, host, moderator, eventId } = scene;
  const from = await cursorOf(host, eventId);
  const questionId = await ask('Who am I?', { anonymous: true });
  await moderator.mutate('approveQuestion', { questionId });
  await author.mutate('upvoteQuestion', { questionId });
  await other.mutate('upvoteQuestion', { questionId });
  await host.mutate('pinQuestion', { questionId });
  if (finish === 'ANSWERED') await host.mutate('answerQuestion', { questionId, answer: 'You know.' });
  if (finish === 'DISMISSED') await host.mutate('dismissQuestion', { questionId });
  if (finish === 'WITHDRAWN') await author.mutate('withdrawQuestion', { questionId });
  // The last entry is for everybody, so that a walk knows where the feed ends.
  await host.mutate('sendMessage', { eventId, text: 'That was it.' });
  const { id } = await server.app.db.participant.findFirstOrThrow({
    where: { userId: decodeGlobalId(author.id).id },
    select: { id: true },
  });
  return { questionId, from, place: encodeGlobalId('Participant', id) };
}

test.each(['ANSWERED', 'DISMISSED', 'WITHDRAWN'] as const)(
  'nobody but moderators learns who asked anonymously, whatever they read or follow, also when it was %s',
  async (finish) => {
    const scene = await setScene(server, { questionsPreModerated: true });
    const at = await play(scene, finish);
    for (const reader of [scene.other, scene.otherHost, scene.otherModerator, server.guest]) {
      const known = JSON.stringify(await walk(reader, scene, at));
      for (const trace of tracesOf(scene.author)) expect(known).not.toContain(trace);
      if (finish === 'ANSWERED') expect(known).toContain('Who am I?');
      else expect(known).not.toContain('Who am I?');
    }
    for (const reader of [scene.host, scene.moderator, scene.author])
      expect(await read(reader, at.questionId)).toMatchObject({
        anonymous: true,
        author: { userId: scene.author.id },
      });
  },
);

test('the deletion of an account does not tell which anonymous questions were its own', async () => {
  const scene = await setScene(server);
  const { author, other, host, ask, eventId } = scene;
  const at = await play(scene, 'ANSWERED');
  const named = await ask('Is this mine?');
  expect(await author.mutate('deleteAccount', { password: testPassword })).toMatchObject({
    __typename: 'DeleteAccountPayload',
  });
  await host.mutate('sendMessage', { eventId, text: 'They are gone.' });
  const { heard, node } = await walk(other, scene, at);
  const told = heard as unknown as { __typename: string; question?: { questionId: string; author: unknown } }[];
  const about = (questionId: string) => told.filter(({ question }) => question?.questionId === questionId);
  expect(about(at.questionId).length).toBeGreaterThan(2);
  for (const { question } of about(at.questionId)) expect(question?.author).toBeNull();
  expect(node).toMatchObject({ text: 'Who am I?', author: null });
  for (const { question } of about(named))
    expect(question?.author).toMatchObject({ userId: author.id, username: 'deleted' });
  expect(await read(host, at.questionId)).toMatchObject({ author: { username: 'deleted' } });
  expect(JSON.stringify(told)).not.toContain(author.signedIn.username);
});

test('who asked can be sanctioned by who does not see the name in the feed', async () => {
  const { ask, eventId, moderator } = await setScene(server);
  const questionId = await ask('Something rude?', { anonymous: true });
  const { author } = await read(moderator, questionId);
  expect(await moderator.mutate('timeOutUser', { eventId, userId: author.userId, seconds: 60 })).toMatchObject({
    __typename: 'TimeOutUserPayload',
  });
});

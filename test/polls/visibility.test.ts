import { describe, expect, test } from 'vitest';
import type { Actor } from '../actor.ts';
import { useServer } from '../harness.ts';
import { createPoll, type MadePoll, openPoll, setPollStage, vote, votesSeenBy } from './poll.ts';

const server = useServer();

/** A host, a moderator, somebody who voted, a participant who did not, and a stranger, with a poll in each status. */
async function setScene(input: object = {}) {
  const { host, eventId, voters } = await setPollStage(server, 3);
  const [moderator, voter, participant] = voters;
  if (moderator === undefined || voter === undefined || participant === undefined) throw new Error('three people');
  await host.mutate('appointModerator', { eventId, userId: moderator.id });
  const polls: Record<string, MadePoll> = { DRAFT: await createPoll(host, eventId, input) };
  for (const status of ['OPEN', 'CLOSED', 'ARCHIVED']) {
    const poll = await openPoll(host, eventId, input);
    polls[status] = poll;
    expect((await vote(voter, poll, [1])).code).toBeUndefined();
    if (status !== 'OPEN') await host.mutate('closePoll', { pollId: poll.id });
    if (status === 'ARCHIVED') await host.mutate('archivePoll', { pollId: poll.id });
  }
  const stranger = await server.signUp();
  return {
    eventId,
    polls,
    keepers: { host, moderator },
    others: { voter, participant, stranger, guest: server.guest },
  };
}

const node = 'query($id: ID!) { node(id: $id) { __typename } }';
const list = `query($id: ID!, $status: [PollStatus!]) { videoEvent(id: $id) {
  polls(status: $status) { totalCount edges { node { id status } } } } }`;

async function statusesSeenBy(actor: Actor, eventId: string, status?: string[]): Promise<string[]> {
  const { videoEvent } = await actor.ask(list, { id: eventId, status });
  const { edges, totalCount } = videoEvent.polls;
  expect(edges).toHaveLength(totalCount);
  return edges.map((edge: { node: { status: string } }) => edge.node.status);
}

describe('polls', () => {
  test('are listed latest first, drafts and archived ones for who keeps the event, and by status', async () => {
    const { eventId, keepers, others } = await setScene();
    for (const actor of Object.values(keepers)) {
      expect(await statusesSeenBy(actor, eventId)).toEqual(['ARCHIVED', 'CLOSED', 'OPEN', 'DRAFT']);
      expect(await statusesSeenBy(actor, eventId, ['DRAFT', 'OPEN'])).toEqual(['OPEN', 'DRAFT']);
    }
    for (const actor of Object.values(others)) {
      expect(await statusesSeenBy(actor, eventId)).toEqual(['CLOSED', 'OPEN']);
      expect(await statusesSeenBy(actor, eventId, ['DRAFT', 'ARCHIVED'])).toEqual([]);
    }
  });

  test('and their choices are found by id by the same people', async () => {
    const { polls, keepers, others } = await setScene();
    const seen = async (actor: Actor, id: string | undefined) => (await actor.ask(node, { id })).node !== null;
    for (const [status, poll] of Object.entries(polls)) {
      const isPublic = status === 'OPEN' || status === 'CLOSED';
      for (const id of [poll.id, poll.choices[0]]) {
        for (const actor of Object.values(keepers)) expect([status, await seen(actor, id)]).toEqual([status, true]);
        for (const actor of Object.values(others)) expect([status, await seen(actor, id)]).toEqual([status, isPublic]);
      }
    }
  });

  test('of a private event are out of sight with it', async () => {
    const { eventId, polls, keepers, others } = await setScene();
    await keepers.host.mutate('updateVideoEvent', { eventId, visibility: 'PRIVATE' });
    for (const poll of Object.values(polls)) {
      for (const actor of [others.stranger, others.guest]) {
        expect(await actor.ask(node, { id: poll.id })).toEqual({ node: null });
      }
    }
    expect(await others.participant.ask(node, { id: polls.OPEN?.id })).toEqual({ node: { __typename: 'Poll' } });
  });
});

describe('the tally', () => {
  const everybody = ['host', 'moderator', 'voter', 'participant', 'stranger', 'guest'];
  test.each([
    ['ALWAYS', everybody],
    ['AFTER_VOTE', ['host', 'moderator', 'voter']],
    ['AFTER_CLOSE', ['host', 'moderator']],
  ])('of an open poll whose results are shown %s is seen by %j', async (results, seeing) => {
    const { polls, keepers, others } = await setScene({ results });
    const { OPEN: open, CLOSED: closed } = polls;
    if (open === undefined || closed === undefined) throw new Error('an open and a closed poll');
    for (const [name, actor] of Object.entries({ ...keepers, ...others })) {
      const votes = seeing.includes(name) ? [0, 1, 0] : null;
      expect([name, await votesSeenBy(actor, open)]).toEqual([name, votes]);
      expect([name, await votesSeenBy(actor, closed)]).toEqual([name, [0, 1, 0]]);
    }
  });

  test('comes with the vote where it is shown after it', async () => {
    const { host, eventId, voters } = await setPollStage(server, 1);
    const poll = await openPoll(host, eventId, { results: 'AFTER_VOTE' });
    const [ada] = voters;
    if (ada === undefined) throw new Error('a voter');
    expect(await votesSeenBy(ada, poll)).toBeNull();
    const input = { pollId: poll.id, choiceIds: [poll.choices[0]] };
    const voted = await ada.mutate('vote', input, 'poll { tally { ballots } }');
    expect(voted.poll.tally).toEqual({ ballots: 1 });
  });
});

test('the log of what people did tells the host that they voted and not for what', async () => {
  const { host, eventId, voters } = await setPollStage(server, 1);
  const poll = await openPoll(host, eventId);
  const [ada] = voters;
  if (ada === undefined) throw new Error('a voter');
  await vote(ada, poll, [1]);
  const schema = await host.ask('{ log: __type(name: "EngagementLog") { fields { name } } }');
  expect(schema.log.fields.map(({ name }: { name: string }) => name)).not.toContain('subjectId');
  const document = `query($id: ID!) { videoEvent(id: $id) { participants { edges { node { engagements { edges { node { engagementType } } } } } } } }`;
  const { videoEvent } = await host.ask(document, { id: eventId });
  const told = JSON.stringify(videoEvent);
  expect(told).toContain('"engagementType":"VOTE"');
  for (const id of [poll.id, ...poll.choices]) expect(told).not.toContain(id);
});

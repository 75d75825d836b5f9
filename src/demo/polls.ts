import type { NewPoll } from '../polls/input.ts';
import type { Beat, Scene } from './scene.ts';

/** Opens a poll. `votes`: by user name, the choice's place, from 0. */
export const opensPoll =
  (username: string, poll: NewPoll, votes: Readonly<Record<string, number>>): Beat =>
  async (scene) => {
    const { capabilities, eventId, person, key } = scene;
    const { polls } = capabilities;
    await polls.create(person(username), { ...poll, eventId, idempotencyKey: key });
    const { id: pollId, status, choices } = await pollCalled(scene, poll.title);
    if (status === 'DRAFT') await polls.open(person(username), pollId);
    for (const [voter, place] of Object.entries(votes)) {
      const choiceIds = choices.slice(place, place + 1).map(({ id }) => id);
      await polls.vote(person(voter), { pollId, choiceIds, idempotencyKey: key });
    }
  };

export const closesPoll =
  (username: string, title: string): Beat =>
  async (scene) => {
    const { id, status } = await pollCalled(scene, title);
    if (status === 'OPEN') await scene.capabilities.polls.close(scene.person(username), id);
  };

const pollCalled = ({ db, eventId }: Scene, title: string) =>
  db.poll.findFirstOrThrow({
    where: { eventId, title },
    select: { id: true, status: true, choices: { orderBy: { position: 'asc' }, select: { id: true } } },
  });

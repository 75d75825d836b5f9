import type { Viewer } from '../auth/viewer.ts';
import type { Transaction } from '../db/client.ts';
import { databaseNow } from '../db/clock.ts';
import { ForbiddenError, InvalidInputError } from '../errors.ts';
import { moderates } from '../events/access.ts';
import { EventNotOpenError } from '../events/errors.ts';
import { lockEvent } from '../events/lock.ts';
import { isClosed } from '../events/rules.ts';
import { once } from '../feed/idempotency.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { newId } from '../ids.ts';
import { parseInput } from '../input.ts';
import { lockPoll } from './access.ts';
import { PollStatusError } from './errors.ts';
import { type NewPoll, newPoll, type PollChanges, pollChanges } from './input.ts';

/** What a poll is before the audience knows of it. Only moderators hear of drafts, by reading them: a draft states no facts. */
export interface Drafts {
  /** Throws NotFoundError, ForbiddenError, EventNotOpenError (the event is over), InvalidInputError, IdempotencyConflictError. */
  create(viewer: Viewer, input: NewPoll & { eventId: string }): Promise<{ pollId: string }>;
  /** Changes what is given. Throws NotFoundError, ForbiddenError, InvalidInputError, and PollStatusError once it was opened. */
  update(viewer: Viewer, input: PollChanges & { pollId: string }): Promise<{ pollId: string }>;
  /** Throws NotFoundError, ForbiddenError, and PollStatusError once it was opened: such a one is archived instead. */
  delete(viewer: Viewer, pollId: string): Promise<{ pollId: string }>;
}

export function createDrafts({ write }: { write: Write }): Drafts {
  return {
    create(viewer, { eventId, ...input }) {
      const { idempotencyKey: key, ...poll } = parseInput(newPoll, input);
      refuseTooMany(poll.maxChoices, poll.choices.length);
      return write(async ({ tx }) => {
        const standing = await lockEvent(tx, viewer, eventId);
        if (!moderates(standing)) throw new ForbiddenError('Only the host and moderators make polls.');
        const request = { userId: viewer.id, key, operation: 'createPoll', input: { eventId, ...poll } };
        const pollId = await once(tx, request, async () => {
          if (isClosed(standing.event.status)) throw new EventNotOpenError(standing.event.status);
          return insert(tx, eventId, poll);
        });
        return { pollId };
      });
    },

    update(viewer, { pollId, ...input }) {
      const { choices, ...changes } = parseInput(pollChanges, input);
      return write(async ({ tx }) => {
        const { poll } = await lockPoll(tx, viewer, pollId);
        if (poll.status !== 'DRAFT') throw new PollStatusError(poll.status);
        refuseTooMany(changes.maxChoices ?? poll.maxChoices, (choices ?? poll.choices).length);
        await tx.poll.update({ where: { id: pollId }, data: { ...changes, updatedAt: await databaseNow(tx) } });
        if (choices !== undefined) {
          await tx.pollChoice.deleteMany({ where: { pollId } });
          await tx.pollChoice.createMany({ data: rowsOf(choices).map((row) => ({ ...row, pollId })) });
        }
        return { pollId };
      });
    },

    delete: (viewer, pollId) =>
      write(async ({ tx }) => {
        const { poll } = await lockPoll(tx, viewer, pollId);
        if (poll.status !== 'DRAFT') throw new PollStatusError(poll.status);
        await tx.poll.delete({ where: { id: pollId } });
        return { pollId };
      }),
  };
}

const rowsOf = (choices: readonly string[]) => choices.map((text, position) => ({ id: newId(), position, text }));

/** @throws InvalidInputError for a ballot of more choices than there are */
function refuseTooMany(maxChoices: number, choices: number): void {
  if (maxChoices <= choices) return;
  throw new InvalidInputError([{ path: 'maxChoices', message: `must be at most ${choices}, the number of choices` }]);
}

type ParsedPoll = Omit<ReturnType<typeof newPoll.parse>, 'idempotencyKey'>;

async function insert(tx: Transaction, eventId: string, { choices, ...poll }: ParsedPoll): Promise<string> {
  const now = await databaseNow(tx);
  const { id } = await tx.poll.create({
    data: { id: newId(), eventId, ...poll, createdAt: now, updatedAt: now, choices: { create: rowsOf(choices) } },
    select: { id: true },
  });
  return id;
}

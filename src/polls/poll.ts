import type { Prisma } from '../generated/prisma/client.ts';
import type { PollSnapshot } from './entries.ts';

/** What a poll is, with its choices in their order. */
export const pollColumns = {
  id: true,
  eventId: true,
  title: true,
  status: true,
  maxChoices: true,
  changeable: true,
  results: true,
  openedAt: true,
  closesAt: true,
  closedAt: true,
  choices: { select: { id: true, text: true }, orderBy: { position: 'asc' } },
} as const satisfies Prisma.PollSelect;

export type PollRow = Prisma.PollGetPayload<{ select: typeof pollColumns }>;

export function snapshotOf({ id, choices, openedAt, closesAt, closedAt, ...poll }: PollRow): PollSnapshot {
  return {
    pollId: id,
    title: poll.title,
    status: poll.status,
    choices: choices.map((choice) => ({ choiceId: choice.id, text: choice.text })),
    maxChoices: poll.maxChoices,
    changeable: poll.changeable,
    results: poll.results,
    openedAt: openedAt?.toISOString() ?? null,
    closesAt: closesAt?.toISOString() ?? null,
    closedAt: closedAt?.toISOString() ?? null,
  };
}

import { InvalidInputError } from '../errors.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import type { Question } from './question.ts';

/** VOTES: most votes first, of equally many the earliest. TIME: the latest first. */
export type QuestionOrder = 'VOTES' | 'TIME';

/** A question's place in a list. It says where others lie even when the question itself has moved. */
export interface Place {
  readonly votes: number;
  readonly askedAt: Date;
  readonly questionId: string;
}

/** A Relay cursor of a list in this order. Opaque to clients. */
export const encodeQuestionCursor = (order: QuestionOrder, { votes, askedAt, questionId }: Question): string =>
  Buffer.from(`question:${order}:${votes}:${askedAt.getTime()}:${questionId}`).toString('base64url');

const pattern = /^question:(VOTES|TIME):([0-9]{1,9}):([0-9]{1,14}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** Null for no cursor. Throws InvalidInputError for anything that is none of a list in this order. */
export function decodeQuestionCursor(order: QuestionOrder, cursor: string | null | undefined): Place | null {
  if (cursor == null) return null;
  const [, of, votes, askedAt, questionId] = pattern.exec(Buffer.from(cursor, 'base64url').toString()) ?? [];
  if (of !== order || questionId === undefined) {
    throw new InvalidInputError([{ path: 'cursor', message: 'is none of this connection' }]);
  }
  return { votes: Number(votes), askedAt: new Date(Number(askedAt)), questionId };
}

type Direction = 'asc' | 'desc';
const against = { asc: 'desc', desc: 'asc' } as const satisfies Record<Direction, Direction>;

const directions = {
  VOTES: { votes: 'desc', createdAt: 'asc', id: 'asc' },
  TIME: { createdAt: 'desc', id: 'desc' },
} as const satisfies Record<QuestionOrder, Partial<Record<'votes' | 'createdAt' | 'id', Direction>>>;

/** What the database sorts by. `inverted`: from the end. */
export const orderBy = (order: QuestionOrder, inverted: boolean): Prisma.QuestionOrderByWithRelationInput[] =>
  Object.entries(directions[order]).map(([column, direction]) => ({
    [column]: inverted ? against[direction] : direction,
  }));

/** The questions behind (or before) a place: those that differ first in a column where they are further on. */
export function beyond(order: QuestionOrder, side: 'after' | 'before', place: Place): Prisma.QuestionWhereInput {
  const values = { votes: place.votes, createdAt: place.askedAt, id: place.questionId };
  const columns = Object.entries(directions[order]) as [keyof typeof values, Direction][];
  return {
    OR: columns.map(([column, direction], position) => {
      const equal = Object.fromEntries(columns.slice(0, position).map(([name]) => [name, values[name]]));
      const further = (direction === 'asc') === (side === 'after') ? 'gt' : 'lt';
      return { ...equal, [column]: { [further]: values[column] } };
    }),
  };
}

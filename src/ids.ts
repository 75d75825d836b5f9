import { v7 } from 'uuid';

/** A new row's id, for rows that are written with SQL; Prisma makes the others. Grows with time, so that indexes stay dense. */
export const newId = (): string => v7();

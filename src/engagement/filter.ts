import { z } from 'zod';
import { Prisma } from '../generated/prisma/client.ts';
import { parseInput } from '../input.ts';
import { anyType } from './rules.ts';

/** Engagements happen within these: what lies outside is a slip of the keyboard. */
const instant = z
  .date({ error: 'must be an instant' })
  .min(new Date('2000-01-01T00:00:00Z'), { error: 'must not be before the year 2000' })
  .max(new Date('2100-01-01T00:00:00Z'), { error: 'must be before the year 2100' });

const filterInput = z.object({
  types: z.nullish(
    z
      .array(z.string().regex(anyType, { error: 'must be the name of a type' }))
      .max(50, { error: 'must name at most 50 types' }),
  ),
  participantId: z.nullish(z.uuid()),
  userId: z.nullish(z.uuid()),
  from: z.nullish(instant),
  to: z.nullish(instant),
});

/** Which engagements; what is not given does not narrow them. `from` is the first instant, `to` the first one after the last. */
export type EngagementFilter = z.input<typeof filterInput>;

/** Throws InvalidInputError. */
export function engagementsWhere(filter: EngagementFilter): Prisma.EngagementLogWhereInput {
  const { types, participantId, userId, from, to } = parseInput(filterInput, filter);
  return {
    engagementType: types == null ? undefined : { in: types },
    participantId: participantId ?? undefined,
    participant: userId == null ? undefined : { userId },
    engagementTime: { gte: from ?? undefined, lt: to ?? undefined },
  };
}

/** The same of rows of "EngagementLog" as `e` and "Participant" as `p`, as conditions that begin with AND. Throws InvalidInputError. */
export function engagementsSql(filter: EngagementFilter): Prisma.Sql {
  const { types, participantId, userId, from, to } = parseInput(filterInput, filter);
  const conditions = [
    types == null ? Prisma.empty : Prisma.sql`AND e."engagementType" = ANY(${types})`,
    participantId == null ? Prisma.empty : Prisma.sql`AND e."participantId" = ${participantId}::uuid`,
    userId == null ? Prisma.empty : Prisma.sql`AND p."userId" = ${userId}::uuid`,
    from == null ? Prisma.empty : Prisma.sql`AND e."engagementTime" >= ${from}`,
    to == null ? Prisma.empty : Prisma.sql`AND e."engagementTime" < ${to}`,
  ];
  return Prisma.join(conditions, ' ');
}

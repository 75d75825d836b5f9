import { z } from 'zod';
import type { Viewer } from '../auth/viewer.ts';
import type { Db, Transaction } from '../db/client.ts';
import { databaseNow } from '../db/clock.ts';
import { customType } from '../engagement/rules.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { lockOwn } from '../events/lock.ts';
import { idempotencyKey, once } from '../feed/idempotency.ts';
import type { Write } from '../feed/unit-of-work.ts';
import type { RewardRule } from '../generated/prisma/client.ts';
import { RewardTrigger } from '../generated/prisma/enums.ts';
import { parseInput, text } from '../input.ts';
import { visibleRules } from './access.ts';
import { holdingIn, longestTitle, mostRules, periodIssues, ruleBounds, ruleIssues } from './earn-rules.ts';

const within = ({ least, most }: { least: number; most: number }) =>
  z
    .int()
    .min(least, { error: `must be at least ${least}` })
    .max(most, { error: `must be at most ${most}` });

/** Rules are made for shows that are planned: what lies outside is a slip of the keyboard. */
const instant = z
  .date({ error: 'must be an instant' })
  .min(new Date('2000-01-01T00:00:00Z'), { error: 'must not be before the year 2000' })
  .max(new Date('2100-01-01T00:00:00Z'), { error: 'must be before the year 2100' });

const fields = {
  title: text(1, longestTitle),
  points: within(ruleBounds.points),
  cooldownSeconds: within(ruleBounds.cooldownSeconds),
  maxPerEvent: within(ruleBounds.maxPerEvent).nullish(),
  activeFrom: instant.nullish(),
  activeTo: instant.nullish(),
};

/** Absent and null are the same. */
const orNull = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? null);

const newRule = z
  .object({
    ...fields,
    eventId: orNull(z.uuid()),
    trigger: z.enum(RewardTrigger),
    engagementType: orNull(
      z.string().regex(customType, {
        error: 'must have 1 to 50 characters: a lower-case letter, then lower-case letters, digits, _, . and -',
      }),
    ),
    minutes: orNull(within(ruleBounds.minutes)),
    cooldownSeconds: fields.cooldownSeconds.nullish().transform((value) => value ?? 0),
    maxPerEvent: orNull(fields.maxPerEvent),
    activeFrom: orNull(fields.activeFrom),
    activeTo: orNull(fields.activeTo),
  })
  .superRefine((rule, { addIssue }) => {
    for (const { path, message } of ruleIssues(rule)) addIssue({ code: 'custom', path: [path], message });
  })
  .and(idempotencyKey);
export type NewRewardRule = z.input<typeof newRule>;

/** `null` for what always has a value counts as not given. */
const kept = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().transform((value) => value ?? undefined);

/** Absent: stays as it is. `null` takes a limit away. */
const ruleChanges = z.object({
  ...fields,
  title: kept(fields.title),
  points: kept(fields.points),
  cooldownSeconds: kept(fields.cooldownSeconds),
});
export type RewardRuleChanges = z.input<typeof ruleChanges>;

/** What participation pays for by itself. Others than the host and admins get ForbiddenError. */
export interface RewardRules {
  /**
   * For all events of the viewer, who is a host or an admin, or for one event, which they run. Throws NotFoundError, ForbiddenError,
   * InvalidInputError (also where there are too many), IdempotencyConflictError.
   */
  createRule(viewer: Viewer, input: NewRewardRule): Promise<{ ruleId: string }>;
  /** What it paid stays paid. Throws NotFoundError (also once archived), ForbiddenError, InvalidInputError. */
  updateRule(viewer: Viewer, input: RewardRuleChanges & { ruleId: string }): Promise<{ ruleId: string }>;
  /** It pays no more; one that is archived stays so. Throws NotFoundError, ForbiddenError. */
  archiveRule(viewer: Viewer, ruleId: string): Promise<{ ruleId: string }>;
  /** What holds in each of these events, the oldest first. The caller has them from a read that the viewer was allowed. */
  rulesIn(eventIds: readonly string[]): Promise<Map<string, RewardRule[]>>;
}

export function createRewardRules({ write, db }: { write: Write; db: Db }): RewardRules {
  return {
    createRule(viewer, raw) {
      const { idempotencyKey: key, ...rule } = parseInput(newRule, raw);
      if (rule.eventId === null && viewer.role === 'PARTICIPANT') throw new ForbiddenError('Only hosts make rules.');
      return write(async ({ tx }) => {
        const request = { userId: viewer.id, key, operation: 'createRewardRule', input: rule };
        return { ruleId: await once(tx, request, () => create(tx, viewer, rule)) };
      });
    },
    updateRule(viewer, { ruleId, ...raw }) {
      const changes = parseInput(ruleChanges, raw);
      return write(async ({ tx }) => {
        await own(tx, viewer, ruleId);
        await change(tx, ruleId, changes);
        return { ruleId };
      });
    },
    async archiveRule(viewer, ruleId) {
      await own(db, viewer, ruleId);
      await db.$executeRaw`
        UPDATE "RewardRule" SET "archivedAt" = clock_timestamp(), "updatedAt" = clock_timestamp()
        WHERE id = ${ruleId}::uuid AND "archivedAt" IS NULL`;
      return { ruleId };
    },
    rulesIn: (eventIds) => readRules(db, eventIds),
  };
}

type Rule = Omit<z.output<typeof newRule>, 'idempotencyKey'>;

async function create(tx: Transaction, viewer: Viewer, rule: Rule): Promise<string> {
  const hostId = rule.eventId === null ? viewer.id : (await lockOwn(tx, viewer, rule.eventId)).event.hostId;
  // Whoever makes another one of theirs waits here, and then finds this one.
  await tx.$queryRaw`SELECT 1 FROM "User" WHERE id = ${hostId}::uuid FOR NO KEY UPDATE`;
  const there = await tx.rewardRule.count({ where: { hostId, eventId: rule.eventId, archivedAt: null } });
  if (there >= mostRules)
    throw new InvalidInputError([
      { path: 'input', message: `${mostRules} rules are there: archive one of them first` },
    ]);
  const createdAt = await databaseNow(tx);
  const { id } = await tx.rewardRule.create({ data: { ...rule, hostId, createdAt }, select: { id: true } });
  return id;
}

async function change(tx: Transaction, ruleId: string, changes: z.output<typeof ruleChanges>): Promise<void> {
  await tx.$queryRaw`SELECT 1 FROM "RewardRule" WHERE id = ${ruleId}::uuid FOR NO KEY UPDATE`;
  const rule = await tx.rewardRule.findFirst({ where: { id: ruleId, archivedAt: null } });
  if (rule === null) throw new NotFoundError('Rule');
  const { activeFrom = rule.activeFrom, activeTo = rule.activeTo } = changes;
  const issues = periodIssues({ activeFrom, activeTo });
  if (issues.length > 0) throw new InvalidInputError(issues);
  await tx.rewardRule.update({ where: { id: ruleId }, data: changes, select: { id: true } });
}

/** Who sees an event may know of its rules; only its host and admins change them. */
async function own(db: Db | Transaction, viewer: Viewer, ruleId: string): Promise<void> {
  const rule = await db.rewardRule.findFirst({
    where: { AND: [{ id: ruleId }, visibleRules(viewer)] },
    select: { hostId: true },
  });
  if (rule === null) throw new NotFoundError('Rule');
  if (rule.hostId !== viewer.id && viewer.role !== 'ADMIN')
    throw new ForbiddenError('Only the host changes what they pay for.');
}

async function readRules(db: Db, eventIds: readonly string[]): Promise<Map<string, RewardRule[]>> {
  const events = await db.videoEvent.findMany({
    where: { id: { in: [...eventIds] } },
    select: { id: true, hostId: true },
  });
  const hostIds = [...new Set(events.map(({ hostId }) => hostId))];
  const rules = await db.rewardRule.findMany({
    where: {
      archivedAt: null,
      OR: [{ eventId: { in: [...eventIds] } }, { eventId: null, hostId: { in: hostIds } }],
    },
    orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
  });
  return new Map(
    events.map(({ id, hostId }) => {
      const own = rules.filter((rule) => rule.eventId === id || (rule.eventId === null && rule.hostId === hostId));
      return [id, holdingIn(own)];
    }),
  );
}

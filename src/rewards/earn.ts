import type { Transaction } from '../db/client.ts';
import { inForce } from '../events/access.ts';
import type { Work } from '../feed/unit-of-work.ts';
import type { RewardTrigger } from '../generated/prisma/enums.ts';
import type { Engaged, OnEngaged } from '../participation/engaged.ts';
import { holdingIn, type Limits } from './earn-rules.ts';
import { post } from './ledger.ts';
import { createUseRules } from './rule-uses.ts';

/** A rule that pays in an event now. */
export interface PayingRule extends Limits {
  readonly id: string;
  readonly hostId: string;
  /** Null: it is the host's, for all of their events. */
  readonly eventId: string | null;
  readonly trigger: RewardTrigger;
  readonly engagementType: string | null;
  /** Of MINUTES_WATCHED only. */
  readonly minutes: number | null;
  readonly title: string;
  readonly points: number;
}

/** The rules by which an event pays for these now. */
export async function payingRules(
  tx: Transaction,
  eventId: string,
  triggers: readonly RewardTrigger[],
): Promise<PayingRule[]> {
  const rules = await tx.$queryRaw<(PayingRule & { active: boolean })[]>`
    SELECT r.id, r."hostId", r."eventId", r.trigger::text AS trigger, r."engagementType", r.minutes, r.title, r.points,
      r."cooldownSeconds", r."maxPerEvent",
      COALESCE(r."activeFrom" <= clock_timestamp(), true) AND COALESCE(r."activeTo" > clock_timestamp(), true) AS active
    FROM "VideoEvent" e JOIN "RewardRule" r ON r."hostId" = e."hostId" AND (r."eventId" IS NULL OR r."eventId" = e.id)
    WHERE e.id = ${eventId}::uuid AND r."archivedAt" IS NULL AND r.trigger = ANY(${[...triggers]}::"RewardTrigger"[])`;
  return holdingIn(rules).filter(({ active }) => active);
}

/** What a rule is to pay somebody for. */
export interface Payment {
  readonly rule: PayingRule;
  readonly userId: string;
  /** Of one rule and subject only the first counts, whenever. */
  readonly subject: string;
}

/** Pays what the rules' cooldowns and maxima leave of it. The host earns nothing with themselves. */
export type Pay = (work: Work, eventId: string, payments: readonly Payment[]) => Promise<void>;

export function createPay(): Pay {
  const useRules = createUseRules();
  return async (work, eventId, payments) => {
    const due = payments.filter(({ rule, userId }) => userId !== rule.hostId);
    const paid = await useRules(work, eventId, due);
    await post(
      work,
      paid.map(({ rule: { id, hostId, points, title }, userId, subject }) => ({
        userId,
        hostId,
        eventId,
        kind: 'EARNED' as const,
        points,
        reason: title,
        source: `rule:${id}:${subject}`,
      })),
    );
  };
}

/** Pays for what participants did, by the rules of the event and its host. Where there are none, it costs one short read. */
export const createEarn =
  (pay: Pay): OnEngaged =>
  async (work, eventId, engaged) => {
    if (engaged.length === 0) return;
    const rules = await payingRules(work.tx, eventId, [...new Set(engaged.map(({ trigger }) => trigger))]);
    if (rules.length === 0) return;
    const present = await whoArePresent(work.tx, eventId, engaged);
    const payments = present.flatMap(({ userId, trigger, engagementType, subject }) =>
      rules
        .filter((rule) => rule.trigger === trigger && rule.engagementType === engagementType)
        .map((rule) => ({ rule, userId, subject })),
    );
    await pay(work, eventId, payments);
  };

/**
 * Without whom the answer to a question does not reach any more: they were banned, or have no account. Whoever does something was judged
 * in this transaction.
 */
async function whoArePresent(
  tx: Transaction,
  eventId: string,
  engaged: readonly Engaged[],
): Promise<readonly Engaged[]> {
  const answered = engaged.filter(({ trigger }) => trigger === 'QUESTION_ANSWERED').map(({ userId }) => userId);
  if (answered.length === 0) return engaged;
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT u.id FROM "User" u WHERE u.id = ANY(${answered}::uuid[]) AND u."deletedAt" IS NULL AND NOT EXISTS (
      SELECT 1 FROM "Sanction" s
      WHERE s."eventId" = ${eventId}::uuid AND s."userId" = u.id AND s.kind = 'BAN' AND ${inForce})`;
  const found = new Set(rows.map(({ id }) => id));
  return engaged.filter(({ trigger, userId }) => trigger !== 'QUESTION_ANSWERED' || found.has(userId));
}

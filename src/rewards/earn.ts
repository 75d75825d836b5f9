import type { Transaction } from '../db/client.ts';
import type { Work } from '../feed/unit-of-work.ts';
import type { RewardTrigger } from '../generated/prisma/enums.ts';
import type { OnEngaged } from '../participation/engaged.ts';
import { holdingIn } from './earn-rules.ts';
import { post } from './ledger.ts';
import { type Earning, useRules } from './rule-uses.ts';

/** A rule that pays in an event now. */
export interface PayingRule {
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
      COALESCE(r."activeFrom" <= clock_timestamp(), true) AND COALESCE(r."activeTo" > clock_timestamp(), true) AS active
    FROM "VideoEvent" e JOIN "RewardRule" r ON r."hostId" = e."hostId" AND (r."eventId" IS NULL OR r."eventId" = e.id)
    WHERE e.id = ${eventId}::uuid AND r."archivedAt" IS NULL AND r.trigger = ANY(${[...triggers]}::"RewardTrigger"[])`;
  return holdingIn(rules).filter(({ active }) => active);
}

/** Pays for what participants did, by the rules of the event and its host. Where there are none, it costs one short read. */
export const earn: OnEngaged = async (work, eventId, engaged) => {
  if (engaged.length === 0) return;
  const rules = await payingRules(work.tx, eventId, [...new Set(engaged.map(({ trigger }) => trigger))]);
  const payments = engaged.flatMap(({ userId, trigger, engagementType, subject }) =>
    rules
      .filter((rule) => rule.trigger === trigger && rule.engagementType === engagementType)
      .map((rule) => ({ rule, userId, subject })),
  );
  await pay(work, eventId, payments);
};

/** What a rule is to pay somebody for. */
export interface Payment {
  readonly rule: PayingRule;
  readonly userId: string;
  /** Of one rule and subject only the first counts, whenever. */
  readonly subject: string;
}

/** Pays what the rules' cooldowns and maxima leave of it. The host earns nothing with themselves. */
export async function pay(work: Work, eventId: string, payments: readonly Payment[]): Promise<void> {
  const earnings = payments
    .filter(({ rule, userId }) => userId !== rule.hostId)
    .map((payment): Payment & Earning => ({ ...payment, ruleId: payment.rule.id }));
  if (earnings.length === 0) return;
  const paid = await useRules(work.tx, eventId, earnings);
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
}

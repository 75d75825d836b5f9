import type { InputIssue } from '../errors.ts';
import type { RewardTrigger } from '../generated/prisma/enums.ts';

/** Of a rule's title, in code points. It is the reason that users read. */
export const longestTitle = 60;

/** Also CHECKs in the database, as far as they matter to it. */
export const ruleBounds = {
  points: { least: 1, most: 10_000 },
  minutes: { least: 1, most: 24 * 60 },
  cooldownSeconds: { least: 0, most: 7 * 24 * 3600 },
  maxPerEvent: { least: 1, most: 1_000_000 },
} as const;

/** Rules of a host that are not archived and hold in all of their events, at most; and as many more of one event. */
export const mostRules = 50;

/** How often a rule pays one user in one event. */
export interface Limits {
  /** Seconds between two payments; 0: none. */
  readonly cooldownSeconds: number;
  /** Payments; null: no limit. */
  readonly maxPerEvent: number | null;
}

/** What a rule pays for. */
export interface PaidFor {
  readonly trigger: RewardTrigger;
  /** Null for all but CUSTOM. */
  readonly engagementType: string | null;
}

const nameOf = ({ trigger, engagementType }: PaidFor): string => `${trigger} ${engagementType ?? ''}`;

/** Of an event's rules and its host's, those that hold in it: what the event pays for by a rule of its own, the host's pay no more. */
export function holdingIn<Rule extends PaidFor & { readonly eventId: string | null }>(rules: readonly Rule[]): Rule[] {
  const own = new Set(rules.filter(({ eventId }) => eventId !== null).map(nameOf));
  return rules.filter((rule) => rule.eventId !== null || !own.has(nameOf(rule)));
}

/** What speaks against a rule whose fields are within bounds each. */
export function ruleIssues(rule: PaidFor & { readonly minutes: number | null } & Period): InputIssue[] {
  const { trigger, engagementType, minutes } = rule;
  const issues: InputIssue[] = [];
  if (trigger === 'CUSTOM' && engagementType === null)
    issues.push({ path: 'engagementType', message: 'is required for CUSTOM' });
  if (trigger !== 'CUSTOM' && engagementType !== null)
    issues.push({ path: 'engagementType', message: 'is for CUSTOM only' });
  if (trigger === 'MINUTES_WATCHED' && minutes === null)
    issues.push({ path: 'minutes', message: 'is required for MINUTES_WATCHED' });
  if (trigger !== 'MINUTES_WATCHED' && minutes !== null)
    issues.push({ path: 'minutes', message: 'is for MINUTES_WATCHED only' });
  return [...issues, ...periodIssues(rule)];
}

/** When a rule pays; null: since ever, for ever. */
export interface Period {
  readonly activeFrom: Date | null;
  readonly activeTo: Date | null;
}

export const periodIssues = ({ activeFrom, activeTo }: Period): InputIssue[] =>
  activeFrom !== null && activeTo !== null && activeFrom >= activeTo
    ? [{ path: 'activeTo', message: 'must be after activeFrom' }]
    : [];

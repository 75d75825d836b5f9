import { pointsAtATime } from './rules.ts';

/** Of a perk, and of what its host says it is, in code points. */
export const perkText = { title: 60, description: 300, note: 200 } as const;

export const perkBounds = {
  cost: pointsAtATime,
  stock: { least: 0, most: 1_000_000 },
  cooldownSeconds: { least: 0, most: 7 * 24 * 3600 },
  perEvent: { least: 1, most: 1_000_000 },
} as const;

/** Why a perk cannot be had now. */
export type PerkRefusal = 'ARCHIVED' | 'OUT_OF_STOCK' | 'COOLDOWN' | 'MAX_PER_EVENT' | 'MAX_PER_USER';

export interface PerkState {
  readonly archived: boolean;
  /** Null: as many as anybody wants. */
  readonly stock: number | null;
  readonly maxPerEvent: number | null;
  readonly maxPerUser: number | null;
  /** In ms; 0: over, or none. */
  readonly cooldownLeft: number;
  /** Redemptions in the event that were not cancelled. */
  readonly inEvent: number;
  /** The user's among them. */
  readonly byUser: number;
}

/** Null: it can be had. What waiting does not mend comes first. */
export function perkRefused(perk: PerkState): PerkRefusal | null {
  if (perk.archived) return 'ARCHIVED';
  if (perk.stock === 0) return 'OUT_OF_STOCK';
  if (perk.maxPerEvent !== null && perk.inEvent >= perk.maxPerEvent) return 'MAX_PER_EVENT';
  if (perk.maxPerUser !== null && perk.byUser >= perk.maxPerUser) return 'MAX_PER_USER';
  return perk.cooldownLeft > 0 ? 'COOLDOWN' : null;
}

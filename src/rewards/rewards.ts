import type { Db } from '../db/client.ts';
import type { Write } from '../feed/unit-of-work.ts';
import { type BulkGrant, createBulkGrant } from './bulk-grant.ts';
import { type ByHand, createByHand } from './by-hand.ts';
import { createPerks, type Perks } from './perks.ts';
import { createRedeem, type RedeemPerk } from './redeem.ts';
import { createSettling, type Settling } from './settle.ts';

/** Points: what participation pays, in wallets that each belong to a user and a host, and what they buy. */
export interface Rewards extends ByHand, BulkGrant, Perks, Settling {
  redeem: RedeemPerk;
}

export function createRewards({ write, db }: { write: Write; db: Db }): Rewards {
  return {
    ...createByHand({ write }),
    ...createBulkGrant({ write }),
    ...createPerks({ write, db }),
    ...createSettling({ write }),
    redeem: createRedeem({ write }),
  };
}

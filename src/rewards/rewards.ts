import type { Db } from '../db/client.ts';
import type { Write } from '../feed/unit-of-work.ts';
import type { Round } from '../jobs/jobs.ts';
import type { OnEngaged } from '../participation/engaged.ts';
import { type BulkGrant, createBulkGrant } from './bulk-grant.ts';
import { type ByHand, createByHand } from './by-hand.ts';
import { createEarn, createPay } from './earn.ts';
import { createPerks, type Perks } from './perks.ts';
import { createRedeem, type RedeemPerk } from './redeem.ts';
import { createRewardRules, type RewardRules } from './reward-rules.ts';
import { createSettling, type Settling } from './settle.ts';
import { createWatching } from './watched.ts';

/** Points: what participation pays, in wallets that each belong to a user and a host, and what they buy. */
export interface Rewards extends ByHand, BulkGrant, Perks, Settling, RewardRules {
  redeem: RedeemPerk;
  /** Pays for what participants did. */
  readonly onEngaged: OnEngaged;
  /** Pays for how long they watched. */
  readonly watching: Round;
}

export function createRewards({ write, db }: { write: Write; db: Db }): Rewards {
  const pay = createPay();
  return {
    ...createByHand({ write }),
    ...createBulkGrant({ write }),
    ...createPerks({ write, db }),
    ...createSettling({ write }),
    ...createRewardRules({ write, db }),
    redeem: createRedeem({ write }),
    onEngaged: createEarn(pay),
    watching: createWatching({ db, write, pay }),
  };
}

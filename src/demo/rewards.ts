import type { NewPerk } from '../rewards/perks.ts';
import type { NewRewardRule } from '../rewards/reward-rules.ts';
import { quoted, type Tab } from './found.ts';
import type { Beat } from './scene.ts';

/** Gives points. `points`: by user name. */
export const grants =
  (points: Readonly<Record<string, number>>, reason: string): Beat =>
  async ({ capabilities: { rewards }, eventId, host, person, key }) => {
    for (const [username, given] of Object.entries(points)) {
      const idempotencyKey = `${key}-${username}`;
      await rewards.grant(host, { eventId, userId: person(username).id, points: given, reason, idempotencyKey });
    }
  };

/** In this event. */
export const paysFor =
  (rule: Omit<NewRewardRule, 'eventId' | 'idempotencyKey'>): Beat =>
  ({ capabilities: { rewards }, eventId, host, key }) =>
    rewards.createRule(host, { ...rule, eventId, idempotencyKey: key });

export const offersPerk =
  (perk: NewPerk): Beat =>
  ({ capabilities: { rewards }, host, key }) =>
    rewards.createPerk(host, { ...perk, idempotencyKey: key });

export const redeems =
  (username: string, title: string, note: string): Beat =>
  async ({ capabilities: { rewards }, db, eventId, host, person, key }) => {
    const { id } = await db.perk.findFirstOrThrow({ where: { hostId: host.id, title }, select: { id: true } });
    return rewards.redeem(person(username), { eventId, perkId: id, note, idempotencyKey: key });
  };

export const redeemTab: Tab = ({ live, perk }) => `
# Spend points on what the host offers. With
# an idempotencyKey no retry is paid for again.
# Below: your wallet, and its ledger.

mutation Redeem {
  redeemPerk(
    input: {
      eventId: ${quoted(live)}
      perkId: ${quoted(perk)}
      note: "Greetings to Lisbon"
    }
  ) {
    __typename
    ... on RedeemPerkPayload {
      redemption {
        status
        points
        perk { title cost stock }
        user {
          wallets(first: 5) {
            edges { node { host { displayName } balance } }
          }
          rewards(first: 5) {
            edges { node { kind points reason timestamp } }
          }
        }
      }
    }
    ... on Error { code message }
  }
}
`;

export const grantTab: Tab = ({ live, author }) => `
# Give points, to one or to many, and see who
# waits for a perk: fulfilRedemption hands it out,
# cancelRedemption gives the points back.

mutation Grant {
  grantReward(
    input: {
      eventId: ${quoted(live)}
      userId: ${quoted(author)}
      points: 5
      reason: "No hard feelings"
    }
  ) {
    __typename
    ... on GrantRewardPayload {
      reward { points user { username } wallet { balance } }
    }
    ... on Error { code message }
  }
  grantRewards(
    input: {
      eventId: ${quoted(live)}
      points: 10
      reason: "Thank you for voting"
      filter: { engagementType: "VOTE" }
    }
  ) {
    __typename
    ... on GrantRewardsPayload {
      videoEvent {
        redemptions(status: UNFULFILLED, first: 5) {
          edges {
            node { id perk { title } note user { username } }
          }
        }
      }
    }
    ... on Error { code message }
  }
}
`;

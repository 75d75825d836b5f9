import { quoted, type Tab } from './found.ts';

export const leaderboardTab: Tab = ({ live }) => `
# Who earned most in the event, and what pays:
# say something in Chat, and run this again.
# subscription { leaderboard } is live.

query Leaderboard {
  videoEvent(id: ${quoted(live)}) {
    rewardRules { title trigger points cooldownSeconds }
    goals(first: 1) {
      edges {
        node { title progress levels { target points } }
      }
    }
    leaderboard(first: 5) {
      entries { rank points user { displayName } }
      viewerEntry { rank points }
    }
  }
}
`;

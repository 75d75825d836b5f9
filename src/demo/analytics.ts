import { quoted, type Tab } from './found.ts';

export const analyticsTab: Tab = ({ over }) => `
# What came of a show, and who did what. The
# whole log is a download, with maya's token in
# the header Authorization:
#   GET /events/<id>/engagements.csv (or .jsonl)

query Analytics {
  videoEvent(id: ${quoted(over)}) {
    title
    analytics(bucketSeconds: 900) {
      messages
      uniqueParticipants
      peakViewers
      secondsWatched
      topParticipants(first: 3) {
        profile { displayName }
        engagements
      }
      viewers { from average peak }
      retention { from remaining share }
      engagements { from engagementType count }
    }
    engagements(first: 10) {
      totalCount
      edges {
        node {
          engagementType
          engagementTime
          emoji
          count
          participant { user { username } }
        }
      }
    }
  }
}
`;

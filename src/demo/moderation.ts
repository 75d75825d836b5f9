import { quoted, type Tab } from './found.ts';

export const moderateTab: Tab = ({ live, author }) => `
# Keep order: a minute of silence for whoever
# was reported, and a pardon, so that you can run
# this again. Below: the queue of reports, which
# resolveReports settles, and the log of it all.

mutation Moderate {
  timeOutUser(
    input: {
      eventId: ${quoted(live)}
      userId: ${quoted(author)}
      seconds: 60
      reason: "No advertising, please"
    }
  ) {
    __typename
    ... on TimeOutUserPayload {
      sanction { kind user { username } reason until }
    }
    ... on Error { code message }
  }
  liftSanction(
    input: {
      eventId: ${quoted(live)}
      userId: ${quoted(author)}
    }
  ) {
    __typename
    ... on LiftSanctionPayload {
      videoEvent {
        reportedMessages(status: OPEN, first: 5) {
          edges {
            node {
              reportCount
              message { id text author { username } }
              reports(first: 3) { edges { node { reason } } }
            }
          }
        }
        moderationLog(first: 5) {
          edges { node { kind user { username } reason } }
        }
      }
    }
    ... on Error { code message }
  }
}
`;

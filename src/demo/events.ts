import { quoted, type Tab } from './found.ts';

export const eventsTab: Tab = () => `
# See what is on, what comes, and what was.
# Everybody may ask.

query Events {
  live: videoEvents(
    filter: { status: [LIVE] }, sort: DESC, first: 5
  ) {
    edges { node { ...Show } }
  }
  next: videoEvents(
    filter: { status: [SCHEDULED] }, first: 5
  ) {
    edges { node { ...Show } }
  }
  over: videoEvents(
    filter: { status: [ENDED] }, sort: DESC, first: 5
  ) {
    edges { node { ...Show } }
  }
}

fragment Show on VideoEvent {
  id
  title
  scheduledAt
  capacity
  participantCount
  host { displayName }
}
`;

export const joinTab: Tab = ({ live }) => `
# Take a place in the live one. Joining twice
# is harmless.

mutation Join {
  joinVideoEvent(input: { eventId: ${quoted(live)} }) {
    __typename
    ... on JoinVideoEventPayload {
      participant { id joinedAt }
      videoEvent {
        title
        viewerStanding
        participantCount
        messages(last: 3) {
          edges { node { author { displayName } text } }
        }
      }
    }
    ... on Error { code message }
  }
}
`;

export const watchTab: Tab = ({ live }) => `
# Watch, over server-sent events: run this,
# open the page in a second window, and run
# LogIn, Chat and Ask there.
#
# after: "<cursor>" continues behind that item,
# without a gap, on any instance.

subscription Watch {
  videoEventFeed(eventId: ${quoted(live)}) {
    __typename
    ... on FeedItem { cursor sequence occurredAt }
    ... on MessageSent {
      message { id text author { displayName } }
    }
    ... on MessageRemoved { messageId removedBy }
    ... on ReactionsCounted { tallies { emoji count } }
    ... on QuestionAsked { question { text } }
    ... on PollOpened { poll { title } }
    ... on PollClosed { poll { title } }
  }
}
`;

export const pulseTab: Tab = ({ live }) => `
# What changes too fast for the feed: the
# latest, at most four times a second. Run React
# in a second window.

subscription Pulse {
  videoEventPulse(eventId: ${quoted(live)}) {
    viewerCount
    reactions { emoji total }
    polls { ballots choices { votes } }
    predictions { pot }
    goals { progress }
  }
}
`;

import { quoted, type Tab } from './found.ts';

export const replayTab: Tab = ({ over }) => `
# A show that is over, as it was: what
# happened in a stretch of the recording, by its
# time in ms.

query Replay {
  videoEvent(id: ${quoted(over)}) {
    title
    feed(
      first: 50
      fromStreamOffset: 0
      toStreamOffset: 1800000
      kinds: [
        MessageSent
        ReactionsCounted
        PollOpened
        PollClosed
        QuestionAsked
        QuestionAnswered
      ]
    ) {
      items {
        __typename
        ... on FeedItem { streamOffset }
        ... on MessageSent {
          message { author { displayName } text }
        }
        ... on ReactionsCounted { tallies { emoji count } }
        ... on PollOpened { poll { title } }
        ... on PollClosed {
          poll { title choices { text } }
          tally { choices { votes } }
        }
        ... on QuestionAsked { question { text } }
        ... on QuestionAnswered { question { text answer } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`;

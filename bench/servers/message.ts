/** A message of the bench in the shape in which Ovation delivers it: the peers send the same bytes. */
export const result = ({ text, sequence }: { text: string; sequence: number }) => ({
  data: {
    videoEventFeed: {
      __typename: 'MessageSent',
      cursor: 'MXxldmVudDowMWEyMDJiNS00ZTY3LTc0NjYtOTliZi05OTAzZTEwNGNiYjV8MDEyMzQ1Njc4OWFifDEyMzQ1',
      sequence,
      message: { text, author: { displayName: 'Bench' } },
    },
  },
});

export interface Published {
  text: string;
  sequence: number;
}

export const schemaText = `
  type Query { nothing: String }
  type Author { displayName: String! }
  type Message { text: String!, author: Author! }
  interface FeedItem { cursor: String!, sequence: Int! }
  type MessageSent implements FeedItem { cursor: String!, sequence: Int!, message: Message! }
  type MessageRemoved implements FeedItem { cursor: String!, sequence: Int! }
  union VideoEventFeedItem = MessageSent | MessageRemoved
  type Subscription { videoEventFeed(eventId: ID!): VideoEventFeedItem! }`;

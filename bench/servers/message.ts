/** A message of the bench in the shape in which Ovation delivers it: the peers send the same bytes. */
export const result = ({ text, sequence, occurredAt }: Published) => ({
  data: {
    videoEventFeed: {
      __typename: 'MessageSent',
      cursor: 'MXxldmVudDowMWEyMDJiNS00ZTY3LTc0NjYtOTliZi05OTAzZTEwNGNiYjV8MDEyMzQ1Njc4OWFifDEyMzQ1',
      sequence,
      occurredAt,
      message: { text, author: { displayName: 'Bench' } },
    },
  },
});

export interface Published {
  text: string;
  sequence: number;
  /** ISO 8601. */
  occurredAt: string;
}

export const schemaText = `
  type Query { nothing: String }
  type Author { displayName: String! }
  type Message { text: String!, author: Author! }
  interface FeedItem { cursor: String!, sequence: Int!, occurredAt: String! }
  type MessageSent implements FeedItem { cursor: String!, sequence: Int!, occurredAt: String!, message: Message! }
  type MessageRemoved implements FeedItem { cursor: String!, sequence: Int!, occurredAt: String! }
  union VideoEventFeedItem = MessageSent | MessageRemoved
  type Subscription { videoEventFeed(eventId: ID!): VideoEventFeedItem! }`;

import { graphql } from '../generated/gql.ts';

/** What a small front end sends. `graphql-codegen` types these documents. */

export const LogIn = graphql(`
  mutation LogIn($input: LogInInput!) {
    logIn(input: $input) {
      __typename
      ... on LogInPayload {
        user {
          id
          username
        }
        tokens {
          accessToken
          refreshToken
        }
      }
      ... on Error {
        code
        message
      }
    }
  }
`);

export const LiveEvents = graphql(`
  query LiveEvents($first: Int!) {
    videoEvents(first: $first, filter: { status: [LIVE] }) {
      edges {
        node {
          id
          title
          scheduledAt
          status
        }
      }
    }
  }
`);

export const Join = graphql(`
  mutation Join($input: JoinVideoEventInput!) {
    joinVideoEvent(input: $input) {
      __typename
      ... on JoinVideoEventPayload {
        participant {
          id
        }
        videoEvent {
          feedCursor
          viewerStanding
        }
      }
      ... on CapacityError {
        capacity
      }
      ... on Error {
        code
        message
      }
    }
  }
`);

export const Send = graphql(`
  mutation Send($input: SendMessageInput!) {
    sendMessage(input: $input) {
      __typename
      ... on SendMessagePayload {
        sentMessage {
          id
          text
          sequence
        }
      }
      ... on SlowModeError {
        retryAfterMs
      }
      ... on Error {
        code
        message
      }
    }
  }
`);

export const Watch = graphql(`
  subscription Watch($eventId: ID!, $after: String, $kinds: [VideoEventFeedKind!]) {
    videoEventFeed(eventId: $eventId, after: $after, kinds: $kinds) {
      __typename
      ... on FeedItem {
        cursor
        sequence
      }
      ... on FeedReset {
        reason
      }
      ... on MessageSent {
        message {
          id
          text
          author {
            username
          }
        }
      }
    }
  }
`);

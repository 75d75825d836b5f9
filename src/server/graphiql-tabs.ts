import { randomInt } from 'node:crypto';
import type { GraphiQLOptions } from 'graphql-yoga';
import { demoPassword } from '../demo/script.ts';

type Tab = NonNullable<GraphiQLOptions['defaultTabs']>[number];

/**
 * The tabs GraphiQL opens with: from nobody to a participant who chats and watches, to be run from the first to the last.
 * Values stand in the documents: one place to look at, and GraphiQL shows no variables in the first tab.
 * @param eventId the global id of an event that is live. Null: the reader has to find one.
 */
export function graphiqlTabs({ eventId }: { eventId: string | null }): Tab[] {
  const event = JSON.stringify(eventId ?? 'an id from the tab LiveEvents');
  const username = `guest_${randomInt(100_000, 1_000_000)}`;
  return [signUp(username), liveEvents, join(event), chat(event), watch(event), logIn].map((query) => ({
    query: query.trimStart(),
  }));
}

const signUp = (username: string): string => `
# 1. Make an account: press the button, or
# Ctrl-Enter. A second account needs another name
# and address.
#
# Headers: none. This page remembers the access
# token of the answer and sends it with what you
# run later. Other clients send it themselves:
#   { "Authorization": "Bearer <accessToken>" }

mutation SignUp {
  signUp(
    input: {
      username: "${username}"
      email: "${username}@example.com"
      password: "a long password"
    }
  ) {
    __typename
    ... on SignUpPayload {
      user { id username role }
      tokens { accessToken refreshToken }
    }
    ... on Error { code message }
  }
}
`;

const liveEvents = `
# 2. See what is on. Headers: none, everybody may
# ask.

query LiveEvents {
  videoEvents(filter: { status: [LIVE] }, sort: DESC) {
    totalCount
    edges {
      node {
        id
        title
        host { displayName }
        participantCount
        messages(last: 3) {
          edges { node { author { displayName } text } }
        }
      }
    }
  }
}
`;

const join = (event: string): string => `
# 3. Take a place in it. Joining twice is harmless.
# Headers: Authorization; this page adds it after
# SignUp.

mutation Join {
  joinVideoEvent(input: { eventId: ${event} }) {
    __typename
    ... on JoinVideoEventPayload {
      participant { id joinedAt }
      videoEvent { title viewerStanding participantCount }
    }
    ... on Error { code message }
  }
}
`;

const chat = (event: string): string => `
# 4. Say something: whoever watches gets it at once.
# Headers: Authorization; this page adds it after
# SignUp.

mutation Chat {
  sendMessage(
    input: {
      eventId: ${event}
      text: "Hello from GraphiQL!"
    }
  ) {
    __typename
    ... on SendMessagePayload {
      sentMessage { id text sentAt author { username } }
    }
    ... on Error { code message }
  }
}
`;

const watch = (event: string): string => `
# 5. Watch, over server-sent events: run this, open
# the page in a second window, and run SignUp, Join
# and Chat there. Headers: none, the event is public.
#
# after: "<cursor>" continues behind that item.

subscription Watch {
  videoEventFeed(eventId: ${event}) {
    __typename
    ... on FeedItem { cursor sequence occurredAt }
    ... on MessageSent {
      message { id text author { displayName } }
    }
    ... on MessageRemoved { messageId removedBy }
  }
}
`;

const logIn = `
# Instead of 1: log in with a demo account. maya
# hosts, noor moderates; ava, ben and cleo watch.
# What you run after this, you run as them.
# Headers: none.

mutation LogIn {
  logIn(input: { login: "ava", password: "${demoPassword}" }) {
    __typename
    ... on LogInPayload {
      user { id username role }
      tokens { accessToken refreshToken }
    }
    ... on Error { code message }
  }
}
`;

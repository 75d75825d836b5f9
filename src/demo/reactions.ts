import { quoted, type Tab } from './found.ts';
import type { Beat } from './scene.ts';

/** `taps`: by user name, an emoji and how often. The feed is told at once, where otherwise a second passes. */
export const react =
  (taps: Readonly<Record<string, readonly [emoji: string, count: number]>>): Beat =>
  async ({ capabilities: { reactions }, write, eventId, person, key }) => {
    await Promise.all(
      Object.entries(taps).map(([username, [emoji, count]]) =>
        reactions.react(person(username), { eventId, emoji, count, idempotencyKey: key }),
      ),
    );
    await write((work) => reactions.counting.run(work, { eventId }));
  };

export const reactTab: Tab = ({ live, poll, choice }) => `
# React, up to ten taps at once, and vote. This
# poll lets you change your mind.

mutation React {
  react(
    input: { eventId: ${quoted(live)}, emoji: "🔥", count: 3 }
  ) {
    __typename
    ... on ReactPayload { emoji count }
    ... on Error { code message }
  }
  vote(
    input: {
      pollId: ${quoted(poll)}
      choiceIds: [${quoted(choice)}]
    }
  ) {
    __typename
    ... on VotePayload {
      poll {
        title
        status
        choices { text }
        tally { ballots choices { votes } }
      }
    }
    ... on Error { code message }
  }
}
`;

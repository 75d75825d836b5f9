import { quoted, type Tab } from './found.ts';
import type { Beat } from './scene.ts';

export const waits =
  (username: string): Beat =>
  ({ capabilities: { waitlist }, eventId, person }) =>
    waitlist.join(person(username), { eventId });

export const waitTab: Tab = ({ next, full }) => `
# Before a show: be reminded of it, a day, an
# hour and five minutes ahead, in myFeed; or wait
# for a seat in one that is full.

mutation Wait {
  joinVideoEvent(input: { eventId: ${quoted(next)} }) {
    __typename
    ... on JoinVideoEventPayload { videoEvent { title } }
    ... on Error { code message }
  }
  muteReminders(
    input: { eventId: ${quoted(next)}, muted: false }
  ) {
    __typename
    ... on MuteRemindersPayload {
      participant { remindersMuted }
    }
    ... on Error { code message }
  }
  joinWaitlist(input: { eventId: ${quoted(full)} }) {
    __typename
    ... on JoinWaitlistPayload {
      videoEvent {
        title
        capacity
        viewerWaitlistEntry { status position }
      }
    }
    ... on Error { code message }
  }
}
`;

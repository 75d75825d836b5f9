import { ProfileType } from '../accounts/profile-schema.ts';
import { builder } from '../builder.ts';
import type { Fact } from '../feed/entry.ts';
import { factRef, factType } from '../feed/schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import {
  type EventPayload,
  type EventSnapshot,
  userInvited,
  userUninvited,
  videoEventAnnounced,
  videoEventCancelled,
  videoEventDeleted,
  videoEventEnded,
  videoEventInterrupted,
  videoEventResumed,
  videoEventScheduled,
  videoEventUpdated,
  videoEventWentLive,
  videoEventWithdrawn,
} from './entries.ts';
import { EventStatusType } from './status-schema.ts';
import { EventVisibilityType } from './visibility-schema.ts';

const instant = (text: string | null): Date | null => (text === null ? null : new Date(text));

const eventIdDescription = "The VideoEvent's global id.";

const VideoEventSnapshot = builder.objectRef<EventSnapshot>('VideoEventSnapshot').implement({
  description: 'An event as it was when a fact was stated. The fields mean what they mean on VideoEvent.',
  fields: (t) => ({
    eventId: t.id({ description: eventIdDescription, resolve: ({ eventId }) => encodeGlobalId('VideoEvent', eventId) }),
    title: t.exposeString('title', { description: '1 to 200 characters.' }),
    description: t.exposeString('description', { description: 'At most 5,000 characters, in lines; may be empty.' }),
    streamUrl: t.exposeString('streamUrl', { nullable: true, description: 'An https URL where the stream plays.' }),
    coverImageUrl: t.exposeString('coverImageUrl', { nullable: true, description: 'An https URL of a picture.' }),
    scheduledAt: t.field({
      type: 'DateTime',
      description: 'When it is planned to go live.',
      resolve: ({ scheduledAt }) => new Date(scheduledAt),
    }),
    status: t.expose('status', { type: EventStatusType, description: 'Where it stands.' }),
    visibility: t.expose('visibility', { type: EventVisibilityType, description: 'Who finds and sees it.' }),
    startedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it first went live; null before.',
      resolve: ({ startedAt }) => instant(startedAt),
    }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null before.',
      resolve: ({ endedAt }) => instant(endedAt),
    }),
    capacity: t.exposeInt('capacity', { nullable: true, description: 'Seats there are; null: no limit.' }),
    slowModeSeconds: t.exposeInt('slowModeSeconds', { description: 'Seconds between two messages; 0: off.' }),
    questionsPreModerated: t.boolean({
      description: 'Whether questions wait for a moderator.',
      resolve: ({ questionsPreModerated = false }) => questionsPreModerated,
    }),
    allowedReactions: t.stringList({
      description: 'The emoji that `react` takes. Empty in facts of a time before there were reactions.',
      resolve: ({ allowedReactions }) => [...(allowedReactions ?? [])],
    }),
  }),
});

const eventFact = <Kind extends string>(fact: Fact<Kind, EventPayload>, description: string) =>
  factRef(fact).implement({
    ...factType(fact),
    description,
    fields: (t) => ({
      event: t.field({
        type: VideoEventSnapshot,
        description: 'The event from then on.',
        resolve: ({ entry }) => entry.payload.event,
      }),
      host: t.field({
        type: ProfileType,
        description: 'Whose event it is.',
        resolve: ({ entry }) => entry.payload.actor,
      }),
    }),
  });

export const VideoEventScheduled = eventFact(videoEventScheduled, 'The draft was published.');
export const VideoEventUpdated = eventFact(
  videoEventUpdated,
  'The host changed something about the event. When it becomes PRIVATE and is changed in other ways at once, all are told what it was before, with that visibility, and moderators then what it is: whoever still sees it reads the rest anew.',
);
export const VideoEventWentLive = eventFact(
  videoEventWentLive,
  'The event went on air. `streamOffset` counts from here.',
);
export const VideoEventInterrupted = eventFact(videoEventInterrupted, 'The stream broke off; the event goes on.');
export const VideoEventResumed = eventFact(videoEventResumed, 'The stream is back.');
export const VideoEventEnded = eventFact(videoEventEnded, 'The event is over.');
export const VideoEventCancelled = eventFact(videoEventCancelled, 'The event was called off.');
export const VideoEventAnnounced = eventFact(
  videoEventAnnounced,
  'The event is new in the schedule: it was published, or made public.',
);

const goneFact = <Kind extends string>(fact: Fact<Kind, { eventId: string }>, description: string) =>
  factRef(fact).implement({
    ...factType(fact),
    description,
    fields: (t) => ({
      eventId: t.id({
        description: eventIdDescription,
        resolve: ({ entry }) => encodeGlobalId('VideoEvent', entry.payload.eventId),
      }),
    }),
  });

export const VideoEventWithdrawn = goneFact(
  videoEventWithdrawn,
  'The event is in the schedule no more: it was deleted, or is public no more.',
);
export const VideoEventDeleted = goneFact(videoEventDeleted, 'The event was deleted. The last item of its feed.');

const userFact = <Kind extends string>(fact: Fact<Kind, Pick<EventPayload, 'actor'>>, description: string) =>
  factRef(fact).implement({
    ...factType(fact),
    description,
    fields: (t) => ({
      user: t.field({ type: ProfileType, description: 'Who.', resolve: ({ entry }) => entry.payload.actor }),
    }),
  });

export const UserInvited = userFact(userInvited, 'Somebody was invited. For the host and moderators.');
export const UserUninvited = userFact(userUninvited, 'Somebody is invited no more. For the host and moderators.');

import { RoleChanged } from './accounts/role-schema.ts';
import { SessionRevoked } from './accounts/session-schema.ts';
import { ProfileDeleted } from './accounts/user-schema.ts';
import { signedIn } from './auth/viewer.ts';
import { builder } from './builder.ts';
import { MessagePinned, MessageRemoved, MessageSent, MessageUnpinned } from './chat/message-schema.ts';
import { ChatSettingsChanged } from './chat/settings-schema.ts';
import {
  UserInvited,
  UserUninvited,
  VideoEventAnnounced,
  VideoEventCancelled,
  VideoEventDeleted,
  VideoEventEnded,
  VideoEventInterrupted,
  VideoEventResumed,
  VideoEventScheduled,
  VideoEventUpdated,
  VideoEventWentLive,
  VideoEventWithdrawn,
} from './events/facts-schema.ts';
import { VideoEvent } from './events/video-event-schema.ts';
import { delivered, FeedReset } from './feed/schema.ts';
import { GoalClosed, GoalReached, GoalSet } from './goals/facts-schema.ts';
import { RankChanged } from './leaderboards/facts-schema.ts';
import { ModeratorAppointed, ModeratorDismissed, SanctionImposed, SanctionLifted } from './moderation/facts-schema.ts';
import { ParticipantJoined, ParticipantLeft } from './participation/facts-schema.ts';
import { PollArchived, PollClosed, PollOpened } from './polls/facts-schema.ts';
import {
  PredictionCancelled,
  PredictionLocked,
  PredictionOpened,
  PredictionResolved,
} from './predictions/facts-schema.ts';
import {
  QuestionAnswered,
  QuestionApproved,
  QuestionAsked,
  QuestionDismissed,
  QuestionPinned,
  QuestionUnpinned,
  QuestionVotesChanged,
  QuestionWithdrawn,
} from './questions/facts-schema.ts';
import { ReactionsCounted } from './reactions/tally-schema.ts';
import { VideoEventReminded } from './reminders/facts-schema.ts';
import { MessageReported, ReportsResolved } from './reports/facts-schema.ts';
import { PerkRedeemed, PointsChanged, RedemptionCancelled, RedemptionFulfilled } from './rewards/facts-schema.ts';
import { SeatOffered } from './waitlist/facts-schema.ts';

/** The live feeds, and which facts each of them carries. */

const eventFacts = {
  VideoEventScheduled,
  VideoEventUpdated,
  VideoEventWentLive,
  VideoEventInterrupted,
  VideoEventResumed,
  VideoEventEnded,
  VideoEventCancelled,
  VideoEventDeleted,
  UserInvited,
  UserUninvited,
  ParticipantJoined,
  ParticipantLeft,
  ModeratorAppointed,
  ModeratorDismissed,
  SanctionImposed,
  SanctionLifted,
  MessageSent,
  MessageRemoved,
  MessagePinned,
  MessageUnpinned,
  QuestionAsked,
  QuestionApproved,
  QuestionAnswered,
  QuestionPinned,
  QuestionUnpinned,
  QuestionDismissed,
  QuestionWithdrawn,
  QuestionVotesChanged,
  PollOpened,
  PollClosed,
  PollArchived,
  PredictionOpened,
  PredictionLocked,
  PredictionResolved,
  PredictionCancelled,
  GoalSet,
  GoalReached,
  GoalClosed,
  ReactionsCounted,
  ChatSettingsChanged,
  MessageReported,
  ReportsResolved,
  PerkRedeemed,
  RedemptionFulfilled,
  RedemptionCancelled,
  ProfileDeleted,
} as const;

const scheduleFacts = {
  VideoEventAnnounced,
  VideoEventUpdated,
  VideoEventWentLive,
  VideoEventInterrupted,
  VideoEventResumed,
  VideoEventEnded,
  VideoEventCancelled,
  VideoEventWithdrawn,
  ProfileDeleted,
} as const;

export const VideoEventFeedItem = builder.unionType('VideoEventFeedItem', {
  description: "What an event's feed carries: facts, and FeedReset where it could not be continued.",
  types: [FeedReset, ...Object.values(eventFacts)],
});

const ScheduleFeedItem = builder.unionType('ScheduleFeedItem', {
  description: 'What the schedule carries: facts about public events, and FeedReset where it could not be continued.',
  types: [FeedReset, ...Object.values(scheduleFacts)],
});

const MyFeedItem = builder.unionType('MyFeedItem', {
  description: "What a user's own feed carries, and FeedReset where it could not be continued.",
  types: [
    FeedReset,
    SessionRevoked,
    RoleChanged,
    SanctionImposed,
    SanctionLifted,
    VideoEventReminded,
    SeatOffered,
    PointsChanged,
    RankChanged,
    RedemptionFulfilled,
    RedemptionCancelled,
  ],
});

export const VideoEventFeedKind = builder.enumType('VideoEventFeedKind', {
  description: "The facts of an event's feed, by which a subscription can ask for some of them only.",
  values: Object.fromEntries(
    Object.keys(eventFacts).map((kind) => [kind, { description: `Items of type ${kind}.` }]),
  ) as Record<keyof typeof eventFacts, { description: string }>,
});

const after =
  'Continue behind this cursor, as an item or a query gave it. Without one: from now. Where that is not possible the first item is a FeedReset.';

builder.subscriptionField('videoEventFeed', (t) =>
  t.field({
    type: VideoEventFeedItem,
    description:
      'Everything that happens in an event, in one order, without loss or repetition. Ask `videoEvent` for `feedCursor` first and subscribe behind it. Ends with an error when the viewer may no longer see the event, or is banned in it.',
    args: {
      eventId: t.arg.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
      after: t.arg.string({ description: after }),
      kinds: t.arg({
        type: [VideoEventFeedKind],
        description: 'Only facts of these kinds. Without it: all. A FeedReset comes in any case.',
      }),
    },
    subscribe: (_root, { eventId, after, kinds }, { events, viewer }) =>
      events.follow(viewer, { eventId: eventId.id, after, kinds: kinds == null ? null : new Set<string>(kinds) }),
    resolve: delivered,
  }),
);

builder.subscriptionField('scheduleFeed', (t) =>
  t.field({
    type: ScheduleFeedItem,
    description: 'Public events as they are announced, changed, go live and end. For everybody.',
    args: { after: t.arg.string({ description: after }) },
    subscribe: (_root, { after }, { events }) => events.followSchedule({ after }),
    resolve: delivered,
  }),
);

builder.subscriptionField('myFeed', (t) =>
  t.field({
    type: MyFeedItem,
    description:
      "The viewer's own feed, private to them: what happened to their account, their points and their rank on leaderboards, sanctions against them, reminders of events and seats they are offered.",
    authScopes: { signedIn: true },
    args: { after: t.arg.string({ description: after }) },
    subscribe: (_root, { after }, { viewer, ownFeed }) => ownFeed.follow(signedIn(viewer), after ?? null),
    resolve: delivered,
  }),
);

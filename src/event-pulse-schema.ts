import { builder } from './builder.ts';
import type { EventPulse, EventPulseItem } from './event-pulse.ts';
import { VideoEvent } from './events/video-event-schema.ts';
import { encodeGlobalId } from './global-id.ts';
import { GoalProgressType } from './goals/progress-schema.ts';
import { PollTallyType } from './polls/tally-schema.ts';
import { PredictionTotalsType } from './predictions/totals-schema.ts';
import { ReactionTallyType } from './reactions/tally-schema.ts';

const VideoEventPulse = builder.objectRef<EventPulse>('VideoEventPulse').implement({
  description: 'The latest of what changes too fast to be logged. Each replaces the one before it.',
  fields: (t) => ({
    eventId: t.id({
      description: "The VideoEvent's global id.",
      resolve: ({ eventId }) => encodeGlobalId('VideoEvent', eventId),
    }),
    viewerCount: t.int({
      description: 'Participants who watch now: each with a subscription on the event open, on however many tabs.',
      resolve: ({ values }) => values.viewerCount,
    }),
    polls: t.field({
      type: [PollTallyType],
      description:
        'How the votes stand in open polls that show their results ALWAYS, in the order of their opening. The final tally is in PollClosed.',
      resolve: ({ values }) => [...values.polls],
    }),
    predictions: t.field({
      type: [PredictionTotalsType],
      description:
        'How much is staked on what in open predictions, in the order of their opening. The final totals are in PredictionLocked.',
      resolve: ({ values }) => [...values.predictions],
    }),
    goals: t.field({
      type: [GoalProgressType],
      description: 'How far the crowd is with open goals, in the order of their setting. Counted once a second.',
      resolve: ({ values }) => [...values.goals],
    }),
    reactions: t.field({
      type: [ReactionTallyType],
      description: 'How often it was reacted to with each emoji so far. Emoji that nobody used are left out.',
      resolve: ({ values }) => [...values.reactions],
    }),
  }),
});

builder.subscriptionField('videoEventPulse', (t) =>
  t.field({
    type: VideoEventPulse,
    description:
      'What changes too fast for the feed: at once what holds now, and then whenever something changes, at most four times a second. Nothing of it is replayed: the latest is all there is. Ends as `videoEventFeed` does.',
    args: { eventId: t.arg.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }) },
    subscribe: (_root, { eventId: { id } }, { events, pulses, viewer }) =>
      events.guard(viewer, id, { open: () => pulses.follow(id) }),
    resolve: latest,
  }),
);

/** The pulse of an item; the server's reason to end the subscription becomes the last result's error. */
function latest(item: EventPulseItem): EventPulse {
  if (item.type === 'end') throw item.error;
  return item.pulse;
}

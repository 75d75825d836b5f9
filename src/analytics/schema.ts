import { ProfileType } from '../accounts/profile-schema.ts';
import { builder } from '../builder.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import type { EventAnalytics } from './analytics.ts';
import type { EngagementBucket, RetentionBucket, TopParticipant, ViewerBucket } from './queries.ts';

const from = 'When the bucket begins; the first one at `from`.';

const ViewerBucketType = builder.objectRef<ViewerBucket>('ViewerBucket').implement({
  description: 'How many watched within a bucket of time. Viewers are counted every 30 seconds.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: from }),
    average: t.exposeFloat('average', {
      nullable: true,
      description: 'Participants present on average; null where they were not counted.',
    }),
    peak: t.exposeInt('peak', { nullable: true, description: 'Most at a time; null where they were not counted.' }),
  }),
});

const EngagementBucketType = builder.objectRef<EngagementBucket>('EngagementBucket').implement({
  description: 'How much of one kind was done within a bucket of time.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: from }),
    engagementType: t.exposeString('engagementType', { description: 'What was done, as in EngagementLog.' }),
    count: t.expose('count', { type: 'SafeInt', description: 'How often.' }),
  }),
});

const RetentionBucketType = builder.objectRef<RetentionBucket>('RetentionBucket').implement({
  description: 'How many of those who ever watched had not left yet.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: from }),
    remaining: t.exposeInt('remaining', {
      description: "Participants who were seen at the bucket's beginning or later.",
    }),
    share: t.exposeFloat('share', { description: 'The same as a share of all who ever watched, 0 to 1.' }),
  }),
});

const TopParticipantType = builder.objectRef<TopParticipant>('TopParticipant').implement({
  description: 'Somebody who did much.',
  fields: (t) => ({
    profile: t.field({ type: ProfileType, description: 'Who.', resolve: ({ profile }) => profile }),
    engagements: t.expose('engagements', { type: 'SafeInt', description: 'How often they did something.' }),
  }),
});

const VideoEventAnalytics = builder.objectRef<EventAnalytics>('VideoEventAnalytics').implement({
  description:
    "What came of a show, for its host. Figures that are not in buckets are of the stretch, by the database's clock.",
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: 'When the stretch begins.' }),
    to: t.expose('to', { type: 'DateTime', description: 'When it ends; this instant is no part of it.' }),
    bucketSeconds: t.exposeInt('bucketSeconds', { description: 'Length of a bucket; the last one may be shorter.' }),
    viewers: t.field({
      type: [ViewerBucketType],
      description: 'Concurrent viewers, for each bucket.',
      resolve: (analytics) => analytics.viewers(),
    }),
    engagements: t.field({
      type: [EngagementBucketType],
      description: 'What was done, for each bucket and kind; what nobody did is left out.',
      resolve: (analytics) => analytics.engagements(),
    }),
    retention: t.field({
      type: [RetentionBucketType],
      description: 'The retention curve, for each bucket.',
      resolve: (analytics) => analytics.retention(),
    }),
    uniqueParticipants: t.int({
      description: 'Participants who did anything.',
      resolve: async (analytics) => (await analytics.attended()).participants,
    }),
    messages: t.int({
      description: 'Chat messages, removed ones included.',
      resolve: async (analytics) => (await analytics.attended()).messages,
    }),
    peakViewers: t.int({
      nullable: true,
      description: 'Most participants present at a time; null where they were not counted.',
      resolve: async (analytics) => (await analytics.attended()).peakViewers,
    }),
    secondsWatched: t.field({
      type: 'SafeInt',
      description: 'Seconds that all participants together watched the whole show so far.',
      resolve: async (analytics) => (await analytics.attended()).secondsWatched,
    }),
    topParticipants: t.field({
      type: [TopParticipantType],
      description: 'Who did most, most first.',
      args: {
        first: t.arg.int({ required: true, defaultValue: 10, description: 'How many, 1 to 100.' }),
      },
      resolve: (analytics, { first }) => analytics.topParticipants(first),
    }),
  }),
});

builder.prismaObjectField(VideoEvent, 'analytics', (t) =>
  t.field({
    type: VideoEventAnalytics,
    nullable: true,
    description: 'What came of the show. For its host and admins; null for others.',
    args: {
      from: t.arg({ type: 'DateTime', description: 'Where the stretch begins. Without it: when the event went live.' }),
      to: t.arg({ type: 'DateTime', description: 'Where it ends. Without it: when the event ended, or now.' }),
      bucketSeconds: t.arg.int({
        required: true,
        defaultValue: 60,
        description: 'Length of a bucket, 10 to 86,400 seconds; at most 500 buckets in all.',
      }),
    },
    select: { id: true },
    resolve: ({ id }, input, { analytics, viewer }) => analytics.of(viewer, id, input),
  }),
);

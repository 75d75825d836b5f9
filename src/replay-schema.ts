import { builder } from './builder.ts';
import { replayPage } from './events/replay.ts';
import { VideoEvent } from './events/video-event-schema.ts';
import type { PastPage } from './feed/past.ts';
import { VideoEventFeedItem, VideoEventFeedKind } from './subscriptions.ts';

const FeedPageInfo = builder.objectRef<PastPage>('FeedPageInfo').implement({
  description: 'Where a page of a feed lies.',
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'True: there may be more behind `endCursor`.' }),
    endCursor: t.exposeString('endCursor', {
      description:
        'Where the page ends, whether it has items or not. Give it as `after` for the next page, or to `videoEventFeed` to go on live.',
    }),
  }),
});

const VideoEventFeedPage = builder.objectRef<PastPage>('VideoEventFeedPage').implement({
  description: "A page of an event's feed.",
  fields: (t) => ({
    items: t.field({
      type: [VideoEventFeedItem],
      description: 'What happened, in the order of `sequence`.',
      // Counted by the page.
      complexity: { field: 1, multiplier: 1 },
      resolve: ({ entries, epoch }) => entries.map((entry) => ({ type: 'entry' as const, entry, epoch })),
    }),
    pageInfo: t.field({ type: FeedPageInfo, description: 'Where the page lies.', resolve: (page) => page }),
  }),
});

/** Rows are paid for by the ten. Facts are complete: a document that names all of them reads nothing more, and an item is one of them. */
const cost = ({ first }: { first?: unknown }): { field: number; multiplier: number } => {
  const items = Math.max(1, Number(first ?? replayPage.default));
  return { field: Math.ceil(items / 10), multiplier: Math.ceil(items / 100) };
};

builder.prismaObjectField(VideoEvent, 'feed', (t) =>
  t.field({
    type: VideoEventFeedPage,
    nullable: true,
    description:
      'What happened in the event so far, a page at a time: the items that `videoEventFeed` would give the viewer now, in the same order. For replays, ask for the stretch of the recording that plays. A page may have fewer items than asked for, or none, and more behind it: go by `pageInfo`. Null for whoever is banned in the event.',
    args: {
      first: t.arg.int({ defaultValue: replayPage.default, description: `Items at most, 1 to ${replayPage.most}.` }),
      after: t.arg.string({ description: 'Behind this cursor: of an item, of a page, or a `feedCursor`.' }),
      fromStreamOffset: t.arg.int({
        description:
          'Only items from here on, in milliseconds since the event first went live. Without it: also those from before it did.',
      }),
      toStreamOffset: t.arg.int({ description: 'Only items before here, in the same unit.' }),
      kinds: t.arg({ type: [VideoEventFeedKind], description: 'Only facts of these kinds. Without it: all.' }),
    },
    complexity: cost,
    select: { id: true },
    resolve: ({ id }, { kinds, ...input }, { events, viewer }) =>
      events.replay(viewer, { ...input, eventId: id, kinds: kinds == null ? null : new Set<string>(kinds) }),
  }),
);

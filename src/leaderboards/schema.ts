import { ProfileType } from '../accounts/profile-schema.ts';
import { User } from '../accounts/user-schema.ts';
import { builder } from '../builder.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import type { LeaderboardPeriod } from '../generated/prisma/enums.ts';
import { encodeGlobalId } from '../global-id.ts';
import type { Leaderboard, LiveLeaderboard, LiveLeaderboardItem } from './leaderboards.ts';
import type { LeaderboardEntry } from './reading.ts';
import { boardSize } from './rules.ts';

const order = 'most points first; of equals who reached them first';

const LeaderboardEntryType = builder.objectRef<LeaderboardEntry>('LeaderboardEntry').implement({
  description: 'Somebody on a leaderboard.',
  fields: (t) => ({
    rank: t.exposeInt('rank', {
      description: '1 is the first. Equals share a rank, and as many are left out behind them: 1, 1, 3.',
    }),
    points: t.expose('points', {
      type: 'SafeInt',
      description: 'What they earned, above 0. What they spent is not taken off.',
    }),
    user: t.field({ type: ProfileType, description: 'Who.', resolve: ({ profile }) => profile }),
  }),
});

/** An entry and its profile are counted with the leaderboard, by how many were asked for. */
const counted = { field: 0, multiplier: 0 } as const;
const costOf = (entries: number) => ({ field: 1 + 2 * Math.max(0, entries), multiplier: 1 });

const LeaderboardType = builder.objectRef<Leaderboard>('Leaderboard').implement({
  description:
    'Who earned most. What counts is what was given and taken back, not what was spent; nobody with 0 points or less is shown, and no deleted account.',
  fields: (t) => ({
    entries: t.field({
      type: [LeaderboardEntryType],
      complexity: counted,
      description: `The first: ${order}.`,
      resolve: (leaderboard) => leaderboard.entries(),
    }),
    viewerEntry: t.field({
      type: LeaderboardEntryType,
      nullable: true,
      description: "The viewer's own, however far behind; null for guests and whoever is not on the leaderboard.",
      resolve: (leaderboard) => leaderboard.viewerEntry(),
    }),
    viewerNeighbours: t.field({
      type: [LeaderboardEntryType],
      complexity: ({ around }) => costOf(2 * (around ?? boardSize.usualAround) + 1),
      description:
        'The viewer with those just ahead and just behind, in order; empty for guests and whoever is not on the leaderboard.',
      args: {
        around: t.arg.int({
          defaultValue: boardSize.usualAround,
          description: `How many on either side, 0 to ${boardSize.mostAround}.`,
        }),
      },
      resolve: (leaderboard, { around }) => leaderboard.viewerNeighbours(around ?? boardSize.usualAround),
    }),
  }),
});

const periods: Record<LeaderboardPeriod, { description: string }> = {
  ALL_TIME: { description: 'Everything that was ever earned.' },
  MONTH: { description: 'Since the first of the month, 00:00 UTC.' },
  WEEK: { description: 'Since Monday, 00:00 UTC.' },
  DAY: { description: 'Since 00:00 UTC.' },
};
const LeaderboardPeriodType = builder.enumType('LeaderboardPeriod', {
  description: "What time a host's leaderboard counts: up to now, by the database's clock.",
  values: periods,
});

const first = `How many entries, 1 to ${boardSize.most}.`;

builder.prismaObjectField(VideoEvent, 'leaderboard', (t) =>
  t.field({
    type: LeaderboardType,
    complexity: ({ first }) => costOf(first ?? boardSize.usual),
    description:
      'Who earned most in the event; without those who are banned in it. For everybody who sees the event; live in the subscription `leaderboard`.',
    args: { first: t.arg.int({ defaultValue: boardSize.usual, description: first }) },
    select: { id: true },
    resolve: ({ id }, { first }, { leaderboards, viewer }) =>
      leaderboards.of(viewer, { ownerId: id, period: 'ALL_TIME' }, { first: first ?? boardSize.usual }),
  }),
);

builder.prismaObjectField(User, 'leaderboard', (t) =>
  t.field({
    type: LeaderboardType,
    nullable: true,
    complexity: ({ first }) => costOf(first ?? boardSize.usual),
    description:
      "Who earned most in all of the host's events, private ones included. For everybody; null for a user who is no host.",
    args: {
      period: t.arg({
        type: LeaderboardPeriodType,
        required: true,
        defaultValue: 'ALL_TIME',
        description: 'Since when.',
      }),
      first: t.arg.int({ defaultValue: boardSize.usual, description: first }),
    },
    select: { id: true, role: true, deletedAt: true },
    resolve: ({ id, role, deletedAt }, { period, first }, { leaderboards, viewer }) =>
      role === 'PARTICIPANT' || deletedAt !== null
        ? null
        : leaderboards.of(viewer, { ownerId: id, period }, { first: first ?? boardSize.usual }),
  }),
);

/** The first so many of what is told. */
interface LiveTop {
  readonly pulse: LiveLeaderboard;
  readonly first: number;
}

const LiveLeaderboardType = builder.objectRef<LiveTop>('LiveLeaderboard').implement({
  description: "The first of an event's leaderboard, as it is now. Each replaces the one before it.",
  fields: (t) => ({
    eventId: t.id({
      description: "The VideoEvent's global id.",
      resolve: ({ pulse }) => encodeGlobalId('VideoEvent', pulse.eventId),
    }),
    entries: t.field({
      type: [LeaderboardEntryType],
      complexity: counted,
      description: `The first: ${order}.`,
      resolve: ({ pulse, first }) => pulse.values.leaderboard.slice(0, first),
    }),
  }),
});

builder.subscriptionField('leaderboard', (t) =>
  t.field({
    type: LiveLeaderboardType,
    complexity: ({ first }) => costOf(first ?? boardSize.usual),
    description:
      "An event's leaderboard: at once as it is now, and then whenever it changes, at most once a second. Nothing of it is replayed: the latest is all there is. Ends as `videoEventFeed` does. The viewer's own changes of rank come with `myFeed`.",
    args: {
      eventId: t.arg.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
      first: t.arg.int({ defaultValue: boardSize.usual, description: first }),
    },
    subscribe: (_root, { eventId: { id }, first }, { events, leaderboards, viewer }) =>
      events.guard(viewer, id, { open: () => leaderboards.follow(id, { first: first ?? boardSize.usual }) }),
    resolve: (item, { first }) => ({ pulse: latest(item), first: first ?? boardSize.usual }),
  }),
);

/** The leaderboard of an item; the server's reason to end the subscription becomes the last result's error. */
function latest(item: LiveLeaderboardItem): LiveLeaderboard {
  if (item.type === 'end') throw item.error;
  return item.pulse;
}

import { z } from 'zod';
import { profileDeleted } from '../accounts/entries.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Db } from '../db/client.ts';
import { type Entry, eventIdOf } from '../feed/entry.ts';
import type { Committed } from '../feed/unit-of-work.ts';
import { parseInput } from '../input.ts';
import type { Duty } from '../jobs/task.ts';
import type { Log } from '../log.ts';
import { sanctionImposed, sanctionLifted } from '../moderation/entries.ts';
import type { PulseFollower, PulseItem } from '../pulse/follower.ts';
import type { Pulse } from '../pulse/part.ts';
import { createPulses } from '../pulse/pulses.ts';
import type { Broker } from '../realtime/broker.ts';
import { pointsChanged } from '../rewards/entries.ts';
import type { Board } from './board.ts';
import { type LeaderboardEntry, readAround, readOwn, readTops } from './reading.ts';
import { boardSize } from './rules.ts';
import { tellingDuty } from './telling.ts';

/** A leaderboard for one viewer. Each part is read when it is asked for. */
export interface Leaderboard {
  /** Most points first; of equals who reached them first, and then by id. */
  entries(): Promise<LeaderboardEntry[]>;
  /** Null for guests, and whoever is not on the leaderboard. */
  viewerEntry(): Promise<LeaderboardEntry | null>;
  /** The viewer with those just ahead and behind; nobody for guests, and whoever is not there. Throws InvalidInputError. */
  viewerNeighbours(around: number): Promise<LeaderboardEntry[]>;
}

/** What is told live of an event's leaderboard: the most that anybody asks for, the same for all. */
export interface LeaderboardValues {
  readonly leaderboard: readonly LeaderboardEntry[];
}
export type LiveLeaderboard = Pulse<LeaderboardValues>;
export type LiveLeaderboardItem = PulseItem<LeaderboardValues>;

/**
 * Who earned most: in an event, and with a host. On a leaderboard is who has more than 0 points there; who is banned in an event is
 * not on the event's, and who deleted their account is on none.
 */
export interface Leaderboards {
  /** Whoever may see the event or the host may see it: that is the caller's to know. Throws InvalidInputError for 0 entries, or too many. */
  of(viewer: Viewer | null, board: Board, input: { first: number }): Leaderboard;
  /** The event's now, and whenever it changes, at most once a second. Throws InvalidInputError, and UnavailableError once closed. */
  follow(eventId: string, input: { first: number }): Promise<PulseFollower<LeaderboardValues>>;
  /** Hears of everything that is committed here: where it may have changed a leaderboard, those who follow are told. */
  hear(committed: Committed): void;
  /** Tells people of their rank. */
  readonly duty: Duty;
  /** Ends every follower. */
  close(): Promise<void>;
}

export interface LeaderboardsDeps {
  db: Db;
  broker: Broker;
  log: Log;
}

const size = z.object({
  first: z
    .int()
    .min(1, { error: 'must be at least 1' })
    .max(boardSize.most, { error: `must be at most ${boardSize.most}` }),
});
const neighbours = z.object({
  around: z
    .int()
    .min(0, { error: 'must be at least 0' })
    .max(boardSize.mostAround, { error: `must be at most ${boardSize.mostAround}` }),
});

/** The event whose leaderboard may be another one since; null: none is. */
function changedBy(entry: Entry): string | null {
  if (pointsChanged.is(entry) || sanctionImposed.is(entry) || sanctionLifted.is(entry)) return entry.payload.eventId;
  return profileDeleted.is(entry) ? eventIdOf(entry.feed) : null;
}

export function createLeaderboards({ db, broker, log }: LeaderboardsDeps): Leaderboards {
  const live = createPulses<LeaderboardValues>({
    parts: {
      leaderboard: {
        read: (ownerIds) => readTops(db, { ownerIds, period: 'ALL_TIME', first: boardSize.most }),
        none: [],
      },
    },
    broker,
    log,
    beatMs: 1000,
    // With the time to the next beat, a lost change is told within 5 s.
    healMs: 3500,
  });
  return {
    of(viewer, board, input) {
      const { first } = parseInput(size, input);
      return {
        async entries() {
          const tops = await readTops(db, { ownerIds: [board.ownerId], period: board.period, first });
          return tops.get(board.ownerId) ?? [];
        },
        viewerEntry: async () => (viewer === null ? null : readOwn(db, board, viewer.id)),
        async viewerNeighbours(raw) {
          const { around } = parseInput(neighbours, { around: raw });
          return viewer === null ? [] : readAround(db, board, { userId: viewer.id, around });
        },
      };
    },
    async follow(eventId, input) {
      parseInput(size, input);
      return live.follow(eventId);
    },
    hear({ entries }) {
      for (const entry of entries) {
        const eventId = changedBy(entry);
        if (eventId !== null) live.touch(eventId, 'leaderboard');
      }
    },
    duty: tellingDuty,
    close: () => live.close(),
  };
}

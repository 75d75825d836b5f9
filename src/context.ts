import type { Accounts } from './accounts/accounts.ts';
import type { OwnFeed } from './accounts/own-feed.ts';
import type { Analytics } from './analytics/analytics.ts';
import type { Viewer } from './auth/viewer.ts';
import type { Chat } from './chat/chat.ts';
import type { Db } from './db/client.ts';
import type { Engagement } from './engagement/engagement.ts';
import type { EventPulseValues } from './event-pulse.ts';
import type { Events } from './events/events.ts';
import type { Goals } from './goals/goals.ts';
import type { Leaderboards } from './leaderboards/leaderboards.ts';
import type { Moderation } from './moderation/moderation.ts';
import type { Participation } from './participation/participation.ts';
import type { Polls } from './polls/polls.ts';
import type { Predictions } from './predictions/predictions.ts';
import type { Presence } from './presence/presence.ts';
import type { Pulses } from './pulse/pulses.ts';
import type { Questions } from './questions/questions.ts';
import type { Reactions } from './reactions/reactions.ts';
import type { Reminders } from './reminders/reminders.ts';
import type { Reports } from './reports/reports.ts';
import type { Rewards } from './rewards/rewards.ts';
import type { RateLimits } from './server/rate-limits.ts';
import type { Waitlist } from './waitlist/waitlist.ts';

/** What the server can do. Made once, in `app.ts`. */
export interface Capabilities {
  readonly accounts: Accounts;
  readonly ownFeed: OwnFeed;
  readonly events: Events;
  readonly participation: Participation;
  readonly waitlist: Waitlist;
  readonly reminders: Reminders;
  readonly chat: Chat;
  readonly questions: Questions;
  readonly polls: Polls;
  readonly predictions: Omit<Predictions, 'duties' | 'onOver'>;
  readonly goals: Pick<Goals, 'create' | 'cancel' | 'visible' | 'get'>;
  readonly moderation: Moderation;
  readonly reactions: Pick<Reactions, 'react'>;
  readonly reports: Reports;
  readonly presence: Pick<Presence, 'count' | 'here'>;
  readonly analytics: Analytics;
  readonly engagement: Engagement;
  readonly rewards: Omit<Rewards, 'duty' | 'onEngaged' | 'watching'>;
  readonly leaderboards: Pick<Leaderboards, 'of' | 'follow'>;
  readonly pulses: Pick<Pulses<EventPulseValues>, 'follow'>;
}

/** Where a request or a socket comes from. */
export interface Client {
  /** The peer's address, or the one a trusted proxy gave. */
  readonly address: string;
  /** What rate limits count by: the IPv4 address, or the /64 that one line of IPv6 comes with. */
  readonly network: string;
  /** The User-Agent; empty when it sent none. */
  readonly device: string;
}

/** What a resolver gets. One for each request, and for each operation on a socket. */
export interface Context extends Capabilities {
  /** Null: a guest. */
  readonly viewer: Viewer | null;
  readonly client: Client;
  /** Given to the client with every error, and in every log line about the operation. */
  readonly requestId: string;
  readonly rateLimits: RateLimits;
  /** For the builder alone: Pothos' Prisma plugin loads selections with it. Resolvers ask capabilities. */
  readonly loader: Db;
}

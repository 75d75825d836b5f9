import type { Actor } from '../actor.ts';
import type { Scene, Stage } from './stage.ts';
import type { Verdicts, Viewer } from './viewers.ts';

/** Who asks, and where. */
export interface Asking extends Stage {
  viewer: Viewer;
  me: Actor;
}

export interface ReadRow {
  /** The field with its arguments, `$id` for `about` and `$name` for the host's user name. */
  field: string;
  selection: string;
  /** The id that `$id` stands for, and whose presence in the answer is a `value`. */
  about: (asking: Asking) => string;
  /** `value`, `nothing` (null, or a list without it), or the code of the refusal. */
  verdicts: Readonly<Partial<Record<Scene, Verdicts>>>;
}

const everybody: Verdicts = { others: 'value' };
const insiders: Verdicts = {
  participant: 'value',
  moderator: 'value',
  host: 'value',
  admin: 'value',
  others: 'nothing',
};
const keepers: Verdicts = { ...insiders, participant: 'nothing' };

/** Who sees an event. */
const events: ReadRow['verdicts'] = {
  'PUBLIC SCHEDULED': everybody,
  'PUBLIC LIVE': everybody,
  'PUBLIC ENDED': everybody,
  'PUBLIC CANCELLED': everybody,
  'UNLISTED LIVE': everybody,
  'PRIVATE LIVE': insiders,
  'PRIVATE ENDED': insiders,
  'PUBLIC DRAFT': keepers,
  'UNLISTED DRAFT': keepers,
  'PRIVATE DRAFT': keepers,
};
const talk: ReadRow['verdicts'] = {
  'PUBLIC LIVE': everybody,
  'UNLISTED LIVE': everybody,
  'PRIVATE LIVE': insiders,
  'PRIVATE ENDED': insiders,
};
const places: ReadRow['verdicts'] = {
  'PUBLIC LIVE': insiders,
  'UNLISTED LIVE': insiders,
  'PRIVATE LIVE': insiders,
  'PUBLIC ENDED': insiders,
};

/** What is for those who keep the event. */
const kept: ReadRow['verdicts'] = { 'PUBLIC LIVE': keepers, 'PRIVATE LIVE': keepers, 'PUBLIC ENDED': keepers };

/** Points are their owner's and the host's. */
const paid: ReadRow['verdicts'] = {
  'PUBLIC LIVE': { participant: 'value', host: 'value', admin: 'value', others: 'nothing' },
  'PRIVATE LIVE': { participant: 'value', host: 'value', admin: 'value', others: 'nothing' },
};

const ownId = ({ me, author }: Asking): string => me.session?.userId ?? author.actor.id;
const ownSession = ({ me, author }: Asking): string => (me.session ?? author.actor.signedIn).sessionId;
const eventId = ({ eventId }: Asking): string => eventId;

/** Every query: who gets what. `node` is told by type below. */
export const queries: Readonly<Record<string, ReadRow>> = {
  mySessions: {
    field: 'mySessions',
    selection: '{ id }',
    about: ownSession,
    verdicts: { 'PUBLIC LIVE': { guest: 'UNAUTHENTICATED', others: 'value' } },
  },
  node: { field: 'node(id: $id)', selection: '{ id }', about: eventId, verdicts: events },
  user: {
    field: 'user(id: $id)',
    selection: '{ id }',
    about: ({ author }) => author.actor.id,
    verdicts: { 'PUBLIC LIVE': everybody },
  },
  userByName: {
    field: 'userByName(username: $name)',
    selection: '{ id }',
    about: ({ as }) => as.host.id,
    verdicts: { 'PUBLIC LIVE': everybody },
  },
  users: {
    field: 'users(search: "author", first: 100)',
    selection: '{ edges { node { id } } }',
    about: ({ author }) => author.actor.id,
    verdicts: { 'PUBLIC LIVE': everybody },
  },
  videoEvent: { field: 'videoEvent(id: $id)', selection: '{ id }', about: eventId, verdicts: events },
  videoEvents: {
    field: 'videoEvents(first: 100)',
    selection: '{ edges { node { id } } }',
    about: eventId,
    verdicts: { ...events, 'UNLISTED LIVE': insiders },
  },
  'videoEvents of their own': {
    field: 'videoEvents(first: 100, filter: { mine: true })',
    selection: '{ edges { node { id } } }',
    about: eventId,
    verdicts: {
      'PUBLIC LIVE': { guest: 'UNAUTHENTICATED', moderator: 'value', host: 'value', others: 'nothing' },
      'PRIVATE DRAFT': { guest: 'UNAUTHENTICATED', moderator: 'value', host: 'value', others: 'nothing' },
    },
  },
  viewer: {
    field: 'viewer',
    selection: '{ id }',
    about: ownId,
    verdicts: { 'PUBLIC LIVE': { guest: 'nothing', others: 'value' } },
  },
};

const node = (about: ReadRow['about'], verdicts: ReadRow['verdicts']): ReadRow => ({
  field: 'node(id: $id)',
  selection: '{ id }',
  about,
  verdicts,
});

/** Every type of Node: who reaches one through `node`. The place and what was done in it are the participant's. */
export const nodes: Readonly<Record<string, ReadRow>> = {
  EngagementLog: node(({ engagementId }) => engagementId, places),
  Goal: node(({ goalId }) => goalId, talk),
  Message: node(({ messageId }) => messageId, talk),
  ModerationAction: node(({ actionId }) => actionId, kept),
  Participant: node(({ participantId }) => participantId, places),
  Question: node(({ questionId }) => questionId, talk),
  'Question that waits for approval': node(({ pendingQuestionId }) => pendingQuestionId, {
    'PUBLIC LIVE': insiders,
    'UNLISTED LIVE': insiders,
    'PRIVATE LIVE': insiders,
    'PUBLIC ENDED': insiders,
  }),
  Poll: node(({ pollId }) => pollId, talk),
  'Poll that is a draft': node(({ draftPollId }) => draftPollId, kept),
  PollChoice: node(({ choiceId }) => choiceId, talk),
  Prediction: node(({ predictionId }) => predictionId, talk),
  PredictionOutcome: node(({ outcomeId }) => outcomeId, talk),
  ReportedMessage: node(({ reportedMessageId }) => reportedMessageId, kept),
  Perk: node(({ perkId }) => perkId, { 'PUBLIC LIVE': everybody, 'PRIVATE LIVE': everybody }),
  Redemption: node(({ redemptionId }) => redemptionId, { 'PUBLIC LIVE': insiders, 'PRIVATE LIVE': insiders }),
  RewardRule: node(({ rewardRuleId }) => rewardRuleId, talk),
  Reward: node(({ rewardId }) => rewardId, paid),
  Sanction: node(({ sanctionId }) => sanctionId, kept),
  Session: node(({ author }) => author.actor.signedIn.sessionId, {
    'PUBLIC LIVE': { admin: 'value', others: 'nothing' },
  }),
  'Session of their own': node(ownSession, { 'PUBLIC LIVE': { guest: 'nothing', others: 'value' } }),
  User: node(({ author }) => author.actor.id, { 'PUBLIC LIVE': everybody }),
  VideoEvent: node(eventId, events),
  Wallet: node(({ walletId }) => walletId, paid),
};

export interface SubscriptionRow {
  /** The field with its arguments, `$id` for the event and `$after` for where its feed began. */
  field: string;
  /** `live`, or the code of the refusal. */
  verdicts: Readonly<Partial<Record<Scene, Verdicts>>>;
}

const follows: Verdicts = { others: 'live' };
const followsUnlessBanned: Verdicts = { banned: 'SANCTIONED', others: 'live' };
const followsInside: Verdicts = {
  participant: 'live',
  moderator: 'live',
  host: 'live',
  admin: 'live',
  others: 'NOT_FOUND',
};

const followsEvents: SubscriptionRow['verdicts'] = {
  'PUBLIC LIVE': followsUnlessBanned,
  'PUBLIC ENDED': followsUnlessBanned,
  'UNLISTED LIVE': followsUnlessBanned,
  'PRIVATE LIVE': followsInside,
  'PUBLIC DRAFT': { ...followsInside, participant: 'NOT_FOUND' },
  'PRIVATE DRAFT': { ...followsInside, participant: 'NOT_FOUND' },
};

/** Every subscription: who follows it, over WebSocket and over SSE. */
export const subscriptions: Readonly<Record<string, SubscriptionRow>> = {
  leaderboard: { field: 'leaderboard(eventId: $id)', verdicts: followsEvents },
  myFeed: {
    field: 'myFeed(after: $after)',
    verdicts: { 'PUBLIC LIVE': { guest: 'UNAUTHENTICATED', others: 'live' } },
  },
  scheduleFeed: { field: 'scheduleFeed(after: $after)', verdicts: { 'PUBLIC LIVE': follows } },
  videoEventFeed: { field: 'videoEventFeed(eventId: $id, after: $after)', verdicts: followsEvents },
  videoEventPulse: { field: 'videoEventPulse(eventId: $id)', verdicts: followsEvents },
};

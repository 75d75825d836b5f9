import type { Stage } from './stage.ts';
import type { Verdicts } from './viewers.ts';

export interface TypeRow {
  /** Where an object of the type is found in an answer to `query($id: ID!)`, with `SELECTION` for what is asked of it. */
  path: string;
  about: (stage: Stage) => string;
  /** `value`, `null`, for a connection how many nodes there are, or `hidden` where the viewer does not reach the object. */
  fields: Readonly<Record<string, Verdicts>>;
}

const always: Verdicts = { others: 'value' };
const never: Verdicts = { others: 'null' };
/** What the participant's place leads to: they themselves, and who keeps the event. */
const place: Verdicts = { participant: 'value', moderator: 'value', host: 'value', admin: 'value', others: 'hidden' };
const placeNull: Verdicts = { ...place, participant: 'null', moderator: 'null', host: 'null', admin: 'null' };
const kept: Verdicts = { moderator: 'value', host: 'value', admin: 'value', others: 'hidden' };
const keptNull: Verdicts = { moderator: 'null', host: 'null', admin: 'null', others: 'hidden' };
/** What is the user's own, and administrators'. */
const personal: Verdicts = { participant: 'value', admin: 'value', others: 'null' };

/** What is told to whoever may follow the event. */
const replays: Verdicts = { banned: 'hidden', others: 'value' };
/** Points are their owner's and the host's. */
const paid: Verdicts = { participant: 'value', host: 'value', admin: 'value', others: 'hidden' };

/** What came of the show, for who runs it. */
const results: Verdicts = { host: 'value', admin: 'value', others: 'hidden' };
const resultsNull: Verdicts = { host: 'null', admin: 'null', others: 'hidden' };

/** The day before and the day after: all that happens here is within. */
const [yesterday, tomorrow] = [-1, 1].map((days) => new Date(Date.now() + days * 86_400_000).toISOString());
const analytics = `analytics(from: "${yesterday}", to: "${tomorrow}", bucketSeconds: 86400)`;

const node = (type: string) => `node(id: $id) { ... on ${type} SELECTION }`;

/** Every field of what can be read, in a public event that has ended: it has a value of everything. */
export const fields: Readonly<Record<string, TypeRow>> = {
  ChatSettings: {
    path: 'videoEvent(id: $id) { chatSettings SELECTION }',
    about: ({ eventId }) => eventId,
    fields: {
      blockedWords: { moderator: 'value', host: 'value', admin: 'value', others: 'null' },
      closed: always,
      emoteOnly: always,
      participantsOnly: always,
      slowModeSeconds: always,
      unique: always,
    },
  },
  EngagementBucket: {
    path: `videoEvent(id: $id) { ${analytics} { engagements SELECTION } }`,
    about: ({ eventId }) => eventId,
    fields: { count: results, engagementType: results, from: results },
  },
  EngagementLog: {
    path: node('EngagementLog'),
    about: ({ engagementId }) => engagementId,
    fields: {
      count: place,
      createdAt: place,
      emoji: placeNull,
      engagementTime: place,
      engagementType: place,
      event: place,
      id: place,
      participant: place,
      payload: placeNull,
      subject: place,
      updatedAt: place,
    },
  },
  EventInvite: {
    path: 'node(id: $id) { ... on VideoEvent { invites { edges { node SELECTION } } } }',
    about: ({ eventId }) => eventId,
    fields: {
      createdAt: { host: 'value', admin: 'value', others: 'hidden' },
      user: { host: 'value', admin: 'value', others: 'hidden' },
    },
  },
  FeedPageInfo: {
    path: 'videoEvent(id: $id) { feed { pageInfo SELECTION } }',
    about: ({ eventId }) => eventId,
    fields: { endCursor: replays, hasNextPage: replays },
  },
  Goal: {
    path: node('Goal'),
    about: ({ goalId }) => goalId,
    fields: {
      closedAt: always,
      createdAt: always,
      eventId: always,
      id: always,
      levels: always,
      metric: always,
      progress: always,
      status: always,
      title: always,
      updatedAt: always,
    },
  },
  GoalLevel: {
    path: 'node(id: $id) { ... on Goal { levels SELECTION } }',
    about: ({ goalId }) => goalId,
    fields: { level: always, points: always, reachedAt: never, target: always },
  },
  Message: {
    path: node('Message'),
    about: ({ ownMessageId }) => ownMessageId,
    fields: {
      author: always,
      eventId: always,
      id: always,
      removedBy: never,
      replyToId: always,
      sentAt: always,
      sequence: always,
      text: always,
    },
  },
  'Message that was removed': {
    path: node('Message'),
    about: ({ removedMessageId }) => removedMessageId,
    fields: {
      author: always,
      eventId: always,
      id: always,
      removedBy: always,
      replyToId: never,
      sentAt: always,
      sequence: always,
      text: never,
    },
  },
  MessageReport: {
    path: 'node(id: $id) { ... on ReportedMessage { reports { edges { node SELECTION } } } }',
    about: ({ reportedMessageId }) => reportedMessageId,
    fields: { createdAt: kept, reason: kept, reporter: kept },
  },
  ModerationAction: {
    path: node('ModerationAction'),
    about: ({ actionId }) => actionId,
    fields: {
      actor: kept,
      createdAt: kept,
      id: kept,
      kind: kept,
      messageId: keptNull,
      questionId: keptNull,
      pollId: keptNull,
      predictionId: keptNull,
      reason: kept,
      user: kept,
    },
  },
  Participant: {
    path: node('Participant'),
    about: ({ participantId }) => participantId,
    fields: {
      createdAt: place,
      // To have joined, said something, asked twice, voted and staked.
      engagements: { participant: '6', moderator: '6', host: '6', admin: '6', others: 'hidden' },
      event: place,
      id: place,
      joinedAt: place,
      leftAt: { participant: 'null', moderator: 'null', host: 'null', admin: 'null', others: 'hidden' },
      remindersMuted: { participant: 'value', moderator: 'null', host: 'null', admin: 'value', others: 'hidden' },
      updatedAt: place,
      user: place,
    },
  },
  Poll: {
    path: node('Poll'),
    about: ({ pollId }) => pollId,
    fields: {
      changeable: always,
      choices: always,
      closedAt: always,
      closesAt: always,
      createdAt: always,
      durationSeconds: always,
      eventId: always,
      id: always,
      maxChoices: always,
      openedAt: always,
      results: always,
      status: always,
      tally: always,
      title: always,
      updatedAt: always,
      viewerBallot: { participant: 'value', others: 'null' },
    },
  },
  PollBallot: {
    path: 'node(id: $id) { ... on Poll { viewerBallot SELECTION } }',
    about: ({ pollId }) => pollId,
    fields: {
      choiceIds: { participant: 'value', others: 'hidden' },
      votedAt: { participant: 'value', others: 'hidden' },
    },
  },
  PollChoice: { path: node('PollChoice'), about: ({ choiceId }) => choiceId, fields: { id: always, text: always } },
  PollChoiceTally: {
    path: 'node(id: $id) { ... on Poll { tally { choices SELECTION } } }',
    about: ({ pollId }) => pollId,
    fields: { choiceId: always, votes: always },
  },
  PollTally: {
    path: 'node(id: $id) { ... on Poll { tally SELECTION } }',
    about: ({ pollId }) => pollId,
    fields: { ballots: always, choices: always, pollId: always },
  },
  Perk: {
    path: node('Perk'),
    about: ({ perkId }) => perkId,
    fields: {
      archivedAt: never,
      cooldownSeconds: always,
      cost: always,
      createdAt: always,
      description: always,
      host: always,
      id: always,
      maxPerEvent: never,
      maxPerUser: never,
      stock: never,
      title: always,
      updatedAt: always,
    },
  },
  Prediction: {
    path: node('Prediction'),
    about: ({ predictionId }) => predictionId,
    fields: {
      createdAt: always,
      eventId: always,
      id: always,
      lockedAt: always,
      locksAt: always,
      outcomes: always,
      settledAt: never,
      status: always,
      title: always,
      totals: always,
      updatedAt: always,
      viewerStake: { participant: 'value', others: 'null' },
      winningOutcome: never,
    },
  },
  PredictionOutcome: {
    path: node('PredictionOutcome'),
    about: ({ outcomeId }) => outcomeId,
    fields: { id: always, title: always },
  },
  PredictionOutcomeTotal: {
    path: 'node(id: $id) { ... on Prediction { totals { outcomes SELECTION } } }',
    about: ({ predictionId }) => predictionId,
    fields: { outcomeId: always, points: always, stakers: always },
  },
  PredictionStake: {
    path: 'node(id: $id) { ... on Prediction { viewerStake SELECTION } }',
    about: ({ predictionId }) => predictionId,
    fields: {
      outcomeId: { participant: 'value', others: 'hidden' },
      paidAt: { participant: 'null', others: 'hidden' },
      payout: { participant: 'null', others: 'hidden' },
      points: { participant: 'value', others: 'hidden' },
      stakedAt: { participant: 'value', others: 'hidden' },
    },
  },
  PredictionTotals: {
    path: 'node(id: $id) { ... on Prediction { totals SELECTION } }',
    about: ({ predictionId }) => predictionId,
    fields: { outcomes: always, pot: always, predictionId: always, stakers: always },
  },
  Profile: {
    path: 'node(id: $id) { ... on Message { author SELECTION } }',
    about: ({ messageId }) => messageId,
    fields: { avatarUrl: always, displayName: always, userId: always, username: always },
  },
  Question: {
    path: node('Question'),
    about: ({ ownQuestionId }) => ownQuestionId,
    fields: {
      anonymous: always,
      answer: always,
      answeredAt: always,
      askedAt: always,
      author: always,
      eventId: always,
      id: always,
      status: always,
      text: always,
      viewerUpvoted: always,
      votes: always,
    },
  },
  'Question of somebody anonymous': {
    path: node('Question'),
    about: ({ questionId }) => questionId,
    fields: {
      anonymous: always,
      answer: never,
      answeredAt: never,
      askedAt: always,
      author: { moderator: 'value', host: 'value', admin: 'value', others: 'null' },
      eventId: always,
      id: always,
      status: always,
      text: always,
      viewerUpvoted: always,
      votes: always,
    },
  },
  ReactionTally: {
    path: 'videoEvent(id: $id) { reactions SELECTION }',
    about: ({ eventId }) => eventId,
    fields: { emoji: always, total: always },
  },
  ReportedMessage: {
    path: node('ReportedMessage'),
    about: ({ reportedMessageId }) => reportedMessageId,
    fields: {
      firstReportedAt: kept,
      id: kept,
      message: kept,
      reportCount: kept,
      reports: { moderator: '1', host: '1', admin: '1', others: 'hidden' },
      resolution: keptNull,
      resolutionReason: keptNull,
      resolvedAt: keptNull,
      resolvedBy: keptNull,
      status: kept,
    },
  },
  Redemption: {
    path: node('Redemption'),
    about: ({ redemptionId }) => redemptionId,
    fields: {
      eventId: place,
      id: place,
      note: place,
      perk: place,
      points: place,
      redeemedAt: place,
      settledAt: { participant: 'null', moderator: 'null', host: 'null', admin: 'null', others: 'hidden' },
      status: place,
      user: place,
    },
  },
  RetentionBucket: {
    path: `videoEvent(id: $id) { ${analytics} { retention SELECTION } }`,
    about: ({ eventId }) => eventId,
    fields: { from: results, remaining: results, share: results },
  },
  Reward: {
    path: node('Reward'),
    about: ({ rewardId }) => rewardId,
    fields: {
      actor: paid,
      createdAt: paid,
      eventId: paid,
      id: paid,
      kind: paid,
      points: paid,
      reason: paid,
      timestamp: paid,
      updatedAt: paid,
      user: paid,
      wallet: paid,
    },
  },
  Sanction: {
    path: node('Sanction'),
    about: ({ sanctionId }) => sanctionId,
    fields: {
      event: kept,
      id: kept,
      imposedAt: kept,
      imposedBy: kept,
      kind: kept,
      liftedAt: keptNull,
      reason: kept,
      until: keptNull,
      user: kept,
    },
  },
  SanctionTerms: {
    path: 'videoEvent(id: $id) { viewerSanction SELECTION }',
    about: ({ eventId }) => eventId,
    fields: {
      kind: { banned: 'value', others: 'hidden' },
      reason: { banned: 'value', others: 'hidden' },
      until: { banned: 'null', others: 'hidden' },
    },
  },
  Session: {
    path: node('Session'),
    about: ({ as }) => as.participant.signedIn.sessionId,
    fields: {
      createdAt: { participant: 'value', admin: 'value', others: 'hidden' },
      current: { participant: 'value', admin: 'value', others: 'hidden' },
      device: { participant: 'value', admin: 'value', others: 'hidden' },
      expiresAt: { participant: 'value', admin: 'value', others: 'hidden' },
      id: { participant: 'value', admin: 'value', others: 'hidden' },
      lastUsedAt: { participant: 'value', admin: 'value', others: 'hidden' },
    },
  },
  TopParticipant: {
    path: `videoEvent(id: $id) { ${analytics} { topParticipants SELECTION } }`,
    about: ({ eventId }) => eventId,
    fields: { engagements: results, profile: results },
  },
  User: {
    path: node('User'),
    about: ({ as }) => as.participant.id,
    fields: {
      avatarUrl: always,
      createdAt: always,
      displayName: always,
      email: personal,
      emailVerifiedAt: personal,
      feedCursor: { participant: 'value', others: 'null' },
      id: always,
      participations: { participant: '1', moderator: '1', host: '1', admin: '1', others: '0' },
      remindersOn: personal,
      perks: { others: '0' },
      redemptions: { participant: '1', moderator: '1', host: '1', admin: '1', others: '0' },
      rewards: { participant: '3', host: '3', admin: '3', others: '0' },
      role: always,
      updatedAt: always,
      username: always,
      wallets: { participant: '1', host: '1', admin: '1', others: '0' },
    },
  },
  VideoEvent: {
    path: 'videoEvent(id: $id) SELECTION',
    about: ({ eventId }) => eventId,
    fields: {
      allowedReactions: always,
      analytics: { host: 'value', admin: 'value', others: 'null' },
      capacity: always,
      chatSettings: always,
      coverImageUrl: always,
      createdAt: always,
      description: always,
      endedAt: always,
      // To have joined, what was said and asked, a vote, a stake and a reaction.
      engagements: { participant: '6', banned: '1', moderator: '12', host: '12', admin: '12', others: '0' },
      feed: { banned: 'null', others: 'value' },
      feedCursor: always,
      goals: { others: '1' },
      host: always,
      id: always,
      invites: { host: '2', admin: '2', others: '0' },
      messages: { others: '3' },
      moderationLog: { moderator: '9', host: '9', admin: '9', others: '0' },
      moderators: always,
      participantCount: always,
      participants: { participant: '1', banned: '1', moderator: '3', host: '3', admin: '3', others: '0' },
      pinnedMessage: always,
      pinnedQuestion: always,
      polls: { moderator: '2', host: '2', admin: '2', others: '1' },
      predictions: { others: '1' },
      presentParticipants: { others: '0' },
      questions: { participant: '3', moderator: '3', host: '3', admin: '3', others: '2' },
      questionsPreModerated: always,
      reactions: always,
      reportedMessages: { moderator: '1', host: '1', admin: '1', others: '0' },
      redemptions: { participant: '1', moderator: '1', host: '1', admin: '1', others: '0' },
      rewards: { participant: '3', host: '3', admin: '3', others: '0' },
      sanctions: { moderator: '1', host: '1', admin: '1', others: '0' },
      scheduledAt: always,
      slowModeSeconds: always,
      startedAt: always,
      status: always,
      streamUrl: always,
      title: always,
      updatedAt: always,
      viewerCount: always,
      viewerParticipation: { participant: 'value', banned: 'value', others: 'null' },
      viewerSanction: { banned: 'value', others: 'null' },
      viewerStanding: always,
      viewerWaitlistEntry: { participant: 'value', others: 'null' },
      visibility: always,
      waitlist: { moderator: '1', host: '1', admin: '1', others: '0' },
      waitlistCount: always,
    },
  },
  VideoEventFeedPage: {
    path: 'videoEvent(id: $id) { feed SELECTION }',
    about: ({ eventId }) => eventId,
    fields: { items: replays, pageInfo: replays },
  },
  VideoEventAnalytics: {
    path: `videoEvent(id: $id) { ${analytics} SELECTION }`,
    about: ({ eventId }) => eventId,
    fields: {
      bucketSeconds: results,
      engagements: results,
      from: results,
      messages: results,
      peakViewers: resultsNull,
      retention: results,
      secondsWatched: results,
      to: results,
      topParticipants: results,
      uniqueParticipants: results,
      viewers: results,
    },
  },
  WaitlistEntry: {
    path: 'node(id: $id) { ... on VideoEvent { waitlist { edges { node SELECTION } } } }',
    about: ({ eventId }) => eventId,
    fields: { offeredUntil: kept, status: kept, user: kept, waitingSince: kept },
  },
  ViewerWaitlistEntry: {
    path: 'videoEvent(id: $id) { viewerWaitlistEntry SELECTION }',
    about: ({ eventId }) => eventId,
    fields: {
      offeredUntil: { participant: 'null', others: 'hidden' },
      position: { participant: 'null', others: 'hidden' },
      status: { participant: 'value', others: 'hidden' },
      waitingSince: { participant: 'value', others: 'hidden' },
    },
  },
  ViewerBucket: {
    path: `videoEvent(id: $id) { ${analytics} { viewers SELECTION } }`,
    about: ({ eventId }) => eventId,
    fields: { average: resultsNull, from: results, peak: resultsNull },
  },
  Wallet: {
    path: node('Wallet'),
    about: ({ walletId }) => walletId,
    fields: { balance: paid, createdAt: paid, host: paid, id: paid, updatedAt: paid, user: paid },
  },
  'VideoEvent by way of node': {
    path: 'node(id: $id) { ... on VideoEvent SELECTION }',
    about: ({ eventId }) => eventId,
    fields: { feedCursor: never, invites: { host: '2', admin: '2', others: '0' }, streamUrl: always },
  },
};

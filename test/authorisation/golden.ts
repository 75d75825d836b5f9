/** Who gets an item: everybody who sees the event, its host and moderators, or one person who is none of the readers. */
export type Audience = 'everybody' | 'keepers' | 'bob';

export interface GoldenItem {
  to: Audience;
  /** All of the item but `cursor`; ids by the names of `readable`, every instant as `time`, and offsets in a stream as `offset`. */
  item: Record<string, unknown>;
}

const profile = (name: string) => ({
  userId: `User ${name}`,
  username: name,
  displayName: name,
  avatarUrl: `https://pictures.example.test/${name}.png`,
});

const deleted = (name: string) => ({
  userId: `User ${name}`,
  username: 'deleted',
  displayName: 'deleted user',
  avatarUrl: null,
});

const show = {
  eventId: 'VideoEvent 1',
  title: 'A show',
  description: 'To be seen.',
  streamUrl: 'https://stream.example.test/live.m3u8',
  coverImageUrl: null,
  scheduledAt: 'time',
  status: 'SCHEDULED',
  visibility: 'PUBLIC',
  startedAt: null,
  endedAt: null,
  capacity: null,
  slowModeSeconds: 0,
  questionsPreModerated: false,
  allowedReactions: ['❤️', '👏', '😂', '😮', '🎉', '🔥'],
};
const poll = {
  pollId: 'Poll 1',
  title: 'Which song?',
  status: 'OPEN',
  choices: [
    { choiceId: 'PollChoice 1', text: 'Blue' },
    { choiceId: 'PollChoice 2', text: 'Green' },
  ],
  maxChoices: 1,
  changeable: false,
  results: 'ALWAYS',
  openedAt: 'time',
  closesAt: null,
  closedAt: null,
};
const tally = {
  pollId: 'Poll 1',
  ballots: 1,
  choices: [
    { choiceId: 'PollChoice 1', votes: 0 },
    { choiceId: 'PollChoice 2', votes: 1 },
  ],
};
const prediction = (place: number, more: object = {}) => ({
  predictionId: `Prediction ${place}`,
  title: 'Who wins?',
  status: 'OPEN',
  outcomes: ['Red', 'Green'].map((title, at) => ({ outcomeId: `PredictionOutcome ${2 * place - 1 + at}`, title })),
  locksAt: null,
  lockedAt: null,
  settledAt: null,
  winningOutcomeId: null,
  ...more,
});
const locked = { status: 'LOCKED', lockedAt: 'time' };
const resolved = { status: 'RESOLVED', lockedAt: 'time', settledAt: 'time', winningOutcomeId: 'PredictionOutcome 2' };
const totals = {
  predictionId: 'Prediction 1',
  pot: 5,
  stakers: 1,
  outcomes: [
    { outcomeId: 'PredictionOutcome 1', points: 0, stakers: 0 },
    { outcomeId: 'PredictionOutcome 2', points: 5, stakers: 1 },
  ],
};
const goal = (place: number, more: object = {}) => ({
  goalId: `Goal ${place}`,
  title: 'To talk',
  metric: 'MESSAGES',
  status: 'OPEN',
  progress: 0,
  levels: [{ level: 1, target: 1, points: 0 }],
  ...more,
});
const taken = (place: number) => ({
  redemptionId: `Redemption ${place}`,
  eventId: 'VideoEvent 1',
  perkId: 'Perk 1',
  title: 'A song',
  points: 10,
});
const renamed = { ...show, title: 'Another show', questionsPreModerated: true };
const live = { ...renamed, status: 'LIVE', startedAt: 'time' };

/**
 * What the script of redaction.test.ts states, in order. `now`: as it is told the moment it happens; otherwise as it is told to
 * whoever reads it after the end, when texts were removed and carol has deleted her account.
 */
export function golden({ now }: { now: boolean }): GoldenItem[] {
  const [host, moderator, bob, dora] = ['host', 'moderator', 'bob', 'dora'].map(profile);
  const carol = (now ? profile : deleted)('carol');
  const message = (place: number, sequence: number, author: unknown, text: string, more: object = {}) => ({
    id: `Message ${place}`,
    eventId: 'VideoEvent 1',
    text,
    removedBy: null,
    author,
    replyToId: null,
    sequence,
    sentAt: 'time',
    ...more,
  });
  const removed = (by: string) => (now ? {} : { text: null, removedBy: by });
  const hello = message(1, 6, carol, 'Hello', removed('AUTHOR'));
  const answer = message(2, 7, bob, 'Hello to you', { replyToId: 'Message 1' });
  const rude = message(3, 13, bob, 'Something rude', removed('MODERATOR'));

  const question = (place: number, author: unknown, text: string, more: object = {}) => ({
    questionId: `Question ${place}`,
    eventId: 'VideoEvent 1',
    text,
    author,
    status: 'APPROVED',
    votes: 0,
    answer: null,
    askedAt: 'time',
    answeredAt: null,
    ...more,
  });
  const gone = (status: string) => (now ? {} : { text: null, status });
  const why = question(1, bob, 'Why?');
  const mayI = question(5, bob, 'May I?', { status: 'PENDING' });

  const items: [Audience, string, Record<string, unknown>][] = [
    ['keepers', 'ParticipantJoined', { participantId: 'Participant 1', user: carol, firstTime: true }],
    ['everybody', 'MessageSent', { message: hello }],
    ['everybody', 'MessageSent', { message: answer }],
    ['everybody', 'MessagePinned', { message: answer }],
    ['everybody', 'MessageUnpinned', { messageId: 'Message 2' }],
    ['everybody', 'MessagePinned', { message: hello }],
    ['everybody', 'MessageRemoved', { messageId: 'Message 1', removedBy: 'AUTHOR' }],
    ['everybody', 'MessageUnpinned', { messageId: 'Message 1' }],
    ['everybody', 'MessageSent', { message: rude }],
    ['everybody', 'MessageRemoved', { messageId: 'Message 3', removedBy: 'MODERATOR' }],
    ['everybody', 'QuestionAsked', { question: why }],
    ['everybody', 'QuestionAsked', { question: question(2, null, 'Who am I?') }],
    ['everybody', 'QuestionVotesChanged', { tallies: [{ questionId: 'Question 2', votes: 1 }] }],
    ['everybody', 'QuestionPinned', { question: why }],
    ['everybody', 'QuestionUnpinned', { questionId: 'Question 1' }],
    [
      'everybody',
      'QuestionAnswered',
      { question: { ...why, status: 'ANSWERED', answer: 'Because.', answeredAt: 'time' } },
    ],
    ['everybody', 'QuestionAsked', { question: question(3, carol, 'What did I say?', gone('WITHDRAWN')) }],
    ['everybody', 'QuestionWithdrawn', { questionId: 'Question 3' }],
    ['everybody', 'QuestionAsked', { question: question(4, bob, 'Something rude?', gone('DISMISSED')) }],
    ['everybody', 'QuestionDismissed', { questionId: 'Question 4' }],
    ['everybody', 'ModeratorAppointed', { moderator: carol }],
    ['everybody', 'ModeratorDismissed', { moderator: carol }],
    ['keepers', 'UserInvited', { user: dora }],
    ['keepers', 'UserUninvited', { user: dora }],
    [
      'keepers',
      'SanctionImposed',
      { eventId: 'VideoEvent 1', user: dora, sanction: { kind: 'TIMEOUT', reason: 'too loud', until: 'time' } },
    ],
    ['keepers', 'SanctionLifted', { eventId: 'VideoEvent 1', user: dora }],
    [
      'everybody',
      'ChatSettingsChanged',
      {
        eventId: 'VideoEvent 1',
        slowModeSeconds: 0,
        participantsOnly: true,
        unique: true,
        emoteOnly: false,
        closed: false,
      },
    ],
    [
      'keepers',
      'MessageReported',
      { messageId: 'Message 2', reporter: carol, reportReason: 'off topic', reportCount: 1 },
    ],
    [
      'keepers',
      'ReportsResolved',
      { messageId: 'Message 2', resolvedBy: moderator, resolution: 'DISMISSED', resolutionReason: 'it is not' },
    ],
    ['keepers', 'ParticipantLeft', { participantId: 'Participant 1', user: carol }],
    ['everybody', 'VideoEventUpdated', { event: renamed, host }],
    ['keepers', 'QuestionAsked', { question: mayI }],
    ['bob', 'QuestionAsked', { question: mayI }],
    ['everybody', 'QuestionApproved', { question: { ...mayI, status: 'APPROVED' } }],
    ['everybody', 'VideoEventWentLive', { event: live, host }],
    ['everybody', 'VideoEventInterrupted', { event: { ...live, status: 'INTERRUPTED' }, host }],
    ['everybody', 'VideoEventResumed', { event: live, host }],
    ['keepers', 'ParticipantJoined', { participantId: 'Participant 1', user: carol, firstTime: false }],
    ['everybody', 'MessageSent', { message: message(4, 43, carol, 'Farewell') }],
    ['everybody', 'ProfileDeleted', { userId: 'User carol' }],
    ['everybody', 'PollOpened', { poll }],
    ['everybody', 'PollClosed', { poll: { ...poll, status: 'CLOSED', closedAt: 'time' }, tally }],
    ['everybody', 'PollArchived', { pollId: 'Poll 1' }],
    ['keepers', 'PerkRedeemed', { ...taken(1), user: bob, note: 'Please' }],
    ['keepers', 'RedemptionFulfilled', taken(1)],
    ['keepers', 'PerkRedeemed', { ...taken(2), user: bob, note: 'Please' }],
    ['keepers', 'RedemptionCancelled', taken(2)],
    ['everybody', 'PredictionOpened', { prediction: prediction(1) }],
    ['everybody', 'PredictionLocked', { prediction: prediction(1, locked), totals }],
    ['everybody', 'PredictionResolved', { prediction: prediction(1, resolved), totals }],
    ['everybody', 'PredictionOpened', { prediction: prediction(2) }],
    ['everybody', 'PredictionCancelled', { prediction: prediction(2, { status: 'CANCELLED', settledAt: 'time' }) }],
    ['everybody', 'GoalSet', { goal: goal(1) }],
    ['everybody', 'MessageSent', { message: message(5, 58, bob, 'Good night') }],
    ['everybody', 'GoalReached', { goalId: 'Goal 1', title: 'To talk', level: 1, target: 1, points: 0 }],
    ['everybody', 'GoalSet', { goal: goal(2) }],
    ['everybody', 'GoalClosed', { goal: goal(2, { status: 'CANCELLED' }) }],
    ['everybody', 'ReactionsCounted', { tallies: [{ emoji: '👏', count: 3, total: 3 }] }],
    ['everybody', 'VideoEventEnded', { event: { ...live, status: 'ENDED', endedAt: 'time' }, host }],
  ];
  const firstSequence = 5;
  const onAir = items.findIndex(([, type]) => type === 'VideoEventWentLive');
  return items.map(([to, __typename, content], place) => ({
    to,
    item: {
      __typename,
      ...content,
      sequence: firstSequence + place,
      occurredAt: 'time',
      streamOffset: place < onAir ? null : 'offset',
    },
  }));
}

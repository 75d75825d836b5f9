import { randomBytes } from 'node:crypto';
import { issueMailToken } from '../../src/accounts/mail-tokens.ts';
import { type Actor, testPassword } from '../actor.ts';
import type { Scene, Stage } from './stage.ts';
import type { Verdicts, Viewer } from './viewers.ts';

/** Who asks, and where. */
export interface Asking extends Stage {
  viewer: Viewer;
  me: Actor;
}

export interface MutationRow {
  /** Null: the mutation takes none. */
  input: null | ((asking: Asking) => object | Promise<object>);
  /** Whoever does it leaves nothing to do for the next: each gets an event and people of their own. @default false */
  usesUp?: true;
  /** `ok`, or the code of the refusal, in each scene that matters. */
  verdicts: Readonly<Partial<Record<Scene, Verdicts>>>;
}

const guest = 'UNAUTHENTICATED';

/** Concerns nobody but the viewer. */
const signedIn: Verdicts = { guest, others: 'ok' };
const everybody: Verdicts = { others: 'ok' };

/** For the host and admins, in an event that everybody sees, that only insiders see, that is a draft, that is past it. */
const runs: Verdicts = { guest, host: 'ok', admin: 'ok', others: 'FORBIDDEN' };
const runsPrivate: Verdicts = { ...runs, stranger: 'NOT_FOUND', otherHost: 'NOT_FOUND' };
const runsDraft: Verdicts = { ...runs, moderator: 'FORBIDDEN', others: 'NOT_FOUND' };
const tooLate: Verdicts = { ...runs, host: 'ILLEGAL_TRANSITION', admin: 'ILLEGAL_TRANSITION' };

/** For moderators, too. */
const keeps: Verdicts = { ...runs, moderator: 'ok' };
const keepsPrivate: Verdicts = { ...runsPrivate, moderator: 'ok' };

/** For participants, in a draft. */
const opensLater: Verdicts = {
  guest,
  moderator: 'EVENT_NOT_OPEN',
  host: 'EVENT_NOT_OPEN',
  admin: 'EVENT_NOT_OPEN',
  others: 'NOT_FOUND',
};

const keepsEverywhere = {
  'PUBLIC LIVE': keeps,
  'PRIVATE LIVE': keepsPrivate,
  'PUBLIC DRAFT': { ...runsDraft, moderator: 'ok' },
};
const everywhere = { 'PUBLIC LIVE': runs, 'PRIVATE LIVE': runsPrivate, 'PUBLIC DRAFT': runsDraft };

/** What nobody knows of but those who keep the event. */
const keepsHidden: Verdicts = { guest, moderator: 'ok', host: 'ok', admin: 'ok', others: 'NOT_FOUND' };
const draftPoll = {
  'PUBLIC LIVE': keepsHidden,
  'UNLISTED LIVE': keepsHidden,
  'PRIVATE LIVE': keepsHidden,
};
const keptButNotSo: Verdicts = { ...keeps, moderator: 'POLL_STATUS', host: 'POLL_STATUS', admin: 'POLL_STATUS' };
/** For those who keep it; open while the event is, locked once that is over. */
const aboutPrediction = ({ predictionId }: Asking) => ({ predictionId });
const predictedWrongly: Verdicts = {
  ...keeps,
  moderator: 'PREDICTION_STATUS',
  host: 'PREDICTION_STATUS',
  admin: 'PREDICTION_STATUS',
};
/** As `everywhere`; nobody has a place in a draft. */
const payable = {
  'PUBLIC LIVE': runs,
  'PRIVATE LIVE': runsPrivate,
  'PUBLIC DRAFT': { ...runsDraft, host: 'NOT_FOUND', admin: 'NOT_FOUND' },
};

const event = ({ eventId }: Asking) => ({ eventId });
const aboutAuthor = ({ eventId, author }: Asking) => ({ eventId, userId: author.actor.id });
const aboutPerk = ({ perkId }: Asking) => ({ perkId });
const aboutRule = ({ rewardRuleId }: Asking) => ({ ruleId: rewardRuleId });
const aboutRedemption = ({ redemptionId }: Asking) => ({ redemptionId });
/** Everybody knows of a perk; it is its host's to change. */
const ownPerk = { 'PUBLIC LIVE': runs, 'PRIVATE LIVE': runs };
/** Whoever sees the event knows of its rules; they are its host's to change. */
const ownRule = { 'PUBLIC LIVE': runs, 'PRIVATE LIVE': runsPrivate };
/** A redemption is its user's to know of, and those' who keep the event. */
const settling: Verdicts = { ...runs, participant: 'FORBIDDEN', moderator: 'FORBIDDEN', others: 'NOT_FOUND' };
const settles = { 'PUBLIC LIVE': settling, 'PRIVATE LIVE': settling };
const paysAuthor = (asking: Asking) => ({ ...aboutAuthor(asking), points: 1, reason: 'well done' });
const listingAuthor = ({ eventId, author }: Asking) => ({ eventId, userIds: [author.actor.id] });

/** A token as it would have been mailed to the author. */
const mailed = ({ server, author }: Asking, purpose: 'PASSWORD_RESET' | 'EMAIL_VERIFICATION') =>
  issueMailToken(server.app.db, purpose, { userId: author.viewer.id, email: author.email });

/** For those who hold a place, and the host, while the event is open. */
const takesPart: MutationRow['verdicts'] = {
  'PUBLIC LIVE': { guest, banned: 'SANCTIONED', participant: 'ok', host: 'ok', others: 'NOT_PARTICIPANT' },
  'PRIVATE LIVE': {
    guest,
    participant: 'ok',
    host: 'ok',
    moderator: 'NOT_PARTICIPANT',
    admin: 'NOT_PARTICIPANT',
    others: 'NOT_FOUND',
  },
  'PUBLIC ENDED': { guest, others: 'EVENT_NOT_OPEN' },
};

/** Every mutation: who may, who may not, and what they are told. */
export const mutations: Readonly<Record<string, MutationRow>> = {
  acceptOffer: {
    input: event,
    verdicts: {
      'PUBLIC LIVE': { guest, participant: 'ok', banned: 'SANCTIONED', others: 'NO_OFFER' },
      'PRIVATE LIVE': {
        guest,
        participant: 'ok',
        stranger: 'NOT_FOUND',
        otherHost: 'NOT_FOUND',
        others: 'NO_OFFER',
      },
      'PUBLIC DRAFT': opensLater,
      'PUBLIC ENDED': { guest, participant: 'ok', banned: 'SANCTIONED', others: 'EVENT_NOT_OPEN' },
    },
  },
  answerQuestion: {
    usesUp: true,
    input: ({ questionId }) => ({ questionId, answer: 'Because.' }),
    verdicts: { 'PUBLIC LIVE': keeps, 'PRIVATE LIVE': keepsPrivate, 'PUBLIC ENDED': keeps },
  },
  archivePoll: {
    usesUp: true,
    input: ({ pollId }) => ({ pollId }),
    verdicts: { 'PUBLIC ENDED': keeps, 'PRIVATE ENDED': keepsPrivate, 'PUBLIC LIVE': keptButNotSo },
  },
  appointModerator: { input: aboutAuthor, verdicts: everywhere },
  approveQuestion: {
    usesUp: true,
    input: ({ pendingQuestionId }) => ({ questionId: pendingQuestionId }),
    verdicts: {
      'PUBLIC LIVE': { ...keeps, participant: 'FORBIDDEN', others: 'NOT_FOUND' },
      'PRIVATE LIVE': keepsPrivate,
    },
  },
  askQuestion: {
    input: ({ eventId }) => ({ eventId, text: 'Is it late?' }),
    verdicts: {
      ...takesPart,
      'PUBLIC DRAFT': {
        guest,
        moderator: 'EVENT_NOT_OPEN',
        host: 'EVENT_NOT_OPEN',
        admin: 'EVENT_NOT_OPEN',
        others: 'NOT_FOUND',
      },
    },
  },
  archivePerk: { usesUp: true, input: aboutPerk, verdicts: ownPerk },
  archiveRewardRule: { usesUp: true, input: aboutRule, verdicts: ownRule },
  banUser: { usesUp: true, input: aboutAuthor, verdicts: keepsEverywhere },
  'banUser of the host': {
    input: ({ eventId, as }) => ({ eventId, userId: as.host.id }),
    verdicts: { 'PUBLIC LIVE': { guest, others: 'FORBIDDEN' } },
  },
  cancelGoal: {
    usesUp: true,
    input: ({ goalId }) => ({ goalId }),
    verdicts: {
      'PUBLIC LIVE': runs,
      'PRIVATE LIVE': runsPrivate,
      'PUBLIC ENDED': { ...runs, host: 'GOAL_STATUS', admin: 'GOAL_STATUS' },
    },
  },
  cancelPrediction: {
    usesUp: true,
    input: aboutPrediction,
    verdicts: { 'PUBLIC LIVE': keeps, 'PRIVATE LIVE': keepsPrivate, 'PUBLIC ENDED': keeps },
  },
  cancelRedemption: { usesUp: true, input: aboutRedemption, verdicts: settles },
  cancelVideoEvent: {
    usesUp: true,
    input: event,
    verdicts: {
      'PUBLIC SCHEDULED': runs,
      'PRIVATE SCHEDULED': runsPrivate,
      'PUBLIC DRAFT': runsDraft,
      'PUBLIC LIVE': tooLate,
    },
  },
  changePassword: {
    input: () => ({ currentPassword: testPassword, newPassword: 'another password' }),
    verdicts: { 'PUBLIC LIVE': signedIn },
  },
  changeRole: {
    input: ({ author }) => ({ userId: author.actor.id, role: 'HOST' }),
    verdicts: { 'PUBLIC LIVE': { guest, admin: 'ok', others: 'FORBIDDEN' } },
  },
  'changeRole of their own': {
    input: ({ viewer, me, author }) => ({ userId: viewer === 'guest' ? author.actor.id : me.id, role: 'ADMIN' }),
    verdicts: { 'PUBLIC LIVE': { guest, admin: 'ok', others: 'FORBIDDEN' } },
  },
  closePoll: {
    usesUp: true,
    input: ({ pollId }) => ({ pollId }),
    verdicts: { 'PUBLIC LIVE': keeps, 'PRIVATE LIVE': keepsPrivate, 'PUBLIC ENDED': keptButNotSo },
  },
  createPoll: {
    input: ({ eventId }) => ({ eventId, title: 'Which one?', choices: ['This', 'That'] }),
    verdicts: {
      ...keepsEverywhere,
      'PUBLIC ENDED': { ...keeps, moderator: 'EVENT_NOT_OPEN', host: 'EVENT_NOT_OPEN', admin: 'EVENT_NOT_OPEN' },
    },
  },
  createGoal: {
    input: ({ eventId }) => ({ eventId, title: 'More', metric: 'MESSAGES', levels: [{ target: 1_000, points: 1 }] }),
    verdicts: {
      'PUBLIC LIVE': runs,
      'PRIVATE LIVE': runsPrivate,
      'PUBLIC DRAFT': { ...runsDraft, host: 'EVENT_NOT_OPEN', admin: 'EVENT_NOT_OPEN' },
      'PUBLIC ENDED': { ...runs, host: 'EVENT_NOT_OPEN', admin: 'EVENT_NOT_OPEN' },
    },
  },
  createPrediction: {
    input: ({ eventId }) => ({ eventId, title: 'Who wins?', outcomes: ['This', 'That'] }),
    verdicts: {
      'PUBLIC LIVE': keeps,
      'PRIVATE LIVE': keepsPrivate,
      'PUBLIC DRAFT': opensLater,
      'PUBLIC ENDED': { ...keeps, moderator: 'EVENT_NOT_OPEN', host: 'EVENT_NOT_OPEN', admin: 'EVENT_NOT_OPEN' },
    },
  },
  createPerk: {
    input: () => ({ title: 'A song', cost: 10 }),
    verdicts: { 'PUBLIC LIVE': { guest, host: 'ok', otherHost: 'ok', admin: 'ok', others: 'FORBIDDEN' } },
  },
  createRewardRule: {
    input: () => ({ title: 'For talking', trigger: 'MESSAGE', points: 5 }),
    verdicts: { 'PUBLIC LIVE': { guest, host: 'ok', otherHost: 'ok', admin: 'ok', others: 'FORBIDDEN' } },
  },
  'createRewardRule of an event': {
    input: ({ eventId }) => ({ eventId, title: 'For talking', trigger: 'MESSAGE', points: 5 }),
    verdicts: everywhere,
  },
  createVideoEvent: {
    input: () => ({ title: 'Another show', scheduledAt: new Date().toISOString() }),
    verdicts: { 'PUBLIC LIVE': { guest, host: 'ok', otherHost: 'ok', admin: 'ok', others: 'FORBIDDEN' } },
  },
  deleteAccount: {
    input: () => ({ password: testPassword }),
    verdicts: { 'PUBLIC LIVE': { ...signedIn, host: 'HOSTING_EVENT' }, 'PUBLIC ENDED': signedIn },
  },
  deleteMessage: {
    usesUp: true,
    input: ({ messageId }) => ({ messageId }),
    verdicts: { 'PUBLIC LIVE': keeps, 'PRIVATE LIVE': keepsPrivate, 'PUBLIC ENDED': keeps },
  },
  'deleteMessage of the participant': {
    usesUp: true,
    input: ({ ownMessageId }) => ({ messageId: ownMessageId }),
    verdicts: {
      'PUBLIC LIVE': { ...keeps, participant: 'ok' },
      'PRIVATE LIVE': { ...keepsPrivate, participant: 'ok' },
    },
  },
  deletePoll: { usesUp: true, input: ({ draftPollId }) => ({ pollId: draftPollId }), verdicts: draftPoll },
  'deletePoll that is open': {
    input: ({ pollId }) => ({ pollId }),
    verdicts: { 'PUBLIC LIVE': keptButNotSo },
  },
  deleteVideoEvent: {
    usesUp: true,
    input: event,
    verdicts: { 'PUBLIC DRAFT': runsDraft, 'PUBLIC LIVE': tooLate, 'PUBLIC CANCELLED': tooLate },
  },
  dismissQuestion: {
    usesUp: true,
    input: ({ questionId }) => ({ questionId }),
    verdicts: { 'PUBLIC LIVE': keeps, 'PRIVATE LIVE': keepsPrivate, 'PUBLIC ENDED': keeps },
  },
  dismissModerator: {
    usesUp: true,
    input: ({ eventId, as }) => ({ eventId, userId: as.moderator.id }),
    verdicts: everywhere,
  },
  endVideoEvent: {
    usesUp: true,
    input: event,
    verdicts: { 'PUBLIC LIVE': runs, 'PRIVATE LIVE': runsPrivate, 'PUBLIC SCHEDULED': tooLate },
  },
  interruptVideoEvent: { usesUp: true, input: event, verdicts: { 'PUBLIC LIVE': runs, 'PRIVATE LIVE': runsPrivate } },
  fulfilRedemption: { usesUp: true, input: aboutRedemption, verdicts: settles },
  grantReward: { input: paysAuthor, verdicts: payable },
  'grantReward to oneself': {
    input: (asking) => ({ ...paysAuthor(asking), userId: asking.me.session?.userId ?? asking.author.actor.id }),
    verdicts: { 'PUBLIC LIVE': { guest, others: 'FORBIDDEN' } },
  },
  grantRewards: { input: ({ eventId }) => ({ eventId, points: 1, reason: 'for coming' }), verdicts: everywhere },
  inviteToVideoEvent: { input: listingAuthor, verdicts: everywhere },
  joinVideoEvent: {
    input: event,
    verdicts: {
      'PUBLIC LIVE': { ...signedIn, banned: 'SANCTIONED' },
      'UNLISTED LIVE': { ...signedIn, banned: 'SANCTIONED' },
      'PRIVATE LIVE': { ...signedIn, stranger: 'NOT_FOUND', otherHost: 'NOT_FOUND' },
      'PUBLIC DRAFT': {
        guest,
        moderator: 'EVENT_NOT_OPEN',
        host: 'EVENT_NOT_OPEN',
        admin: 'EVENT_NOT_OPEN',
        others: 'NOT_FOUND',
      },
      'PUBLIC ENDED': { guest, participant: 'ok', banned: 'SANCTIONED', others: 'EVENT_NOT_OPEN' },
    },
  },
  joinWaitlist: {
    input: event,
    verdicts: {
      'PUBLIC LIVE': { guest, participant: 'ok', banned: 'SANCTIONED', others: 'NOT_FULL' },
      'PRIVATE LIVE': {
        guest,
        participant: 'ok',
        stranger: 'NOT_FOUND',
        otherHost: 'NOT_FOUND',
        others: 'NOT_FULL',
      },
      'PUBLIC DRAFT': opensLater,
      'PUBLIC ENDED': { guest, participant: 'ok', banned: 'SANCTIONED', others: 'EVENT_NOT_OPEN' },
    },
  },
  leaveVideoEvent: {
    input: event,
    verdicts: {
      'PUBLIC LIVE': { ...signedIn, host: 'FORBIDDEN' },
      'PRIVATE LIVE': { ...signedIn, host: 'FORBIDDEN', stranger: 'NOT_FOUND', otherHost: 'NOT_FOUND' },
      'PUBLIC DRAFT': { guest, host: 'FORBIDDEN', moderator: 'ok', admin: 'ok', others: 'NOT_FOUND' },
    },
  },
  leaveWaitlist: {
    input: event,
    verdicts: {
      'PUBLIC LIVE': signedIn,
      'PRIVATE LIVE': { ...signedIn, stranger: 'NOT_FOUND', otherHost: 'NOT_FOUND' },
      'PUBLIC DRAFT': { guest, host: 'ok', moderator: 'ok', admin: 'ok', others: 'NOT_FOUND' },
    },
  },
  liftSanction: {
    usesUp: true,
    input: ({ eventId, as }) => ({ eventId, userId: as.banned.id }),
    verdicts: keepsEverywhere,
  },
  lockPrediction: {
    usesUp: true,
    input: aboutPrediction,
    verdicts: { 'PUBLIC LIVE': keeps, 'PRIVATE LIVE': keepsPrivate, 'PUBLIC ENDED': predictedWrongly },
  },
  logEngagement: {
    input: ({ eventId }) => ({ eventId, engagementType: 'quiz.answered', payload: { right: true } }),
    verdicts: takesPart,
  },
  logIn: {
    input: ({ author }) => ({ login: author.email, password: testPassword }),
    verdicts: { 'PUBLIC LIVE': everybody },
  },
  logOut: { input: null, verdicts: { 'PUBLIC LIVE': signedIn } },
  logOutEverywhere: { input: null, verdicts: { 'PUBLIC LIVE': signedIn } },
  muteReminders: {
    input: ({ eventId }) => ({ eventId, muted: true }),
    verdicts: {
      'PUBLIC LIVE': { guest, participant: 'ok', host: 'ok', others: 'NOT_PARTICIPANT' },
      'PRIVATE LIVE': {
        guest,
        participant: 'ok',
        host: 'ok',
        moderator: 'NOT_PARTICIPANT',
        admin: 'NOT_PARTICIPANT',
        others: 'NOT_FOUND',
      },
      'PUBLIC DRAFT': opensLater,
      'PUBLIC ENDED': { guest, others: 'EVENT_NOT_OPEN' },
    },
  },
  openPoll: { usesUp: true, input: ({ draftPollId }) => ({ pollId: draftPollId }), verdicts: draftPoll },
  pinMessage: {
    input: ({ ownMessageId }) => ({ messageId: ownMessageId }),
    verdicts: { 'PUBLIC LIVE': keeps, 'PRIVATE LIVE': keepsPrivate },
  },
  pinQuestion: {
    input: ({ questionId }) => ({ questionId }),
    verdicts: { 'PUBLIC LIVE': keeps, 'PRIVATE LIVE': keepsPrivate },
  },
  react: {
    input: ({ eventId }) => ({ eventId, emoji: '👏' }),
    verdicts: {
      'PUBLIC LIVE': { guest, banned: 'SANCTIONED', participant: 'ok', host: 'ok', others: 'NOT_PARTICIPANT' },
      'UNLISTED LIVE': { guest, banned: 'SANCTIONED', participant: 'ok', host: 'ok', others: 'NOT_PARTICIPANT' },
      'PRIVATE LIVE': {
        guest,
        participant: 'ok',
        host: 'ok',
        moderator: 'NOT_PARTICIPANT',
        admin: 'NOT_PARTICIPANT',
        others: 'NOT_FOUND',
      },
      'PUBLIC SCHEDULED': { guest, others: 'EVENT_NOT_OPEN' },
      'PUBLIC DRAFT': {
        guest,
        moderator: 'EVENT_NOT_OPEN',
        host: 'EVENT_NOT_OPEN',
        admin: 'EVENT_NOT_OPEN',
        others: 'NOT_FOUND',
      },
      'PUBLIC ENDED': { guest, others: 'EVENT_NOT_OPEN' },
    },
  },
  refreshSession: {
    usesUp: true,
    input: ({ author }) => ({ refreshToken: author.actor.signedIn.refreshToken }),
    verdicts: { 'PUBLIC LIVE': everybody },
  },
  removeUpvote: { input: ({ questionId }) => ({ questionId }), verdicts: takesPart },
  reportMessage: {
    input: ({ messageId }) => ({ messageId, reason: 'rude' }),
    verdicts: {
      'PUBLIC LIVE': { guest, banned: 'SANCTIONED', participant: 'ok', host: 'ok', others: 'NOT_PARTICIPANT' },
      'PUBLIC ENDED': { guest, banned: 'SANCTIONED', participant: 'ok', host: 'ok', others: 'NOT_PARTICIPANT' },
      'PRIVATE LIVE': {
        guest,
        participant: 'ok',
        host: 'ok',
        moderator: 'NOT_PARTICIPANT',
        admin: 'NOT_PARTICIPANT',
        others: 'NOT_FOUND',
      },
    },
  },
  'reportMessage of the participant': {
    input: ({ ownMessageId }) => ({ messageId: ownMessageId, reason: 'rude' }),
    verdicts: {
      'PUBLIC LIVE': { guest, banned: 'SANCTIONED', participant: 'FORBIDDEN', host: 'ok', others: 'NOT_PARTICIPANT' },
    },
  },
  requestEmailVerification: { input: null, verdicts: { 'PUBLIC LIVE': signedIn } },
  requestPasswordReset: { input: ({ author }) => ({ email: author.email }), verdicts: { 'PUBLIC LIVE': everybody } },
  resetPassword: {
    input: async (asking) => ({ token: await mailed(asking, 'PASSWORD_RESET'), newPassword: 'another password' }),
    verdicts: { 'PUBLIC LIVE': everybody },
  },
  resolvePrediction: {
    usesUp: true,
    input: ({ predictionId, outcomeId }) => ({ predictionId, outcomeId }),
    verdicts: { 'PUBLIC ENDED': keeps, 'PRIVATE ENDED': keepsPrivate, 'PUBLIC LIVE': predictedWrongly },
  },
  resolveReports: {
    usesUp: true,
    input: ({ messageId }) => ({ messageId, resolution: 'REMOVED' }),
    verdicts: { 'PUBLIC LIVE': keeps, 'PRIVATE LIVE': keepsPrivate, 'PUBLIC ENDED': keeps },
  },
  'resolveReports of nobody': {
    input: ({ ownMessageId }) => ({ messageId: ownMessageId, resolution: 'DISMISSED' }),
    verdicts: {
      'PUBLIC LIVE': { guest, moderator: 'NOT_FOUND', host: 'NOT_FOUND', admin: 'NOT_FOUND', others: 'FORBIDDEN' },
    },
  },
  resumeVideoEvent: {
    usesUp: true,
    input: event,
    verdicts: { 'PUBLIC INTERRUPTED': runs, 'PRIVATE INTERRUPTED': runsPrivate, 'PUBLIC LIVE': tooLate },
  },
  redeemPerk: {
    input: ({ eventId, perkId }) => ({ eventId, perkId }),
    verdicts: {
      // Who is no participant is told so first; the participant has too few points left.
      'PUBLIC LIVE': {
        guest,
        banned: 'SANCTIONED',
        participant: 'INSUFFICIENT_POINTS',
        host: 'FORBIDDEN',
        others: 'NOT_PARTICIPANT',
      },
      'PUBLIC ENDED': { guest, others: 'EVENT_NOT_OPEN' },
    },
  },
  revokeReward: {
    input: ({ eventId, as }) => ({ eventId, userId: as.participant.id, points: 1, reason: 'a mistake' }),
    usesUp: true,
    verdicts: { 'PUBLIC LIVE': runs, 'PRIVATE LIVE': runsPrivate },
  },
  revokeSession: {
    usesUp: true,
    input: ({ author }) => ({ sessionId: author.actor.signedIn.sessionId }),
    verdicts: { 'PUBLIC LIVE': { guest, admin: 'ok', others: 'NOT_FOUND' } },
  },
  'revokeSession of their own': {
    input: ({ viewer, me, author }) => ({ sessionId: (viewer === 'guest' ? author.actor : me).signedIn.sessionId }),
    verdicts: { 'PUBLIC LIVE': signedIn },
  },
  scheduleVideoEvent: {
    usesUp: true,
    input: event,
    verdicts: { 'PUBLIC DRAFT': runsDraft, 'PRIVATE DRAFT': runsDraft, 'PUBLIC LIVE': tooLate },
  },
  sendMessage: {
    input: ({ eventId }) => ({ eventId, text: 'Good evening' }),
    verdicts: {
      'PUBLIC LIVE': { guest, banned: 'SANCTIONED', participant: 'ok', host: 'ok', others: 'NOT_PARTICIPANT' },
      'UNLISTED LIVE': { guest, banned: 'SANCTIONED', participant: 'ok', host: 'ok', others: 'NOT_PARTICIPANT' },
      'PRIVATE LIVE': {
        guest,
        participant: 'ok',
        host: 'ok',
        moderator: 'NOT_PARTICIPANT',
        admin: 'NOT_PARTICIPANT',
        others: 'NOT_FOUND',
      },
      'PUBLIC DRAFT': {
        guest,
        moderator: 'EVENT_NOT_OPEN',
        host: 'EVENT_NOT_OPEN',
        admin: 'EVENT_NOT_OPEN',
        others: 'NOT_FOUND',
      },
      'PUBLIC ENDED': { guest, others: 'EVENT_NOT_OPEN' },
    },
  },
  signUp: {
    input: () => {
      const username = `new_${randomBytes(6).toString('hex')}`;
      return { username, email: `${username}@example.test`, password: testPassword };
    },
    verdicts: { 'PUBLIC LIVE': everybody },
  },
  stakePoints: {
    input: ({ predictionId, outcomeId }) => ({ predictionId, outcomeId, points: 1 }),
    verdicts: {
      'PUBLIC LIVE': { guest, banned: 'SANCTIONED', participant: 'ok', host: 'FORBIDDEN', others: 'NOT_PARTICIPANT' },
      'PRIVATE LIVE': {
        guest,
        participant: 'ok',
        host: 'FORBIDDEN',
        moderator: 'NOT_PARTICIPANT',
        admin: 'NOT_PARTICIPANT',
        others: 'NOT_FOUND',
      },
      'PUBLIC ENDED': {
        guest,
        banned: 'SANCTIONED',
        participant: 'PREDICTION_STATUS',
        host: 'FORBIDDEN',
        others: 'NOT_PARTICIPANT',
      },
    },
  },
  startVideoEvent: {
    usesUp: true,
    input: event,
    verdicts: { 'PUBLIC SCHEDULED': runs, 'PRIVATE SCHEDULED': runsPrivate, 'PUBLIC LIVE': tooLate },
  },
  timeOutUser: {
    usesUp: true,
    input: ({ eventId, author }) => ({ eventId, userId: author.actor.id, seconds: 60 }),
    verdicts: keepsEverywhere,
  },
  uninviteFromVideoEvent: { input: listingAuthor, verdicts: everywhere },
  unpinMessage: { input: event, verdicts: { 'PUBLIC LIVE': keeps, 'PRIVATE LIVE': keepsPrivate } },
  unpinQuestion: { input: event, verdicts: { 'PUBLIC LIVE': keeps, 'PRIVATE LIVE': keepsPrivate } },
  updatePoll: {
    input: ({ draftPollId }) => ({ pollId: draftPollId, title: 'Another question' }),
    verdicts: draftPoll,
  },
  updateChatSettings: {
    // As it is: so an empty list of blocked words changes nothing, either.
    input: ({ eventId }) => ({ eventId, participantsOnly: true }),
    verdicts: { ...keepsEverywhere, 'PUBLIC ENDED': { ...tooLate, moderator: 'ILLEGAL_TRANSITION' } },
  },
  updatePerk: { input: (asking) => ({ ...aboutPerk(asking), cost: 11 }), verdicts: ownPerk },
  updateProfile: { input: () => ({ displayName: 'New name' }), verdicts: { 'PUBLIC LIVE': signedIn } },
  updateRewardRule: { input: (asking) => ({ ...aboutRule(asking), points: 6 }), verdicts: ownRule },
  updateVideoEvent: {
    input: ({ eventId }) => ({ eventId, title: 'Another title' }),
    verdicts: { ...everywhere, 'UNLISTED LIVE': runs, 'PUBLIC ENDED': tooLate },
  },
  upvoteQuestion: { input: ({ questionId }) => ({ questionId }), verdicts: takesPart },
  'upvoteQuestion that waits for approval': {
    input: ({ pendingQuestionId }) => ({ questionId: pendingQuestionId }),
    verdicts: {
      'PUBLIC LIVE': {
        guest,
        participant: 'QUESTION_STATUS',
        host: 'QUESTION_STATUS',
        moderator: 'NOT_PARTICIPANT',
        admin: 'NOT_PARTICIPANT',
        others: 'NOT_FOUND',
      },
    },
  },
  verifyEmail: {
    input: async (asking) => ({ token: await mailed(asking, 'EMAIL_VERIFICATION') }),
    verdicts: { 'PUBLIC LIVE': everybody },
  },
  withdrawQuestion: {
    input: ({ questionId }) => ({ questionId }),
    verdicts: {
      'PUBLIC LIVE': { guest, others: 'FORBIDDEN' },
      'PRIVATE LIVE': {
        guest,
        participant: 'FORBIDDEN',
        moderator: 'FORBIDDEN',
        host: 'FORBIDDEN',
        admin: 'FORBIDDEN',
        others: 'NOT_FOUND',
      },
    },
  },
  'withdrawQuestion of the participant': {
    usesUp: true,
    input: ({ pendingQuestionId }) => ({ questionId: pendingQuestionId }),
    verdicts: {
      'PUBLIC LIVE': {
        guest,
        participant: 'ok',
        moderator: 'FORBIDDEN',
        host: 'FORBIDDEN',
        admin: 'FORBIDDEN',
        others: 'NOT_FOUND',
      },
    },
  },
  vote: {
    input: ({ pollId, choiceId }) => ({ pollId, choiceIds: [choiceId] }),
    verdicts: {
      'PUBLIC LIVE': { guest, banned: 'SANCTIONED', participant: 'ok', host: 'ok', others: 'NOT_PARTICIPANT' },
      'UNLISTED LIVE': { guest, banned: 'SANCTIONED', participant: 'ok', host: 'ok', others: 'NOT_PARTICIPANT' },
      'PRIVATE LIVE': {
        guest,
        participant: 'ok',
        host: 'ok',
        moderator: 'NOT_PARTICIPANT',
        admin: 'NOT_PARTICIPANT',
        others: 'NOT_FOUND',
      },
      'PUBLIC ENDED': {
        guest,
        banned: 'SANCTIONED',
        participant: 'POLL_STATUS',
        host: 'POLL_STATUS',
        others: 'NOT_PARTICIPANT',
      },
    },
  },
};

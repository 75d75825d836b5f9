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

const keepsEverywhere = {
  'PUBLIC LIVE': keeps,
  'PRIVATE LIVE': keepsPrivate,
  'PUBLIC DRAFT': { ...runsDraft, moderator: 'ok' },
};
const everywhere = { 'PUBLIC LIVE': runs, 'PRIVATE LIVE': runsPrivate, 'PUBLIC DRAFT': runsDraft };

const event = ({ eventId }: Asking) => ({ eventId });
const aboutAuthor = ({ eventId, author }: Asking) => ({ eventId, userId: author.actor.id });
const listingAuthor = ({ eventId, author }: Asking) => ({ eventId, userIds: [author.actor.id] });

/** A token as it would have been mailed to the author. */
const mailed = ({ server, author }: Asking, purpose: 'PASSWORD_RESET' | 'EMAIL_VERIFICATION') =>
  issueMailToken(server.app.db, purpose, { userId: author.viewer.id, email: author.email });

/** Every mutation: who may, who may not, and what they are told. */
export const mutations: Readonly<Record<string, MutationRow>> = {
  appointModerator: { input: aboutAuthor, verdicts: everywhere },
  banUser: { usesUp: true, input: aboutAuthor, verdicts: keepsEverywhere },
  'banUser of the host': {
    input: ({ eventId, as }) => ({ eventId, userId: as.host.id }),
    verdicts: { 'PUBLIC LIVE': { guest, others: 'FORBIDDEN' } },
  },
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
  deleteVideoEvent: {
    usesUp: true,
    input: event,
    verdicts: { 'PUBLIC DRAFT': runsDraft, 'PUBLIC LIVE': tooLate, 'PUBLIC CANCELLED': tooLate },
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
  leaveVideoEvent: {
    input: event,
    verdicts: {
      'PUBLIC LIVE': { ...signedIn, host: 'FORBIDDEN' },
      'PRIVATE LIVE': { ...signedIn, host: 'FORBIDDEN', stranger: 'NOT_FOUND', otherHost: 'NOT_FOUND' },
      'PUBLIC DRAFT': { guest, host: 'FORBIDDEN', moderator: 'ok', admin: 'ok', others: 'NOT_FOUND' },
    },
  },
  liftSanction: {
    usesUp: true,
    input: ({ eventId, as }) => ({ eventId, userId: as.banned.id }),
    verdicts: keepsEverywhere,
  },
  logIn: {
    input: ({ author }) => ({ login: author.email, password: testPassword }),
    verdicts: { 'PUBLIC LIVE': everybody },
  },
  logOut: { input: null, verdicts: { 'PUBLIC LIVE': signedIn } },
  logOutEverywhere: { input: null, verdicts: { 'PUBLIC LIVE': signedIn } },
  pinMessage: {
    input: ({ ownMessageId }) => ({ messageId: ownMessageId }),
    verdicts: { 'PUBLIC LIVE': keeps, 'PRIVATE LIVE': keepsPrivate },
  },
  refreshSession: {
    usesUp: true,
    input: ({ author }) => ({ refreshToken: author.actor.signedIn.refreshToken }),
    verdicts: { 'PUBLIC LIVE': everybody },
  },
  requestEmailVerification: { input: null, verdicts: { 'PUBLIC LIVE': signedIn } },
  requestPasswordReset: { input: ({ author }) => ({ email: author.email }), verdicts: { 'PUBLIC LIVE': everybody } },
  resetPassword: {
    input: async (asking) => ({ token: await mailed(asking, 'PASSWORD_RESET'), newPassword: 'another password' }),
    verdicts: { 'PUBLIC LIVE': everybody },
  },
  resumeVideoEvent: {
    usesUp: true,
    input: event,
    verdicts: { 'PUBLIC INTERRUPTED': runs, 'PRIVATE INTERRUPTED': runsPrivate, 'PUBLIC LIVE': tooLate },
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
  updateProfile: { input: () => ({ displayName: 'New name' }), verdicts: { 'PUBLIC LIVE': signedIn } },
  updateVideoEvent: {
    input: ({ eventId }) => ({ eventId, title: 'Another title' }),
    verdicts: { ...everywhere, 'UNLISTED LIVE': runs, 'PUBLIC ENDED': tooLate },
  },
  verifyEmail: {
    input: async (asking) => ({ token: await mailed(asking, 'EMAIL_VERIFICATION') }),
    verdicts: { 'PUBLIC LIVE': everybody },
  },
};

import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { NotFoundError } from '../errors.ts';
import { factRef, factType } from '../feed/schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import { type SessionEnd, sessionRevoked } from './entries.ts';
import { InvalidRefreshTokenError } from './errors.ts';
import type { SessionTokens } from './sessions.ts';
import { visibleSessions } from './visibility.ts';

export const Session = builder.prismaNode('Session', {
  id: { field: 'id', description: 'Global id.' },
  findUnique: (id, { viewer }) => ({ id, AND: [visibleSessions(viewer)] }),
  nullable: true,
  description: 'One log-in on one device. Only its user and administrators see it, and only until it ends.',
  select: { id: true },
  fields: (t) => ({
    device: t.exposeString('device', {
      description: 'The User-Agent it was opened with, at most 200 characters; empty when there was none.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the user logged in.' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', description: 'When it was last refreshed, or opened.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it ends unless it is refreshed before.' }),
    current: t.boolean({
      description: 'Whether this request was made with it.',
      resolve: ({ id }, _args, { viewer }) => viewer?.sessionId === id,
    }),
  }),
});

export const SessionTokensType = builder.objectRef<SessionTokens>('SessionTokens').implement({
  description: 'What a client keeps of a session.',
  fields: (t) => ({
    sessionId: t.id({
      description: "The Session's global id.",
      resolve: ({ sessionId }) => encodeGlobalId('Session', sessionId),
    }),
    accessToken: t.exposeString('accessToken', {
      description: 'A JWT. Send it as `Authorization: Bearer <token>`, or in the connection parameters of a WebSocket.',
    }),
    accessTokenExpiresAt: t.expose('accessTokenExpiresAt', {
      type: 'DateTime',
      description: 'Call refreshSession before this.',
    }),
    refreshToken: t.exposeString('refreshToken', {
      description: 'Good for one refreshSession, which gives the next. A second use ends the session.',
    }),
    refreshTokenExpiresAt: t.expose('refreshTokenExpiresAt', {
      type: 'DateTime',
      description: 'When the session ends unless it is refreshed before.',
    }),
  }),
});

builder.queryField('mySessions', (t) =>
  t.prismaField({
    type: [Session],
    description: "The viewer's sessions that have not ended, the last used first; at most 50.",
    authScopes: { signedIn: true },
    resolve: (query, _root, _args, { accounts, viewer }) => accounts.mySessions(signedIn(viewer), query),
  }),
);

const RefreshSessionInput = builder.inputType('RefreshSessionInput', {
  description: 'What refreshSession takes.',
  fields: (t) => ({
    refreshToken: t.string({ required: true, description: 'The newest refresh token of the session.' }),
  }),
});

const RefreshSessionPayload = builder.objectRef<SessionTokens>('RefreshSessionPayload').implement({
  description: 'The session goes on.',
  fields: (t) => ({
    tokens: t.field({
      type: SessionTokensType,
      description: 'Keep these, forget the old.',
      resolve: (tokens) => tokens,
    }),
  }),
});

builder.mutationField('refreshSession', (t) =>
  t.field({
    type: RefreshSessionPayload,
    description:
      'Gives a new access token and a new refresh token for a refresh token. Needs no access token: leave an expired one out. A refresh token that was used before ends its session, since somebody else may hold it.',
    args: { input: t.arg({ type: RefreshSessionInput, required: true, description: 'The refresh token.' }) },
    errors: { types: [InvalidRefreshTokenError] },
    resolve: (_root, { input }, { accounts }) => accounts.refreshSession(input.refreshToken),
  }),
);

const LogOutPayload = builder.objectRef<{ sessionId: string }>('LogOutPayload').implement({
  description: 'The session has ended.',
  fields: (t) => ({
    sessionId: t.id({
      description: 'The global id of the Session that ended.',
      resolve: ({ sessionId }) => encodeGlobalId('Session', sessionId),
    }),
  }),
});

builder.mutationField('logOut', (t) =>
  t.field({
    type: LogOutPayload,
    description: 'Ends the session of this request: its tokens are refused and its sockets closed on every instance.',
    authScopes: { signedIn: true },
    errors: { types: [] },
    resolve: async (_root, _args, { accounts, viewer }) => {
      await accounts.logOut(signedIn(viewer));
      return signedIn(viewer);
    },
  }),
);

const LogOutEverywherePayload = builder.objectRef<{ count: number }>('LogOutEverywherePayload').implement({
  description: 'Every session of the viewer has ended.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'How many sessions ended, this one among them.' }),
  }),
});

builder.mutationField('logOutEverywhere', (t) =>
  t.field({
    type: LogOutEverywherePayload,
    description: "Ends all of the viewer's sessions, this one too.",
    authScopes: { signedIn: true },
    errors: { types: [] },
    resolve: async (_root, _args, { accounts, viewer }) => ({
      count: await accounts.logOutEverywhere(signedIn(viewer)),
    }),
  }),
);

const RevokeSessionInput = builder.inputType('RevokeSessionInput', {
  description: 'What revokeSession takes.',
  fields: (t) => ({
    sessionId: t.globalID({ for: [Session], required: true, description: "The Session's global id." }),
  }),
});

const RevokeSessionPayload = builder.objectRef<{ sessionId: string }>('RevokeSessionPayload').implement({
  description: 'The session has ended.',
  fields: (t) => ({
    sessionId: t.id({
      description: 'The global id of the Session that ended.',
      resolve: ({ sessionId }) => encodeGlobalId('Session', sessionId),
    }),
  }),
});

builder.mutationField('revokeSession', (t) =>
  t.field({
    type: RevokeSessionPayload,
    description: "Ends one of the viewer's sessions: a lost phone's, say. Administrators can end anybody's.",
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: RevokeSessionInput, required: true, description: 'Which session.' }) },
    errors: { types: [NotFoundError] },
    resolve: async (_root, { input }, { accounts, viewer }) => {
      await accounts.revokeSession(signedIn(viewer), input.sessionId.id);
      return { sessionId: input.sessionId.id };
    },
  }),
);

const ends: Record<SessionEnd, { description: string }> = {
  LOGGED_OUT: { description: 'The user logged out.' },
  REVOKED: { description: 'It was ended from another session, or there were too many.' },
  PASSWORD_CHANGED: { description: 'The password was changed in another session.' },
  PASSWORD_RESET: { description: 'The password was set anew by the token of a mail.' },
  ROLE_CHANGED: { description: "The user's role was changed: log in again to act in the new one." },
  TOKEN_REUSED: { description: 'A refresh token was used a second time: somebody may have stolen it.' },
  ACCOUNT_DELETED: { description: 'The account was deleted.' },
};
const SessionEndType = builder.enumType('SessionEnd', { description: 'Why a session ended.', values: ends });

export const SessionRevoked = factRef(sessionRevoked).implement({
  ...factType(sessionRevoked),
  description: "One of the user's sessions ended before its time.",
  fields: (t) => ({
    sessionId: t.id({
      description: "The Session's global id.",
      resolve: ({ entry }) => encodeGlobalId('Session', entry.payload.sessionId),
    }),
    reason: t.field({ type: SessionEndType, description: 'Why.', resolve: ({ entry }) => entry.payload.reason }),
  }),
});

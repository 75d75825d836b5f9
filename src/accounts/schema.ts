import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { InvalidInputError } from '../errors.ts';
import { encodeGlobalId } from '../global-id.ts';
import { countedLogin } from './account-fields.ts';
import type { LoggedIn } from './credentials.ts';
import { EmailTakenError, HostingEventError, InvalidCredentialsError, UsernameTakenError } from './errors.ts';
import './email-schema.ts';
import './errors-schema.ts';
import './profile-schema.ts';
import './recovery-schema.ts';
import './role-schema.ts';
import { SessionTokensType } from './session-schema.ts';
import { User } from './user-schema.ts';

const password = 'Password: 8 to 128 characters.';

const SignUpRole = builder.enumType('SignUpRole', {
  description: 'What one can sign up as.',
  values: {
    PARTICIPANT: { description: 'Joins events and takes part.' },
    HOST: { description: 'Creates and runs events, too.' },
  } as const,
});

const SignUpInput = builder.inputType('SignUpInput', {
  description: 'What signUp takes.',
  fields: (t) => ({
    username: t.string({
      required: true,
      description: 'Unique name, whatever the case: 3 to 30 letters, digits and underscores.',
    }),
    email: t.string({
      required: true,
      description: 'Email address, unique whatever the case; at most 254 characters.',
    }),
    password: t.string({ required: true, description: password }),
    displayName: t.string({ description: 'The name to show, 1 to 50 characters. Default: the user name.' }),
    role: t.field({ type: SignUpRole, defaultValue: 'PARTICIPANT', description: 'What to sign up as.' }),
  }),
});

const signedUpFields = {
  user: 'The user. `email` is null here: the access token was not sent with this request.',
  tokens: 'The new session.',
};

const SignUpPayload = builder.objectRef<LoggedIn>('SignUpPayload').implement({
  description: 'An account was made, and a session opened.',
  fields: (t) => ({
    user: t.prismaField({
      type: User,
      description: signedUpFields.user,
      resolve: (query, { userId }, _args, { accounts }) => accounts.knownUser(userId, query),
    }),
    tokens: t.expose('tokens', { type: SessionTokensType, description: signedUpFields.tokens }),
  }),
});

builder.mutationField('signUp', (t) =>
  t.field({
    type: SignUpPayload,
    description: 'Makes an account and logs in. At most 10 an hour from one address.',
    args: { input: t.arg({ type: SignUpInput, required: true, description: 'The account.' }) },
    errors: { types: [InvalidInputError, UsernameTakenError, EmailTakenError] },
    resolve: async (_root, { input }, { accounts, client, rateLimits }) => {
      accounts.admitPassword();
      await rateLimits.consume('signUp', [`address:${client.network}`]);
      return accounts.signUp({ ...input, role: input.role ?? 'PARTICIPANT' }, client.device);
    },
  }),
);

const LogInInput = builder.inputType('LogInInput', {
  description: 'What logIn takes.',
  fields: (t) => ({
    login: t.string({ required: true, description: 'User name or email address, whatever the case.' }),
    password: t.string({ required: true, description: 'The password.' }),
  }),
});

const LogInPayload = builder.objectRef<LoggedIn>('LogInPayload').implement({
  description: 'A session was opened.',
  fields: (t) => ({
    user: t.prismaField({
      type: User,
      description: signedUpFields.user,
      resolve: (query, { userId }, _args, { accounts }) => accounts.knownUser(userId, query),
    }),
    tokens: t.expose('tokens', { type: SessionTokensType, description: signedUpFields.tokens }),
  }),
});

builder.mutationField('logIn', (t) =>
  t.field({
    type: LogInPayload,
    description:
      'Opens a session. Wrong name and wrong password have one answer. At most 10 a minute from one address or for one account.',
    args: { input: t.arg({ type: LogInInput, required: true, description: 'Who, and the proof.' }) },
    errors: { types: [InvalidCredentialsError, InvalidInputError] },
    resolve: async (_root, { input }, { accounts, client, rateLimits }) => {
      accounts.admitPassword();
      const account = countedLogin(input.login);
      const counted = account === null ? [] : [`account:${account}`];
      await rateLimits.consume('logIn', [`address:${client.network}`, ...counted]);
      return accounts.logIn(input, client.device);
    },
  }),
);

const ChangePasswordInput = builder.inputType('ChangePasswordInput', {
  description: 'What changePassword takes.',
  fields: (t) => ({
    currentPassword: t.string({ required: true, description: 'The password up to now.' }),
    newPassword: t.string({ required: true, description: password }),
  }),
});

const ChangePasswordPayload = builder.objectRef<{ endedSessions: number }>('ChangePasswordPayload').implement({
  description: 'The password was changed.',
  fields: (t) => ({
    endedSessions: t.exposeInt('endedSessions', { description: "How many of the user's other sessions ended." }),
  }),
});

builder.mutationField('changePassword', (t) =>
  t.field({
    type: ChangePasswordPayload,
    description: "Changes the viewer's password and ends their other sessions. Counts as a log-in for the rate limit.",
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: ChangePasswordInput, required: true, description: 'The old and the new.' }) },
    errors: { types: [InvalidCredentialsError, InvalidInputError] },
    resolve: async (_root, { input }, { accounts, viewer, rateLimits }) => {
      await rateLimits.consume('logIn', [`user:${signedIn(viewer).id}`]);
      return { endedSessions: await accounts.changePassword(signedIn(viewer), input) };
    },
  }),
);

const UpdateProfileInput = builder.inputType('UpdateProfileInput', {
  description: 'What updateProfile takes. What is left out stays as it is.',
  fields: (t) => ({
    username: t.string({ description: 'Unique name: 3 to 30 letters, digits and underscores.' }),
    displayName: t.string({ description: 'The name to show, 1 to 50 characters.' }),
    avatarUrl: t.string({ description: 'An https URL of a picture; null takes the picture away.' }),
    remindersOn: t.boolean({
      description:
        'Whether to be reminded of events, 24 hours, one hour and 5 minutes before they begin: VideoEventReminded in `myFeed`. On by default; `muteReminders` is about one event.',
    }),
    email: t.string({
      description:
        'Email address, at most 254 characters. Needs `currentPassword`. A new one is not verified; the old one gets a mail that says so.',
    }),
    currentPassword: t.string({ description: 'The password; only needed to change the email address.' }),
  }),
});

const UpdateProfilePayload = builder.objectRef<{ userId: string }>('UpdateProfilePayload').implement({
  description: 'The profile was changed.',
  fields: (t) => ({
    user: t.prismaField({
      type: User,
      description: 'The user as they are now.',
      resolve: (query, { userId }, _args, { accounts }) => accounts.knownUser(userId, query),
    }),
  }),
});

builder.mutationField('updateProfile', (t) =>
  t.field({
    type: UpdateProfilePayload,
    description: "Changes the viewer's profile. Facts that were told before keep the profile of their time.",
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: UpdateProfileInput, required: true, description: 'The changes.' }) },
    errors: { types: [InvalidInputError, InvalidCredentialsError, UsernameTakenError, EmailTakenError] },
    resolve: async (_root, { input }, { accounts, viewer, rateLimits }) => {
      const { id } = signedIn(viewer);
      if (input.currentPassword != null) await rateLimits.consume('logIn', [`user:${id}`]);
      await accounts.updateProfile(signedIn(viewer), input);
      return { userId: id };
    },
  }),
);

const DeleteAccountInput = builder.inputType('DeleteAccountInput', {
  description: 'What deleteAccount takes.',
  fields: (t) => ({
    password: t.string({
      description: 'The password, as proof that it is meant. Only an account of an external issuer has none to give.',
    }),
  }),
});

const DeleteAccountPayload = builder.objectRef<{ userId: string }>('DeleteAccountPayload').implement({
  description: 'The account was deleted.',
  fields: (t) => ({
    userId: t.id({
      description: 'The global id of what is left: an anonymous User.',
      resolve: ({ userId }) => encodeGlobalId('User', userId),
    }),
  }),
});

builder.mutationField('deleteAccount', (t) =>
  t.field({
    type: DeleteAccountPayload,
    description:
      'Deletes the viewer\'s account for good: personal data goes, drafts go, seats become free, every session ends; messages stay as of "deleted user".',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: DeleteAccountInput, required: true, description: 'The proof.' }) },
    errors: { types: [InvalidCredentialsError, InvalidInputError, HostingEventError] },
    resolve: async (_root, { input }, { accounts, viewer, rateLimits }) => {
      const { id } = signedIn(viewer);
      await rateLimits.consume('logIn', [`user:${id}`]);
      await accounts.deleteAccount(signedIn(viewer), input);
      return { userId: id };
    },
  }),
);

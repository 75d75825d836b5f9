import { builder } from '../builder.ts';
import { InvalidInputError, NotConfiguredError } from '../errors.ts';
import { InvalidTokenError } from './errors.ts';
import { mailTokenSeconds } from './mail-tokens.ts';

const RequestPasswordResetInput = builder.inputType('RequestPasswordResetInput', {
  description: 'What requestPasswordReset takes.',
  fields: (t) => ({
    email: t.string({ required: true, description: "The account's email address, whatever the case." }),
  }),
});

const RequestPasswordResetPayload = builder
  .objectRef<{ validForSeconds: number }>('RequestPasswordResetPayload')
  .implement({
    description: 'If there is such an account, a mail is on its way to it. The answer is the same if there is none.',
    fields: (t) => ({
      validForSeconds: t.exposeInt('validForSeconds', {
        description: 'How long the token of the mail is good, in seconds.',
      }),
    }),
  });

builder.mutationField('requestPasswordReset', (t) =>
  t.field({
    type: RequestPasswordResetPayload,
    description:
      'Mails a link with a token for resetPassword to the address of an account. Answers the same, and as fast, whether there is one. At most 5 an hour for one account and 30 from one address.',
    args: { input: t.arg({ type: RequestPasswordResetInput, required: true, description: 'Whose password.' }) },
    errors: { types: [InvalidInputError, NotConfiguredError] },
    resolve: async (_root, { input }, { accounts, client, rateLimits }) => {
      await rateLimits.consume('mailRequests', [`address:${client.network}`]);
      await rateLimits.consume('mail', [`account:${input.email.trim().toLowerCase().slice(0, 254)}`]);
      await accounts.requestPasswordReset(input);
      return { validForSeconds: mailTokenSeconds.PASSWORD_RESET };
    },
  }),
);

const ResetPasswordInput = builder.inputType('ResetPasswordInput', {
  description: 'What resetPassword takes.',
  fields: (t) => ({
    token: t.string({ required: true, description: 'The token of the mail.' }),
    newPassword: t.string({ required: true, description: 'Password: 8 to 128 characters.' }),
  }),
});

const ResetPasswordPayload = builder.objectRef<{ endedSessions: number }>('ResetPasswordPayload').implement({
  description: 'The password was set. Log in with it.',
  fields: (t) => ({
    endedSessions: t.exposeInt('endedSessions', { description: "How many of the user's sessions ended: all of them." }),
  }),
});

builder.mutationField('resetPassword', (t) =>
  t.field({
    type: ResetPasswordPayload,
    description:
      "Sets a new password with the token of a mail, which is good once, and ends all of the user's sessions. Counts as a log-in for the rate limit.",
    args: { input: t.arg({ type: ResetPasswordInput, required: true, description: 'The token and the password.' }) },
    errors: { types: [InvalidInputError, InvalidTokenError] },
    resolve: async (_root, { input }, { accounts, client, rateLimits }) => {
      await rateLimits.consume('logIn', [`address:${client.network}`]);
      return { endedSessions: await accounts.resetPassword(input) };
    },
  }),
);

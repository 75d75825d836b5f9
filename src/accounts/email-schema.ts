import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { NotConfiguredError } from '../errors.ts';
import { InvalidTokenError } from './errors.ts';
import { mailTokenSeconds } from './mail-tokens.ts';
import { User } from './user-schema.ts';

interface Requested {
  sent: boolean;
  validForSeconds: number;
}

const RequestEmailVerificationPayload = builder.objectRef<Requested>('RequestEmailVerificationPayload').implement({
  description: "A mail is on its way to the viewer's address, unless there is nothing to prove.",
  fields: (t) => ({
    sent: t.exposeBoolean('sent', {
      description: 'False: the address is verified already, or the account has none.',
    }),
    validForSeconds: t.exposeInt('validForSeconds', {
      description: 'How long the token of the mail is good, in seconds.',
    }),
  }),
});

builder.mutationField('requestEmailVerification', (t) =>
  t.field({
    type: RequestEmailVerificationPayload,
    description: "Mails a link with a token for verifyEmail to the viewer's address. At most 5 an hour.",
    authScopes: { signedIn: true },
    errors: { types: [NotConfiguredError] },
    resolve: async (_root, _args, { accounts, viewer, client, rateLimits }) => {
      await rateLimits.consume('mailRequests', [`address:${client.network}`]);
      await rateLimits.consume('mail', [`user:${signedIn(viewer).id}`]);
      const sent = await accounts.requestEmailVerification(signedIn(viewer));
      return { sent, validForSeconds: mailTokenSeconds.EMAIL_VERIFICATION };
    },
  }),
);

const VerifyEmailInput = builder.inputType('VerifyEmailInput', {
  description: 'What verifyEmail takes.',
  fields: (t) => ({ token: t.string({ required: true, description: 'The token of the mail.' }) }),
});

const VerifyEmailPayload = builder.objectRef<{ userId: string }>('VerifyEmailPayload').implement({
  description: 'The address is verified.',
  fields: (t) => ({
    user: t.prismaField({
      type: User,
      description: 'Whose address it is. `email` and `emailVerifiedAt` are null unless they are the viewer.',
      resolve: (query, { userId }, _args, { accounts }) => accounts.knownUser(userId, query),
    }),
  }),
});

builder.mutationField('verifyEmail', (t) =>
  t.field({
    type: VerifyEmailPayload,
    description:
      "Proves that an address is its user's, with the token of a mail, which is good once. Needs no session: mail may be read elsewhere.",
    args: { input: t.arg({ type: VerifyEmailInput, required: true, description: 'The token.' }) },
    errors: { types: [InvalidTokenError] },
    resolve: async (_root, { input }, { accounts }) => ({ userId: await accounts.verifyEmail(input) }),
  }),
);

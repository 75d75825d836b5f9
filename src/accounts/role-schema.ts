import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';
import { factRef, factType } from '../feed/schema.ts';
import { roleChanged } from './entries.ts';
import { RoleType, User } from './user-schema.ts';

const ChangeRoleInput = builder.inputType('ChangeRoleInput', {
  description: 'What changeRole takes.',
  fields: (t) => ({
    userId: t.globalID({ for: [User], required: true, description: "The User's global id." }),
    role: t.field({ type: RoleType, required: true, description: 'What the account may do from now on.' }),
  }),
});

const ChangeRolePayload = builder.objectRef<{ userId: string; endedSessions: number }>('ChangeRolePayload').implement({
  description: 'The account has the role.',
  fields: (t) => ({
    user: t.prismaField({
      type: User,
      description: 'The user as they are now.',
      resolve: (query, { userId }, _args, { accounts }) => accounts.knownUser(userId, query),
    }),
    endedSessions: t.exposeInt('endedSessions', {
      description: "How many of the user's sessions ended; none if they had the role already.",
    }),
  }),
});

builder.mutationField('changeRole', (t) =>
  t.field({
    type: ChangeRolePayload,
    description:
      "Changes what an account may do everywhere. Administrators only. Ends the user's sessions, on every instance: they log in again in the new role.",
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: ChangeRoleInput, required: true, description: 'Who and what.' }) },
    errors: { types: [ForbiddenError, NotFoundError] },
    resolve: (_root, { input }, { accounts, viewer }) =>
      accounts.changeRole(signedIn(viewer), input.userId.id, input.role),
  }),
);

export const RoleChanged = factRef(roleChanged).implement({
  ...factType(roleChanged),
  description: "The user's role was changed. Their sessions end with it: the next log-in has the new role.",
  fields: (t) => ({
    role: t.field({ type: RoleType, description: 'The role from now on.', resolve: ({ entry }) => entry.payload.role }),
  }),
});

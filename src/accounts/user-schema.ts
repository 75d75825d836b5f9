import { builder } from '../builder.ts';
import { factRef, factType } from '../feed/schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import { noAddress } from './account-fields.ts';
import { profileDeleted } from './entries.ts';
import { profileColumns, profileOf } from './profile.ts';
import { seesPrivate } from './visibility.ts';

export const RoleType = builder.enumType('Role', {
  description: 'What an account may do everywhere.',
  values: {
    PARTICIPANT: { description: 'Joins events and takes part.' },
    HOST: { description: 'Creates and runs events, too.' },
    ADMIN: { description: 'Runs the platform. Nobody signs up as one.' },
  },
});

export const User = builder.prismaNode('User', {
  id: { field: 'id', description: 'Global id.' },
  nullable: true,
  description:
    'An account. Everybody may see it, but for `email`. A deleted one stays as an anonymous "deleted user" for what refers to it.',
  select: profileColumns,
  fields: (t) => ({
    username: t.string({
      description: 'Unique name: 3 to 30 letters, digits and underscores.',
      resolve: (user) => profileOf(user).username,
    }),
    displayName: t.string({
      description: 'The name to show, 1 to 50 characters.',
      resolve: (user) => profileOf(user).displayName,
    }),
    avatarUrl: t.string({
      nullable: true,
      description: 'An https URL of a picture; null: none.',
      resolve: (user) => profileOf(user).avatarUrl,
    }),
    email: t.string({
      nullable: true,
      description:
        'Email address. Null unless the viewer is this user or an administrator; so null in the answer to signUp and logIn, where nobody is logged in yet. Null also for an account of an external issuer that named none.',
      select: { email: true },
      resolve: ({ id, email }, _args, { viewer }) => (seesPrivate(viewer, id) && !noAddress.test(email) ? email : null),
    }),
    emailVerifiedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description:
        'When the user proved that the address is theirs; null: not yet, or the viewer is neither this user nor an administrator.',
      select: { emailVerifiedAt: true },
      resolve: ({ id, emailVerifiedAt }, _args, { viewer }) => (seesPrivate(viewer, id) ? emailVerifiedAt : null),
    }),
    role: t.expose('role', { type: RoleType, description: 'What the account may do everywhere.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the account was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the account was last changed.' }),
  }),
});

builder.queryFields((t) => ({
  viewer: t.prismaField({
    type: User,
    nullable: true,
    description: 'Who is asking; null for a guest.',
    resolve: (query, _root, _args, { accounts, viewer }) => accounts.viewer(viewer, query),
  }),
  user: t.prismaField({
    type: User,
    nullable: true,
    description: 'A user by id; null where there is none.',
    args: { id: t.arg.globalID({ required: true, for: [User], description: "The User's global id." }) },
    resolve: (query, _root, { id }, { accounts }) => accounts.user(id.id, query),
  }),
  userByName: t.prismaField({
    type: User,
    nullable: true,
    description: 'A user by user name, whatever the case; null where there is none or the account was deleted.',
    args: { username: t.arg.string({ required: true, description: 'The whole user name.' }) },
    resolve: (query, _root, { username }, { accounts }) => accounts.userByName(username, query),
  }),
  users: t.prismaConnection(
    {
      type: User,
      cursor: 'id',
      description: 'Users sorted by user name, without deleted accounts.',
      args: {
        search: t.arg.string({
          description:
            'Only those whose user name or display name contains this, whatever the case; at most 50 characters.',
        }),
      },
      resolve: (query, _root, { search }, { accounts }) => accounts.users(search ?? null, query),
      totalCount: (_root, { search }, { accounts }) => accounts.countUsers(search ?? null),
    },
    { description: 'A page of users.' },
    { description: 'A user and their place in the list.' },
  ),
}));

export const ProfileDeleted = factRef(profileDeleted).implement({
  ...factType(profileDeleted),
  description:
    'A user deleted their account: show everything of theirs in this feed as of "deleted user". Earlier items, read again, do so already.',
  fields: (t) => ({
    userId: t.id({
      description: "The User's global id.",
      resolve: ({ entry }) => encodeGlobalId('User', entry.payload.userId),
    }),
  }),
});

import { builder } from '../builder.ts';
import { encodeGlobalId } from '../global-id.ts';
import type { Profile } from './profile.ts';

export const ProfileType = builder.objectRef<Profile>('Profile').implement({
  description: 'What everybody may know of a user. A deleted account shows as "deleted user".',
  fields: (t) => ({
    userId: t.id({ description: "The User's global id.", resolve: ({ userId }) => encodeGlobalId('User', userId) }),
    username: t.exposeString('username', { description: 'Unique name: 3 to 30 letters, digits and underscores.' }),
    displayName: t.exposeString('displayName', { description: 'The name to show, 1 to 50 characters.' }),
    avatarUrl: t.exposeString('avatarUrl', { nullable: true, description: 'An https URL of a picture.' }),
  }),
});

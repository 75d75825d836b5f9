import { factRef, factType } from '../feed/schema.ts';
import { roleChanged } from './entries.ts';
import { RoleType } from './user-schema.ts';

export const RoleChanged = factRef(roleChanged).implement({
  ...factType(roleChanged),
  description: "The user's role was changed. Their sessions end with it: the next log-in has the new role.",
  fields: (t) => ({
    role: t.field({ type: RoleType, description: 'The role from now on.', resolve: ({ entry }) => entry.payload.role }),
  }),
});

import type { Profile } from '../accounts/profile.ts';
import { ProfileType } from '../accounts/profile-schema.ts';
import type { Fact } from '../feed/entry.ts';
import { factRef, factType } from '../feed/schema.ts';
import { moderatorAppointed, moderatorDismissed } from './entries.ts';

const moderatorFact = <Kind extends string>(fact: Fact<Kind, { actor: Profile }>, description: string) =>
  factRef(fact).implement({
    ...factType(fact),
    description,
    fields: (t) => ({
      moderator: t.field({ type: ProfileType, description: 'Who.', resolve: ({ entry }) => entry.payload.actor }),
    }),
  });

export const ModeratorAppointed = moderatorFact(moderatorAppointed, 'The host made somebody a moderator.');
export const ModeratorDismissed = moderatorFact(moderatorDismissed, 'Somebody is a moderator no more.');

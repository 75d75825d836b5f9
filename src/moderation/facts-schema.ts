import type { Profile } from '../accounts/profile.ts';
import { ProfileType } from '../accounts/profile-schema.ts';
import type { Fact } from '../feed/entry.ts';
import { factRef, factType } from '../feed/schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import { moderatorAppointed, moderatorDismissed, sanctionImposed, sanctionLifted } from './entries.ts';
import { SanctionTermsType } from './terms-schema.ts';

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

const describe = { eventId: "The VideoEvent's global id.", user: 'Whom.' };

export const SanctionImposed = factRef(sanctionImposed).implement({
  ...factType(sanctionImposed),
  description:
    "Somebody was timed out or banned. In the event's feed for the host and moderators, and in the user's own feed.",
  fields: (t) => ({
    eventId: t.id({
      description: describe.eventId,
      resolve: ({ entry }) => encodeGlobalId('VideoEvent', entry.payload.eventId),
    }),
    user: t.field({ type: ProfileType, description: describe.user, resolve: ({ entry }) => entry.payload.actor }),
    sanction: t.field({
      type: SanctionTermsType,
      description: 'What it is.',
      resolve: ({ entry: { payload } }) => ({
        kind: payload.kind,
        reason: payload.reason,
        until: payload.until === null ? null : new Date(payload.until),
      }),
    }),
  }),
});

export const SanctionLifted = factRef(sanctionLifted).implement({
  ...factType(sanctionLifted),
  description: 'A timeout or ban was lifted before its time. In the same feeds as SanctionImposed.',
  fields: (t) => ({
    eventId: t.id({
      description: describe.eventId,
      resolve: ({ entry }) => encodeGlobalId('VideoEvent', entry.payload.eventId),
    }),
    user: t.field({ type: ProfileType, description: describe.user, resolve: ({ entry }) => entry.payload.actor }),
  }),
});

import { factRef, factType } from '../feed/schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import { rankChanged } from './entries.ts';
import { toldPlaces } from './rules.ts';

export const RankChanged = factRef(rankChanged).implement({
  ...factType(rankChanged),
  description: `The user came among the first ${toldPlaces} of an event's leaderboard, moved there, or is no longer among them. At most once a second. In their own feed.`,
  fields: (t) => ({
    eventId: t.id({
      description: "The VideoEvent's global id.",
      resolve: ({ entry }) => encodeGlobalId('VideoEvent', entry.payload.eventId),
    }),
    rank: t.int({
      nullable: true,
      description: `1 is the first; equals share a rank. Null: they are not among the first ${toldPlaces} any more.`,
      resolve: ({ entry }) => entry.payload.rank,
    }),
    previousRank: t.int({
      nullable: true,
      description: `The rank of the RankChanged before. Null: they were not among the first ${toldPlaces}.`,
      resolve: ({ entry }) => entry.payload.previousRank,
    }),
    score: t.field({
      type: 'SafeInt',
      description: 'What they earned in the event: their points on the leaderboard.',
      resolve: ({ entry }) => entry.payload.score,
    }),
  }),
});

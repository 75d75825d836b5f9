import { builder } from '../builder.ts';
import type { SanctionKind } from '../generated/prisma/enums.ts';
import type { SanctionTerms } from './errors.ts';

export const SanctionKindType = builder.enumType('SanctionKind', {
  description: 'What keeps somebody from taking part in an event.',
  values: {
    TIMEOUT: { description: 'They watch, and write nothing, for a while.' },
    BAN: { description: 'They hold no place, write nothing and do not follow the feed.' },
  } as const satisfies Record<SanctionKind, { description: string }>,
});

export const SanctionTermsType = builder.objectRef<SanctionTerms>('SanctionTerms').implement({
  description: 'What a timeout or ban says.',
  fields: (t) => ({
    kind: t.field({ type: SanctionKindType, description: 'What it is.', resolve: ({ kind }) => kind }),
    reason: t.exposeString('reason', { description: "The moderator's words; may be empty." }),
    until: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it ends; null: when it is lifted.',
      resolve: ({ until }) => until,
    }),
  }),
});

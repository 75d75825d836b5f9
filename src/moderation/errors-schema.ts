import { builder } from '../builder.ts';
import { errorType } from '../errors-schema.ts';
import { AlreadySanctionedError, SanctionedError } from './errors.ts';
import { SanctionKindType } from './terms-schema.ts';

for (const [type, name, code] of [
  [SanctionedError, 'SanctionedError', 'SANCTIONED'],
  [AlreadySanctionedError, 'AlreadySanctionedError', 'ALREADY_SANCTIONED'],
] as const) {
  builder.objectType(type, {
    ...errorType(name, code),
    fields: (t) => ({
      kind: t.field({ type: SanctionKindType, description: 'What it is.', resolve: ({ kind }) => kind }),
      until: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When it ends; null: when it is lifted.',
        resolve: ({ until }) => until,
      }),
      reason: t.exposeString('reason', { description: "The moderator's words; may be empty." }),
    }),
  });
}

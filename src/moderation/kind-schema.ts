import { builder } from '../builder.ts';
import type { SanctionKind } from '../generated/prisma/enums.ts';

export const SanctionKindType = builder.enumType('SanctionKind', {
  description: 'What keeps somebody from taking part in an event.',
  values: {
    TIMEOUT: { description: 'They watch, and write nothing, for a while.' },
    BAN: { description: 'They hold no place, write nothing and do not follow the feed.' },
  } as const satisfies Record<SanctionKind, { description: string }>,
});

import { builder } from '../builder.ts';
import type { ReportResolution } from '../generated/prisma/enums.ts';

export const ReportResolutionType = builder.enumType('ReportResolution', {
  description: 'What a moderator decided about a reported message.',
  values: {
    REMOVED: { description: 'The message was removed.' },
    DISMISSED: { description: 'The message stays as it is.' },
  } as const satisfies Record<ReportResolution, { description: string }>,
});

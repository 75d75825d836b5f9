import type { Viewer } from '../auth/viewer.ts';
import { moderatedBy, visibleTo } from '../events/access.ts';
import type { Prisma } from '../generated/prisma/client.ts';
import { publicStatuses } from './rules.ts';

/** The questions somebody may read: public ones of events they see; their own, and those of events they moderate, in any status. */
export function visibleQuestions(viewer: Viewer | null): Prisma.QuestionWhereInput {
  const open: Prisma.QuestionWhereInput = { status: { in: [...publicStatuses] } };
  if (viewer === null) return { event: visibleTo(viewer), ...open };
  // Not left to the conditions below: an empty one within OR counts as false.
  if (viewer.role === 'ADMIN') return {};
  return { event: visibleTo(viewer), OR: [open, { authorId: viewer.id }, { event: moderatedBy(viewer) }] };
}

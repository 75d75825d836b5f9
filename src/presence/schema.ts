import DataLoader from 'dataloader';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { moderatedBy } from '../events/access.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { visiblePlaces } from '../participation/access.ts';

/** Of all events that one operation asks about, in one query. */
const counts = new WeakMap<Context, DataLoader<string, number>>();

function countsOf(context: Context): DataLoader<string, number> {
  const known = counts.get(context);
  if (known !== undefined) return known;
  const loader = new DataLoader<string, number>(async (eventIds) => {
    const found = await context.presence.count(eventIds);
    return eventIds.map((eventId) => found.get(eventId) ?? 0);
  });
  counts.set(context, loader);
  return loader;
}

builder.prismaObjectFields(VideoEvent, (t) => ({
  viewerCount: t.int({
    description:
      'Participants who watch now: each with a subscription on the event open, on however many tabs. Live in `videoEventPulse`.',
    select: { id: true },
    resolve: ({ id }, _args, context) => countsOf(context).load(id),
  }),
  presentParticipants: t.relatedConnection('participants', {
    cursor: 'id',
    totalCount: true,
    description:
      'Who watches now, in the order of joining. Empty for everybody but the host, moderators and admins: others get the `viewerCount`.',
    query: (_args, { viewer, presence }) => ({
      where: { AND: [visiblePlaces(viewer), { event: moderatedBy(viewer) }, presence.here()] },
      orderBy: [{ joinedAt: 'asc' }, { id: 'asc' }],
    }),
  }),
}));

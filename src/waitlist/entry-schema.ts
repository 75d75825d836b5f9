import { builder } from '../builder.ts';
import { moderatedBy } from '../events/access.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import type { WaitlistStatus } from '../generated/prisma/enums.ts';

const statuses: Record<WaitlistStatus, { description: string }> = {
  WAITING: { description: 'Waits for a seat.' },
  OFFERED: { description: 'A seat is kept for them, until `offeredUntil`.' },
  ACCEPTED: { description: 'They got their seat.' },
  EXPIRED: { description: 'They did not take the offer in time.' },
  CANCELLED: { description: 'They left the waitlist, may not join any more, or the event is over.' },
};
const WaitlistStatusType = builder.enumType('WaitlistStatus', {
  description: 'What became of somebody who waits for a seat.',
  values: statuses,
});

const describe = {
  status: 'Where it stands.',
  waitingSince: 'When they last began to wait.',
  offeredUntil: 'Until when a seat is kept for them; null unless the status is OFFERED.',
};

const WaitlistEntry = builder.prismaObject('WaitlistEntry', {
  description: 'Somebody who waits for a seat in a full event.',
  fields: (t) => ({
    user: t.relation('user', { description: 'Who waits.' }),
    status: t.expose('status', { type: WaitlistStatusType, description: describe.status }),
    waitingSince: t.expose('waitingSince', { type: 'DateTime', description: describe.waitingSince }),
    offeredUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: describe.offeredUntil,
      select: { status: true, offeredUntil: true },
      resolve: ({ status, offeredUntil }) => (status === 'OFFERED' ? offeredUntil : null),
    }),
  }),
});

export const ViewerWaitlistEntry = builder.prismaObject('WaitlistEntry', {
  variant: 'ViewerWaitlistEntry',
  description: "The viewer's own turn on a waitlist.",
  fields: (t) => ({
    status: t.expose('status', { type: WaitlistStatusType, description: describe.status }),
    position: t.int({
      nullable: true,
      description: '1 for who is next; null unless the status is WAITING.',
      select: { eventId: true, turn: true, status: true },
      resolve: (entry, _args, { waitlist }) => (entry.status === 'WAITING' ? waitlist.position(entry) : null),
    }),
    waitingSince: t.expose('waitingSince', { type: 'DateTime', description: describe.waitingSince }),
    offeredUntil: t.field({
      type: 'DateTime',
      nullable: true,
      description: describe.offeredUntil,
      select: { status: true, offeredUntil: true },
      resolve: ({ status, offeredUntil }) => (status === 'OFFERED' ? offeredUntil : null),
    }),
  }),
});

const waits = { status: { in: ['WAITING', 'OFFERED'] } } satisfies { status: { in: WaitlistStatus[] } };

builder.prismaObjectFields(VideoEvent, (t) => ({
  viewerWaitlistEntry: t.field({
    type: ViewerWaitlistEntry,
    nullable: true,
    description:
      "The viewer's turn on the waitlist, or what became of their last one; null if they never waited, and for guests.",
    select: (_args, { viewer }, nested) => ({
      waitlist: nested({ where: { userId: { in: viewer === null ? [] : [viewer.id] } }, take: 1 }),
    }),
    resolve: ({ waitlist }) => waitlist[0] ?? null,
  }),
  waitlist: t.relatedConnection('waitlist', {
    type: WaitlistEntry,
    cursor: 'eventId_userId',
    extensions: { compoundCursor: true },
    totalCount: true,
    description:
      'Who waits for a seat or has an offer, in the order of their turns. Empty for everybody but the host, moderators and admins.',
    query: (_args, { viewer }) => ({
      where: { ...waits, event: moderatedBy(viewer) },
      orderBy: [{ turn: 'asc' }],
    }),
  }),
  waitlistCount: t.relationCount('waitlist', {
    description:
      'How many wait for a seat or have an offer. 0 for everybody but the host, moderators and admins: others learn their own position.',
    where: (_args, { viewer }) => ({ ...waits, event: moderatedBy(viewer) }),
  }),
}));

import { User } from '../accounts/user-schema.ts';
import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { moderatedBy } from '../events/access.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { AlreadySanctionedError } from './errors.ts';
import { personInput, personPayload } from './person-schema.ts';
import { SanctionKindType, SanctionTermsType } from './terms-schema.ts';

export const Sanction = builder.prismaNode('Sanction', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [{ event: moderatedBy(viewer) }] }),
  description: "A timeout or ban in one event. Seen by the event's host, its moderators and admins.",
  fields: (t) => ({
    event: t.relation('event', { description: 'Where.' }),
    user: t.relation('user', { description: 'Whom it is against.' }),
    kind: t.expose('kind', { type: SanctionKindType, description: 'What it is.' }),
    reason: t.exposeString('reason', { description: "The moderator's words; may be empty." }),
    imposedBy: t.relation('imposedBy', { description: 'Who imposed it.' }),
    imposedAt: t.expose('imposedAt', { type: 'DateTime', description: 'When.' }),
    until: t.expose('until', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ends by itself; null: only when it is lifted.',
    }),
    liftedAt: t.expose('liftedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was lifted, or gave way to a ban; null: it was not.',
    }),
  }),
});

builder.prismaObjectFields(VideoEvent, (t) => ({
  sanctions: t.relatedConnection('sanctions', {
    type: Sanction,
    cursor: 'id',
    totalCount: true,
    description:
      'Timeouts and bans, latest first, with those that are over. Empty for everybody but the host, moderators and admins.',
    query: (_args, { viewer }) => ({
      where: { event: moderatedBy(viewer) },
      orderBy: [{ imposedAt: 'desc' }, { id: 'desc' }],
    }),
  }),
  viewerSanction: t.field({
    type: SanctionTermsType,
    nullable: true,
    description: 'What is in force against the viewer now; null: nothing.',
    select: { id: true },
    resolve: ({ id }, _args, { moderation, viewer }) => moderation.ofViewer(viewer, id),
  }),
}));

const sanctionPayload = (name: string, description: string) =>
  builder.objectRef<{ sanctionId: string }>(name).implement({
    description,
    fields: (t) => ({
      sanction: t.prismaField({
        type: Sanction,
        description: 'The sanction.',
        resolve: (query, { sanctionId }, _args, { loader, viewer }) =>
          loader.sanction.findFirstOrThrow({ ...query, where: { id: sanctionId, event: moderatedBy(viewer) } }),
      }),
    }),
  });

const TimeOutUserInput = builder.inputType('TimeOutUserInput', {
  description: 'What timeOutUser takes.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
    userId: t.globalID({ for: User, required: true, description: 'The User.' }),
    seconds: t.int({ required: true, description: 'For how long: 1 to 1,209,600 (14 days).' }),
    reason: t.string({ description: 'At most 200 characters. The user and moderators read it.' }),
  }),
});

const refusals = [NotFoundError, ForbiddenError, InvalidInputError, AlreadySanctionedError];

builder.mutationField('timeOutUser', (t) =>
  t.field({
    type: sanctionPayload('TimeOutUserPayload', 'The user is timed out.'),
    description:
      'The user watches and writes nothing in the event for a while. For the host and moderators; nobody times out themselves, the host or an admin, and moderators not each other.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: TimeOutUserInput, required: true, description: 'Whom, and for how long.' }) },
    errors: { types: refusals },
    resolve: async (_root, { input }, { moderation, viewer }) => ({
      sanctionId: await moderation.timeOut(signedIn(viewer), {
        ...input,
        eventId: input.eventId.id,
        userId: input.userId.id,
      }),
    }),
  }),
);

const BanUserInput = builder.inputType('BanUserInput', {
  description: 'What banUser takes.',
  fields: (t) => ({
    eventId: t.globalID({ for: VideoEvent, required: true, description: 'The VideoEvent.' }),
    userId: t.globalID({ for: User, required: true, description: 'The User.' }),
    reason: t.string({ description: 'At most 200 characters. The user and moderators read it.' }),
  }),
});

builder.mutationField('banUser', (t) =>
  t.field({
    type: sanctionPayload('BanUserPayload', 'The user is banned.'),
    description:
      'The user loses their place, invitation and appointment in the event, their subscriptions to its feed end on every instance, and they neither write nor come back until the ban is lifted. Takes the place of a timeout. For whom timeOutUser is.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: BanUserInput, required: true, description: 'Whom.' }) },
    errors: { types: refusals },
    resolve: async (_root, { input }, { moderation, viewer }) => ({
      sanctionId: await moderation.ban(signedIn(viewer), {
        ...input,
        eventId: input.eventId.id,
        userId: input.userId.id,
      }),
    }),
  }),
);

builder.mutationField('liftSanction', (t) =>
  t.field({
    type: personPayload(
      'LiftSanctionPayload',
      'Nothing is in force against the user. Who was banned may join again; what they had is not given back.',
    ),
    description:
      "Ends a user's timeout or ban in the event. For the host and moderators. NOT_FOUND when nothing is in force.",
    authScopes: { signedIn: true },
    args: {
      input: t.arg({
        type: personInput('LiftSanctionInput', 'What liftSanction takes.'),
        required: true,
        description: 'Whose.',
      }),
    },
    errors: { types: [NotFoundError, ForbiddenError] },
    resolve: (_root, { input }, { moderation, viewer }) =>
      moderation.lift(signedIn(viewer), { eventId: input.eventId.id, userId: input.userId.id }),
  }),
);

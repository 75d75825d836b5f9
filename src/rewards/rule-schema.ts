import DataLoader from 'dataloader';
import { User } from '../accounts/user-schema.ts';
import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { IdempotencyConflictError } from '../feed/errors.ts';
import type { RewardRule as RewardRuleRow } from '../generated/prisma/client.ts';
import type { RewardTrigger } from '../generated/prisma/enums.ts';
import { encodeGlobalId } from '../global-id.ts';
import { visibleRules } from './access.ts';
import { longestTitle, mostRules, ruleBounds } from './earn-rules.ts';

const triggers: Record<RewardTrigger, { description: string }> = {
  MESSAGE: { description: 'A message in the chat.' },
  REACTION: { description: 'A reaction; taps that a client sent together are one.' },
  VOTE: { description: 'A vote in a poll: the first one in each. To change it pays nothing.' },
  QUESTION_ASKED: { description: 'A question.' },
  QUESTION_ANSWERED: { description: 'A question of the user that somebody else answered.' },
  JOIN: { description: 'Joining the event: the first time, however often they leave and come back.' },
  MINUTES_WATCHED: {
    description:
      'Each `minutes` that the user was present while the event was live, as the server saw it about every 30 seconds.',
  },
  CUSTOM: { description: "An engagement of a client's own type, as of logEngagement." },
};
const RewardTriggerType = builder.enumType('RewardTrigger', {
  description: 'What a participant does that a rule pays for. The host earns nothing in their own event.',
  values: triggers,
});

const RewardRule = builder.prismaNode('RewardRule', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleRules(viewer)] }),
  description:
    "Points that participation pays by itself. Seen by whoever sees where it pays; archived ones are the host's and admins' to see.",
  fields: (t) => ({
    host: t.relation('host', { description: 'Who pays: the points count with them.' }),
    eventId: t.id({
      nullable: true,
      description:
        'The global id of the VideoEvent in which it pays; null: in all events of the host but those with rules of their own for the same trigger and type.',
      resolve: ({ eventId }) => (eventId === null ? null : encodeGlobalId('VideoEvent', eventId)),
    }),
    title: t.exposeString('title', { description: 'What it pays for, in the words that users read as the reason.' }),
    trigger: t.expose('trigger', { type: RewardTriggerType, description: 'What it pays for.' }),
    engagementType: t.exposeString('engagementType', {
      nullable: true,
      description: "The client's own type of engagement, of CUSTOM; null for all else.",
    }),
    minutes: t.exposeInt('minutes', {
      nullable: true,
      description: 'For how many minutes it pays each time, of MINUTES_WATCHED; null for all else.',
    }),
    points: t.exposeInt('points', { description: 'Points each time.' }),
    cooldownSeconds: t.exposeInt('cooldownSeconds', {
      description: 'Seconds between two payments to one user in one event; 0: none.',
    }),
    maxPerEvent: t.exposeInt('maxPerEvent', {
      nullable: true,
      description: 'Payments to one user in one event; null: no limit.',
    }),
    activeFrom: t.expose('activeFrom', {
      type: 'DateTime',
      nullable: true,
      description: 'It pays from then on; null: always.',
    }),
    activeTo: t.expose('activeTo', {
      type: 'DateTime',
      nullable: true,
      description: 'It pays until then; null: always.',
    }),
    archivedAt: t.expose('archivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when it pays no more; null: it holds.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the host last changed it.' }),
  }),
});

builder.prismaObjectField(User, 'rewardRules', (t) =>
  t.relatedConnection('rewardRules', {
    type: RewardRule,
    cursor: 'id',
    totalCount: true,
    description:
      "What the host's events pay for, oldest first: rules of events that the viewer sees, too. Archived ones only for the host and admins.",
    query: (_args, { viewer }) => ({ where: visibleRules(viewer), orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] }),
  }),
);

/** Of all events that one operation asks about, in one go. */
const loaders = new WeakMap<Context, DataLoader<string, RewardRuleRow[]>>();

function rulesOf(context: Context): DataLoader<string, RewardRuleRow[]> {
  const known = loaders.get(context);
  if (known !== undefined) return known;
  const loader = new DataLoader<string, RewardRuleRow[]>(async (eventIds) => {
    const found = await context.rewards.rulesIn(eventIds);
    return eventIds.map((eventId) => found.get(eventId) ?? []);
  });
  loaders.set(context, loader);
  return loader;
}

builder.prismaObjectField(VideoEvent, 'rewardRules', (t) =>
  t.field({
    type: [RewardRule],
    description: `What the event pays for, oldest first: by rules of its own, and by its host's where it has none for the same. At most ${2 * mostRules}.`,
    select: { id: true },
    resolve: ({ id }, _args, context) => rulesOf(context).load(id),
  }),
);

const from = ({ least, most }: { least: number; most: number }) =>
  `${least.toLocaleString('en')} to ${most.toLocaleString('en')}`;
const describe = {
  title: `What it pays for, for users to read: 1 to ${longestTitle} characters.`,
  points: `Points each time: ${from(ruleBounds.points)}.`,
  cooldownSeconds: `Seconds between two payments to one user in one event: ${from(ruleBounds.cooldownSeconds)}.`,
  maxPerEvent: `Payments to one user in one event: ${from(ruleBounds.maxPerEvent)}; null: no limit.`,
  activeFrom: 'It pays from then on; null: always.',
  activeTo: 'It pays until then, which is after `activeFrom`; null: always.',
};

const rulePayload = (name: string, description: string) =>
  builder.objectRef<{ ruleId: string }>(name).implement({
    description,
    fields: (t) => ({
      rewardRule: t.prismaField({
        type: RewardRule,
        description: 'The rule as it is now.',
        resolve: (query, { ruleId }, _args, { loader, viewer }) =>
          loader.rewardRule.findFirstOrThrow({ ...query, where: { id: ruleId, AND: [visibleRules(viewer)] } }),
      }),
    }),
  });

const CreateRewardRuleInput = builder.inputType('CreateRewardRuleInput', {
  description: 'What createRewardRule takes.',
  fields: (t) => ({
    eventId: t.globalID({
      for: VideoEvent,
      description:
        "The VideoEvent in which it pays: there it takes the place of the host's rules of the same trigger and type. Without it: in all events of the viewer.",
    }),
    title: t.string({ required: true, description: describe.title }),
    trigger: t.field({ type: RewardTriggerType, required: true, description: 'What it pays for.' }),
    engagementType: t.string({ description: 'For CUSTOM, and needed there: the type, as of logEngagement.' }),
    minutes: t.int({
      description: `For MINUTES_WATCHED, and needed there: it pays for each so many minutes, ${from(ruleBounds.minutes)}.`,
    }),
    points: t.int({ required: true, description: describe.points }),
    cooldownSeconds: t.int({ description: `${describe.cooldownSeconds} Without it: 0.` }),
    maxPerEvent: t.int({ description: describe.maxPerEvent }),
    activeFrom: t.field({ type: 'DateTime', description: describe.activeFrom }),
    activeTo: t.field({ type: 'DateTime', description: describe.activeTo }),
    idempotencyKey: t.string({
      description:
        'At most 64 characters of your choice. Sent again within 24 hours with the same input, the mutation answers as it did first and does nothing.',
    }),
  }),
});

builder.mutationField('createRewardRule', (t) =>
  t.field({
    type: rulePayload('CreateRewardRulePayload', 'The rule holds.'),
    description: `Has participation pay points by itself. For hosts and admins; for one event: for who runs it. At most ${mostRules} that are not archived, and as many for an event.`,
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: CreateRewardRuleInput, required: true, description: 'The rule.' }) },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError, IdempotencyConflictError] },
    resolve: (_root, { input }, { rewards, viewer }) =>
      rewards.createRule(signedIn(viewer), { ...input, eventId: input.eventId?.id }),
  }),
);

const UpdateRewardRuleInput = builder.inputType('UpdateRewardRuleInput', {
  description:
    'What updateRewardRule takes: what is absent stays as it is, and null takes a limit away. For something else, or elsewhere, make another rule.',
  fields: (t) => ({
    ruleId: t.globalID({ for: RewardRule, required: true, description: 'The RewardRule.' }),
    title: t.string({ description: describe.title }),
    points: t.int({ description: describe.points }),
    cooldownSeconds: t.int({ description: describe.cooldownSeconds }),
    maxPerEvent: t.int({ description: describe.maxPerEvent }),
    activeFrom: t.field({ type: 'DateTime', description: describe.activeFrom }),
    activeTo: t.field({ type: 'DateTime', description: describe.activeTo }),
  }),
});

builder.mutationField('updateRewardRule', (t) =>
  t.field({
    type: rulePayload('UpdateRewardRulePayload', 'The rule is changed; what it paid stays paid.'),
    description: 'Changes a rule that is not archived. For its host and admins.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: UpdateRewardRuleInput, required: true, description: 'Which one, and what of it.' }) },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError] },
    resolve: (_root, { input: { ruleId, ...changes } }, { rewards, viewer }) =>
      rewards.updateRule(signedIn(viewer), { ...changes, ruleId: ruleId.id }),
  }),
);

const ArchiveRewardRuleInput = builder.inputType('ArchiveRewardRuleInput', {
  description: 'What archiveRewardRule takes.',
  fields: (t) => ({ ruleId: t.globalID({ for: RewardRule, required: true, description: 'The RewardRule.' }) }),
});

builder.mutationField('archiveRewardRule', (t) =>
  t.field({
    type: rulePayload('ArchiveRewardRulePayload', 'It pays no more.'),
    description: 'Ends a rule, for good. What it paid stays paid. For its host and admins.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: ArchiveRewardRuleInput, required: true, description: 'Which one.' }) },
    errors: { types: [NotFoundError, ForbiddenError] },
    resolve: (_root, { input }, { rewards, viewer }) => rewards.archiveRule(signedIn(viewer), input.ruleId.id),
  }),
);

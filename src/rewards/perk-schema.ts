import { User } from '../accounts/user-schema.ts';
import { signedIn } from '../auth/viewer.ts';
import { builder } from '../builder.ts';
import { ForbiddenError, InvalidInputError, NotFoundError } from '../errors.ts';
import { IdempotencyConflictError } from '../feed/errors.ts';
import { visiblePerks } from './access.ts';
import { perkBounds, perkText } from './perk-rules.ts';

export const Perk = builder.prismaNode('Perk', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visiblePerks(viewer)] }),
  description:
    "Something a host offers for points, in all of their events. Archived ones are the host's and admins' to see.",
  fields: (t) => ({
    host: t.relation('host', { description: 'Who offers it: points with this host buy it.' }),
    title: t.exposeString('title', { description: 'What it is.' }),
    description: t.exposeString('description', { description: 'More about it; may be empty.' }),
    cost: t.exposeInt('cost', { description: 'Points.' }),
    stock: t.exposeInt('stock', { nullable: true, description: 'How many are left; null: no limit.' }),
    cooldownSeconds: t.exposeInt('cooldownSeconds', {
      description: 'Seconds between two redemptions, whoever redeems; 0: none.',
    }),
    maxPerEvent: t.exposeInt('maxPerEvent', {
      nullable: true,
      description: 'Redemptions in one event; null: no limit.',
    }),
    maxPerUser: t.exposeInt('maxPerUser', {
      nullable: true,
      description: 'Redemptions of one user in one event; null: no limit.',
    }),
    archivedAt: t.expose('archivedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when nobody can redeem it; null: it is offered.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the host last changed it.' }),
  }),
});

builder.prismaObjectField(User, 'perks', (t) =>
  t.relatedConnection('perks', {
    type: Perk,
    cursor: 'id',
    totalCount: true,
    description: 'What the host offers for points, oldest first. Archived ones only for the host and admins.',
    query: (_args, { viewer }) => ({ where: visiblePerks(viewer), orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] }),
  }),
);

const from = ({ least, most }: { least: number; most: number }) =>
  `${least.toLocaleString('en')} to ${most.toLocaleString('en')}`;
const describe = {
  title: `What it is: 1 to ${perkText.title} characters.`,
  description: `More about it: at most ${perkText.description} characters.`,
  cost: `Points: ${from(perkBounds.cost)}.`,
  stock: `How many there are: ${from(perkBounds.stock)}; null: no limit.`,
  cooldownSeconds: `Seconds between two redemptions, whoever redeems: ${from(perkBounds.cooldownSeconds)}.`,
  maxPerEvent: `Redemptions in one event: ${from(perkBounds.perEvent)}; null: no limit.`,
  maxPerUser: `Redemptions of one user in one event: ${from(perkBounds.perEvent)}; null: no limit.`,
};

const perkPayload = (name: string, description: string) =>
  builder.objectRef<{ perkId: string }>(name).implement({
    description,
    fields: (t) => ({
      perk: t.prismaField({
        type: Perk,
        description: 'The perk as it is now.',
        resolve: (query, { perkId }, _args, { loader, viewer }) =>
          loader.perk.findFirstOrThrow({ ...query, where: { id: perkId, AND: [visiblePerks(viewer)] } }),
      }),
    }),
  });

const CreatePerkInput = builder.inputType('CreatePerkInput', {
  description: 'What createPerk takes.',
  fields: (t) => ({
    title: t.string({ required: true, description: describe.title }),
    description: t.string({ description: describe.description }),
    cost: t.int({ required: true, description: describe.cost }),
    stock: t.int({ description: describe.stock }),
    cooldownSeconds: t.int({ description: `${describe.cooldownSeconds} Without it: 0.` }),
    maxPerEvent: t.int({ description: describe.maxPerEvent }),
    maxPerUser: t.int({ description: describe.maxPerUser }),
    idempotencyKey: t.string({
      description:
        'At most 64 characters of your choice. Sent again within 24 hours with the same input, the mutation answers as it did first and does nothing.',
    }),
  }),
});

builder.mutationField('createPerk', (t) =>
  t.field({
    type: perkPayload('CreatePerkPayload', 'The perk is offered.'),
    description: "Offers something for points, in all of the viewer's events. For hosts and admins.",
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: CreatePerkInput, required: true, description: 'The perk.' }) },
    errors: { types: [ForbiddenError, InvalidInputError, IdempotencyConflictError] },
    resolve: (_root, { input }, { rewards, viewer }) => rewards.createPerk(signedIn(viewer), input),
  }),
);

const UpdatePerkInput = builder.inputType('UpdatePerkInput', {
  description: 'What updatePerk takes: what is absent stays as it is, and null takes a limit away.',
  fields: (t) => ({
    perkId: t.globalID({ for: Perk, required: true, description: 'The Perk.' }),
    title: t.string({ description: describe.title }),
    description: t.string({ description: describe.description }),
    cost: t.int({ description: describe.cost }),
    stock: t.int({ description: describe.stock }),
    cooldownSeconds: t.int({ description: describe.cooldownSeconds }),
    maxPerEvent: t.int({ description: describe.maxPerEvent }),
    maxPerUser: t.int({ description: describe.maxPerUser }),
  }),
});

builder.mutationField('updatePerk', (t) =>
  t.field({
    type: perkPayload('UpdatePerkPayload', 'The perk is changed; what was redeemed before keeps its price.'),
    description: 'Changes a perk that is not archived. For its host and admins.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: UpdatePerkInput, required: true, description: 'Which one, and what of it.' }) },
    errors: { types: [NotFoundError, ForbiddenError, InvalidInputError] },
    resolve: (_root, { input: { perkId, ...changes } }, { rewards, viewer }) =>
      rewards.updatePerk(signedIn(viewer), { ...changes, perkId: perkId.id }),
  }),
);

const ArchivePerkInput = builder.inputType('ArchivePerkInput', {
  description: 'What archivePerk takes.',
  fields: (t) => ({ perkId: t.globalID({ for: Perk, required: true, description: 'The Perk.' }) }),
});

builder.mutationField('archivePerk', (t) =>
  t.field({
    type: perkPayload('ArchivePerkPayload', 'Nobody redeems it any more.'),
    description:
      'Takes a perk off the list, for good. What was redeemed is still to be fulfilled. For its host and admins.',
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: ArchivePerkInput, required: true, description: 'Which one.' }) },
    errors: { types: [NotFoundError, ForbiddenError] },
    resolve: (_root, { input }, { rewards, viewer }) => rewards.archivePerk(signedIn(viewer), input.perkId.id),
  }),
);

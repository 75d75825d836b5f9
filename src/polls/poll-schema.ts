import { builder } from '../builder.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import { PollResultsType, PollStatusType } from './status-schema.ts';
import { PollTallyType } from './tally-schema.ts';

export const PollChoice = builder.prismaNode('PollChoice', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { polls, viewer }) => ({ id, AND: [{ poll: polls.visible(viewer) }] }),
  description: 'One of the answers that a poll offers.',
  fields: (t) => ({
    text: t.exposeString('text', { description: '1 to 80 characters; no two of a poll are the same.' }),
  }),
});

const PollBallot = builder.objectRef<{ choiceIds: string[]; votedAt: Date }>('PollBallot').implement({
  description: "The viewer's vote in a poll. Nobody else can read it.",
  fields: (t) => ({
    choiceIds: t.idList({
      description: 'Global ids of the PollChoices they chose.',
      resolve: ({ choiceIds }) => choiceIds.map((id) => encodeGlobalId('PollChoice', id)),
    }),
    votedAt: t.expose('votedAt', { type: 'DateTime', description: 'When they voted, or last changed it.' }),
  }),
});

const inOrder = { orderBy: { position: 'asc' } } as const;

export const Poll = builder.prismaNode('Poll', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { polls, viewer }) => ({ id, AND: [polls.visible(viewer)] }),
  description:
    'A question to the participants of an event. While it is a draft, and once it is archived, the host and moderators see it only.',
  fields: (t) => ({
    eventId: t.id({
      description: "The VideoEvent's global id.",
      select: { eventId: true },
      resolve: ({ eventId }) => encodeGlobalId('VideoEvent', eventId),
    }),
    title: t.exposeString('title', { description: 'The question, 1 to 120 characters.' }),
    status: t.expose('status', { type: PollStatusType, description: 'Where it stands.' }),
    choices: t.relation('choices', { query: inOrder, description: 'What to choose from, 2 to 10, in their order.' }),
    maxChoices: t.exposeInt('maxChoices', { description: 'How many of them one ballot may have; 1: a single choice.' }),
    changeable: t.exposeBoolean('changeable', {
      description: 'Whether a ballot may be changed while the poll is open.',
    }),
    results: t.expose('results', { type: PollResultsType, description: 'When the audience sees the tally.' }),
    durationSeconds: t.exposeInt('durationSeconds', {
      nullable: true,
      description: 'Seconds it is open, 15 to 86,400; null: until somebody closes it.',
    }),
    openedAt: t.expose('openedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was opened; null before.',
    }),
    closesAt: t.expose('closesAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it closes by itself. Null before it is opened, and where it stays open until it is closed.',
    }),
    closedAt: t.expose('closedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was closed; null before. It closes with its event at the latest.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the draft was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed or moved on.' }),
    tally: t.field({
      type: PollTallyType,
      nullable: true,
      select: { id: true, eventId: true, status: true, results: true },
      description: 'How the votes stand; null where the viewer may not see that yet: `results` tells when.',
      resolve: (poll, _args, { polls, viewer }) => polls.tally(viewer, poll),
    }),
    viewerBallot: t.field({
      type: PollBallot,
      nullable: true,
      description: "The viewer's own vote; null if they have not voted, and for guests.",
      select: (_args, { viewer }) => ({
        choices: inOrder,
        ballots: { where: { participant: { userId: { in: viewer === null ? [] : [viewer.id] } } }, take: 1 },
      }),
      resolve({ choices, ballots: [ballot] }) {
        if (ballot === undefined) return null;
        const choiceIds = choices.filter(({ position }) => ballot.choices.includes(position)).map(({ id }) => id);
        return { choiceIds, votedAt: ballot.updatedAt };
      },
    }),
  }),
});

builder.prismaObjectField(VideoEvent, 'polls', (t) =>
  t.relatedConnection('polls', {
    type: Poll,
    cursor: 'id',
    totalCount: true,
    description: 'Its polls, latest first. Drafts and archived ones are there for the host and moderators only.',
    args: { status: t.arg({ type: [PollStatusType], description: 'Only polls in one of these. Without it: all.' }) },
    query: ({ status }, { polls, viewer }) => ({
      where: { AND: [polls.visible(viewer), status == null ? {} : { status: { in: status } }] },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    }),
  }),
);

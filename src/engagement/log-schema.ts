import { resolveNodes } from '@pothos/plugin-relay';
import DataLoader from 'dataloader';
import type { FieldNode, GraphQLResolveInfo } from 'graphql';
import { User } from '../accounts/user-schema.ts';
import { builder } from '../builder.ts';
import type { Context } from '../context.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { visibleEngagements } from '../participation/access.ts';
import { Participant } from '../participation/participant-schema.ts';
import { engagementsWhere } from './filter.ts';
import { subjectOf } from './subjects.ts';

type Subject = NonNullable<ReturnType<typeof subjectOf>>;

/** Of all engagements of a list, together. The nodes of a field in one answer are the same objects for each of them. */
const subjects = new WeakMap<readonly FieldNode[], DataLoader<Subject, unknown, string>>();

function subjectsOf(context: Context, info: GraphQLResolveInfo): DataLoader<Subject, unknown, string> {
  const known = subjects.get(info.fieldNodes);
  if (known !== undefined) return known;
  const loader = new DataLoader<Subject, unknown, string>(
    async (asked) => Promise.all(await resolveNodes(builder, context, info, [...asked])),
    { cacheKeyFn: ({ typename, id }) => `${typename}:${id}` },
  );
  subjects.set(info.fieldNodes, loader);
  return loader;
}

export const EngagementLog = builder.prismaNode('EngagementLog', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleEngagements(viewer)] }),
  description: "One thing a participant did. Seen by the participant, the event's host and its moderators.",
  fields: (t) => ({
    participant: t.relation('participant', { description: 'Who did it.' }),
    event: t.relation('event', { description: "The participant's event." }),
    engagementType: t.exposeString('engagementType', {
      description:
        "What was done: JOIN, MESSAGE, REACTION, VOTE, QUESTION, UPVOTE, PREDICTION. More will come; show what you know. A lower-case name is a client's own: see logEngagement.",
    }),
    engagementTime: t.expose('engagementTime', {
      type: 'DateTime',
      description: "When, by the database's clock.",
    }),
    count: t.exposeInt('count', {
      description: 'How often it was done: taps that a client sent together are one engagement.',
    }),
    emoji: t.exposeString('emoji', { nullable: true, description: 'What a REACTION was given with; null otherwise.' }),
    payload: t.field({
      type: 'JSONObject',
      nullable: true,
      select: { payload: true },
      description: 'What the client said of it. Null for types that are not its own.',
      resolve: ({ payload }) => (typeof payload === 'object' && !Array.isArray(payload) ? payload : null),
    }),
    subject: t.field({
      type: builder.nodeInterfaceRef(),
      nullable: true,
      select: { engagementType: true, subjectId: true },
      description:
        'What it is about: the Message that was sent, the Participant who joined. Null where it is about none, where that is gone, and where the viewer may not see it.',
      resolve: (engagement, _args, context, info) => {
        const subject = subjectOf(engagement);
        return subject === null ? null : subjectsOf(context, info).load(subject);
      },
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was written down.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the record last changed.' }),
  }),
});

const EngagementFilterInput = builder.inputType('EngagementFilter', {
  description: 'Which engagements to list. What is not given does not narrow the list.',
  fields: (t) => ({
    types: t.stringList({ description: 'Only engagements of one of these types; at most 50.' }),
    participantId: t.globalID({ for: Participant, description: "Only this Participant's." }),
    userId: t.globalID({ for: User, description: "Only this User's." }),
    from: t.field({ type: 'DateTime', description: 'Only engagements of this instant or later.' }),
    to: t.field({ type: 'DateTime', description: 'Only engagements before this instant.' }),
  }),
});

type FilterInput = typeof EngagementFilterInput.$inferInput;

const narrowed = (filter: FilterInput | null | undefined) =>
  engagementsWhere({ ...filter, participantId: filter?.participantId?.id, userId: filter?.userId?.id });

const latestFirst = [{ engagementTime: 'desc' as const }, { id: 'desc' as const }];
const filterDescription = 'Which of them. Default: all.';

builder.prismaObjectField(Participant, 'engagements', (t) =>
  t.relatedConnection('engagements', {
    cursor: 'id',
    totalCount: true,
    description: 'What they did in the event, latest first.',
    args: { filter: t.arg({ type: EngagementFilterInput, description: filterDescription }) },
    query: ({ filter }, { viewer }) => ({
      where: { AND: [visibleEngagements(viewer), narrowed(filter)] },
      orderBy: latestFirst,
    }),
  }),
);

builder.prismaObjectField(VideoEvent, 'engagements', (t) =>
  t.relatedConnection('engagements', {
    cursor: 'id',
    totalCount: true,
    description:
      'What participants did, latest first. The host and moderators get all; others what they did themselves. All at once: GET /events/{id}/engagements.csv or .jsonl.',
    args: { filter: t.arg({ type: EngagementFilterInput, description: filterDescription }) },
    query: ({ filter }, { viewer }) => ({
      where: { AND: [visibleEngagements(viewer), narrowed(filter)] },
      orderBy: latestFirst,
    }),
  }),
);

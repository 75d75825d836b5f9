import { builder } from '../builder.ts';
import { VideoEvent } from '../events/video-event-schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import { goalLimits } from './rules.ts';
import { GoalMetricType, GoalStatusType } from './status-schema.ts';

builder.prismaObject('GoalLevel', {
  description: 'One step of a goal.',
  fields: (t) => ({
    level: t.exposeInt('level', { description: 'Which of its steps: 1 first.' }),
    target: t.exposeInt('target', { description: 'What the progress has to come to.' }),
    points: t.exposeInt('points', {
      description: `What everybody gets who is present when it is reached: 0 to ${goalLimits.points.most.toLocaleString('en')}.`,
    }),
    reachedAt: t.expose('reachedAt', { type: 'DateTime', nullable: true, description: 'When it was; null: not yet.' }),
  }),
});

export const Goal = builder.prismaNode('Goal', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { goals, viewer }) => ({ id, AND: [goals.visible(viewer)] }),
  description: 'What the crowd of an event is to do together. Seen by whoever sees the event.',
  fields: (t) => ({
    eventId: t.id({
      description: "The VideoEvent's global id.",
      select: { eventId: true },
      resolve: ({ eventId }) => encodeGlobalId('VideoEvent', eventId),
    }),
    title: t.exposeString('title', { description: '1 to 120 characters.' }),
    metric: t.expose('metric', { type: GoalMetricType, description: 'What counts.' }),
    status: t.expose('status', { type: GoalStatusType, description: 'Where it stands.' }),
    levels: t.relation('levels', {
      query: { orderBy: { level: 'asc' } },
      description: 'Its steps, 1 to 5, each with a higher target than the one before it.',
    }),
    progress: t.field({
      type: 'SafeInt',
      select: { progress: true },
      description: 'Counted since it was set, once a second while it is open. Live in `videoEventPulse`.',
      resolve: ({ progress }) => Number(progress),
    }),
    closedAt: t.expose('closedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was reached, closed or cancelled; null: it is open.',
    }),
    createdAt: t.expose('createdAt', {
      type: 'DateTime',
      description: 'When it was set: what came before does not count.',
    }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed, but for its progress.' }),
  }),
});

builder.prismaObjectField(VideoEvent, 'goals', (t) =>
  t.relatedConnection('goals', {
    type: Goal,
    cursor: 'id',
    totalCount: true,
    description: 'Its goals, latest first.',
    args: { status: t.arg({ type: [GoalStatusType], description: 'Only goals in one of these. Without it: all.' }) },
    query: ({ status }, { goals, viewer }) => ({
      where: { AND: [goals.visible(viewer), status == null ? {} : { status: { in: status } }] },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    }),
  }),
);

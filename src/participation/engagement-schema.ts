import { builder } from '../builder.ts';
import { visibleEngagements } from './access.ts';
import { Participant } from './participant-schema.ts';

builder.prismaNode('EngagementLog', {
  id: { field: 'id' },
  nullable: true,
  findUnique: (id, { viewer }) => ({ id, AND: [visibleEngagements(viewer)] }),
  description: "One thing a participant did. Seen by the participant, the event's host and its moderators.",
  fields: (t) => ({
    participant: t.relation('participant', { description: 'Who did it.' }),
    event: t.relation('event', { description: "The participant's event." }),
    engagementType: t.exposeString('engagementType', {
      description: 'What was done: JOIN, MESSAGE. More will come; show what you know.',
    }),
    engagementTime: t.expose('engagementTime', {
      type: 'DateTime',
      description: "When, by the database's clock.",
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was written down.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the record last changed.' }),
  }),
});

builder.prismaObjectField(Participant, 'engagements', (t) =>
  t.relatedConnection('engagements', {
    cursor: 'id',
    totalCount: true,
    description: 'What they did in the event, latest first.',
    query: (_args, { viewer }) => ({
      where: visibleEngagements(viewer),
      orderBy: [{ engagementTime: 'desc' }, { id: 'desc' }],
    }),
  }),
);

import { builder } from '../builder.ts';
import { factRef, factType } from '../feed/schema.ts';
import { encodeGlobalId } from '../global-id.ts';
import { type GoalSnapshot, goalClosed, goalReached, goalSet } from './entries.ts';
import { GoalMetricType, GoalStatusType } from './status-schema.ts';

const GoalLevelSnapshot = builder.objectRef<GoalSnapshot['levels'][number]>('GoalLevelSnapshot').implement({
  description: 'One step of a goal. It does not change.',
  fields: (t) => ({
    level: t.exposeInt('level', { description: 'Which of its steps: 1 first.' }),
    target: t.exposeInt('target', { description: 'What the progress has to come to.' }),
    points: t.exposeInt('points', { description: 'What everybody gets who is present when it is reached.' }),
  }),
});

const GoalSnapshotType = builder.objectRef<GoalSnapshot>('GoalSnapshot').implement({
  description: 'A goal as it was when a fact was stated. The fields mean what they mean on Goal.',
  fields: (t) => ({
    goalId: t.id({ description: "The Goal's global id.", resolve: ({ goalId }) => encodeGlobalId('Goal', goalId) }),
    title: t.exposeString('title', { description: '1 to 120 characters.' }),
    metric: t.expose('metric', { type: GoalMetricType, description: 'What counts.' }),
    status: t.expose('status', { type: GoalStatusType, description: 'Where it stands.' }),
    progress: t.expose('progress', { type: 'SafeInt', description: 'Counted since it was set.' }),
    levels: t.field({
      type: [GoalLevelSnapshot],
      description: 'Its steps, in their order.',
      resolve: ({ levels }) => [...levels],
    }),
  }),
});

export const GoalSet = factRef(goalSet).implement({
  ...factType(goalSet),
  description: 'The host set a goal: what the crowd does counts from now on.',
  fields: (t) => ({
    goal: t.field({ type: GoalSnapshotType, description: 'The goal.', resolve: ({ entry }) => entry.payload.goal }),
  }),
});

export const GoalReached = factRef(goalReached).implement({
  ...factType(goalReached),
  description:
    'The crowd reached a level of a goal. Everybody who is present gets its points, and is told in their own feed once they have them.',
  fields: (t) => ({
    goalId: t.id({
      description: "The Goal's global id.",
      resolve: ({ entry }) => encodeGlobalId('Goal', entry.payload.goalId),
    }),
    title: t.string({ description: "The goal's title.", resolve: ({ entry }) => entry.payload.title }),
    level: t.int({ description: 'Which of its levels: 1 first.', resolve: ({ entry }) => entry.payload.level }),
    target: t.int({ description: 'What the progress had to come to.', resolve: ({ entry }) => entry.payload.target }),
    points: t.int({ description: 'What each gets; may be 0.', resolve: ({ entry }) => entry.payload.points }),
  }),
});

export const GoalClosed = factRef(goalClosed).implement({
  ...factType(goalClosed),
  description:
    'Nothing counts towards a goal any more, though not all of its levels were reached: its status says whether the event is over or the host called it off.',
  fields: (t) => ({
    goal: t.field({ type: GoalSnapshotType, description: 'The goal.', resolve: ({ entry }) => entry.payload.goal }),
  }),
});

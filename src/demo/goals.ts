import type { NewGoal } from '../goals/input.ts';
import type { Beat } from './scene.ts';

export const setsGoal =
  (goal: Omit<NewGoal, 'eventId' | 'idempotencyKey'>): Beat =>
  ({ capabilities: { goals }, eventId, host, key }) =>
    goals.create(host, { ...goal, eventId, idempotencyKey: key });

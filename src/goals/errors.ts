import { DomainError } from '../errors.ts';
import type { GoalStatus } from '../generated/prisma/enums.ts';

export class GoalStatusError extends DomainError {
  readonly code = 'GOAL_STATUS';
  readonly goalStatus: GoalStatus;
  constructor(goalStatus: GoalStatus) {
    super(`The goal is ${goalStatus}; that does not allow this.`);
    this.goalStatus = goalStatus;
  }
  override extras() {
    return { goalStatus: this.goalStatus };
  }
}

import { DomainError } from '../errors.ts';
import type { PredictionStatus } from '../generated/prisma/enums.ts';

export class PredictionStatusError extends DomainError {
  readonly code = 'PREDICTION_STATUS';
  readonly predictionStatus: PredictionStatus;
  constructor(predictionStatus: PredictionStatus) {
    super(`The prediction is ${predictionStatus}; that does not allow this.`);
    this.predictionStatus = predictionStatus;
  }
  override extras() {
    return { predictionStatus: this.predictionStatus };
  }
}

export class AlreadyStakedError extends DomainError {
  readonly code = 'ALREADY_STAKED';
  constructor() {
    super('You have staked on another outcome of this prediction.');
  }
}

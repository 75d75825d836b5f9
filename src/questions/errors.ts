import { DomainError } from '../errors.ts';
import type { QuestionStatus } from '../generated/prisma/enums.ts';

export class TooManyQuestionsError extends DomainError {
  readonly code = 'TOO_MANY_QUESTIONS';
  /** Questions of one participant that may wait. */
  readonly limit: number;
  constructor(limit: number) {
    super(`${limit} of your questions wait for an answer already.`);
    this.limit = limit;
  }
  override extras() {
    return { limit: this.limit };
  }
}

export class QuestionStatusError extends DomainError {
  readonly code = 'QUESTION_STATUS';
  readonly questionStatus: QuestionStatus;
  constructor(questionStatus: QuestionStatus) {
    super(`The question is ${questionStatus}; that does not allow this.`);
    this.questionStatus = questionStatus;
  }
  override extras() {
    return { questionStatus: this.questionStatus };
  }
}

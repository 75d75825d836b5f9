import { DomainError } from '../errors.ts';
import type { ReportResolution } from '../generated/prisma/enums.ts';

/** Somebody else was first. */
export class AlreadyResolvedError extends DomainError {
  readonly code = 'ALREADY_RESOLVED';
  readonly resolution: ReportResolution;
  constructor(resolution: ReportResolution) {
    super(
      `The reports are resolved already: the message was ${resolution === 'REMOVED' ? 'removed' : 'left as it is'}.`,
    );
    this.resolution = resolution;
  }
  override extras() {
    return { resolution: this.resolution };
  }
}

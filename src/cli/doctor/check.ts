import type { Finding } from '../../finding.ts';

/** One part that was looked at. */
export interface Check {
  part: string;
  /** What was seen of it, in a few words, when it could be looked at; else why not. */
  seen: string;
  /** Empty: nothing is wrong, or it could not be looked at for a reason that stands elsewhere. */
  findings: readonly Finding[];
}

/** How long the doctor waits for an answer, in ms: longer than a healthy part takes anywhere. */
export const answerWithinMs = 5000;

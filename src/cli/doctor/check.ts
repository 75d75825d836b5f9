/** Something wrong, and what mends it. */
export interface Finding {
  /** Stays the same between versions, for programs: `DATABASE_LOGIN_REFUSED`. */
  code: string;
  /** What was seen, in a sentence. Never holds a secret. */
  problem: string;
  /** What to do. */
  remedy: string;
}

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

/** Host and port of a URL that may carry a password. */
export function hostOf(url: string, defaultPort: number): string {
  const { hostname, port } = new URL(url);
  return `${hostname || 'localhost'}:${port || defaultPort}`;
}

/** Node's code of a system error, or the driver's; with several addresses tried, the first one's. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

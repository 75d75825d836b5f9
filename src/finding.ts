/** Something wrong, and what mends it. */
export interface Finding {
  /** Stays the same between versions, for programs: `DATABASE_LOGIN_REFUSED`. */
  code: string;
  /** What was seen, in a sentence. Never holds a secret. */
  problem: string;
  /** What to do. */
  remedy: string;
}

/** What keeps the server or a command from starting, and a person can mend. `message` is the problem and the remedy. */
export class FindingError extends Error {
  override name = 'FindingError';
  readonly finding: Finding;
  constructor(finding: Finding, options?: ErrorOptions) {
    super(`${finding.problem} ${finding.remedy}`, options);
    this.finding = finding;
  }
}

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

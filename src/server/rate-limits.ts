/** What is limited, and how often it is allowed. Counted by field, not by request: a document with 100 logIn fields counts 100. */
export const limits = {
  logIn: { points: 10, seconds: 60 },
  signUp: { points: 10, seconds: 3600 },
  mutation: { points: 120, seconds: 60 },
} as const;

export type LimitName = keyof typeof limits;

export interface RateLimits {
  /** Counts one for each key. Throws RateLimitedError when any is used up. */
  consume(limit: LimitName, keys: readonly string[]): Promise<void>;
}

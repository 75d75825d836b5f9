import { LimitExceededError } from '../errors.ts';

/** Who takes a share, of what, and for which operation. */
export interface Share {
  /** Where the operation comes from: an address, or an IPv6 line. */
  network: string;
  /** The feed or pulse that it follows. */
  follows: string;
  /** Equal for operations that are executed together. */
  operation: string;
  /** What one item's execution costs, in fields. */
  weight: number;
}

/**
 * Every item is executed once for each different operation that follows its feed. Who sends ever others has ever more executed for
 * each item, while everybody waits: a network's different operations have so many fields together, for each feed. That is two hundred
 * of the usual ones, or some fifteen milliseconds.
 */
export const fieldsPerNetwork = 4000;

export interface Shares {
  /** The returned function gives it back. Throws LimitExceededError. */
  take(share: Share): () => void;
}

interface Taken {
  weight: number;
  /** How many follow by each operation. */
  readonly followers: Map<string, number>;
}

export function createShares(): Shares {
  const all = new Map<string, Taken>();
  return {
    take({ network, follows, operation, weight }) {
      const place = `${network} ${follows}`;
      const taken = all.get(place) ?? { weight: 0, followers: new Map<string, number>() };
      const already = taken.followers.get(operation) ?? 0;
      if (already === 0) {
        if (taken.weight + weight > fieldsPerNetwork) {
          throw new LimitExceededError(
            `The different subscriptions from one network to one feed select at most ${fieldsPerNetwork} fields.`,
          );
        }
        taken.weight += weight;
      }
      taken.followers.set(operation, already + 1);
      all.set(place, taken);
      return () => {
        const left = (taken.followers.get(operation) ?? 1) - 1;
        if (left > 0) {
          taken.followers.set(operation, left);
          return;
        }
        taken.followers.delete(operation);
        taken.weight -= weight;
        if (taken.followers.size === 0) all.delete(place);
      };
    },
  };
}

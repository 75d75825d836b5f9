import type { Viewer } from '../auth/viewer.ts';
import { comeBackAfter } from '../come-back.ts';
import type { Client } from '../context.ts';
import { RateLimitedError } from '../errors.ts';
import { socketLimits } from './socket-manners.ts';

/** When somebody may have closed something, in ms. */
const fullForMs = 1000;

/** Things that somebody may have only so many of at once. */
export interface Places {
  /** Takes one for `key`; the returned function gives it back, once. Null: all are taken. */
  take(key: string): (() => void) | null;
}

/** `each`: how many for each key. */
export function createPlaces(each: number): Places {
  const taken = new Map<string, number>();
  return {
    take(key) {
      const before = taken.get(key) ?? 0;
      if (before >= each) return null;
      taken.set(key, before + 1);
      let given = false;
      return () => {
        if (given) return;
        given = true;
        const left = (taken.get(key) ?? 1) - 1;
        if (left === 0) taken.delete(key);
        else taken.set(key, left);
      };
    },
  };
}

/** Everything that is kept open, on all transports. */
export interface OpenPlaces {
  /** Sockets, and streams of server-sent events: by the network they come from. */
  ofNetwork: Places;
  /** A user's sockets. Each has room for many operations. */
  socketsOf: Places;
  /** A user's streams, of one operation each. */
  streamsOf: Places;
}

export function createOpenPlaces({ perNetwork }: { perNetwork: number }): OpenPlaces {
  return {
    ofNetwork: createPlaces(perNetwork),
    socketsOf: createPlaces(socketLimits.perUser),
    streamsOf: createPlaces(socketLimits.operations),
  };
}

/** Takes what a stream needs; the returned function gives it back. Throws RateLimitedError when the viewer or their network has its share. */
export function takeForStream(
  { ofNetwork, streamsOf }: OpenPlaces,
  viewer: Viewer | null,
  { network }: Client,
): () => void {
  const taken = [ofNetwork.take(network), viewer === null ? () => {} : streamsOf.take(viewer.id)];
  const leave = () => {
    for (const place of taken) place?.();
  };
  if (!taken.includes(null)) return leave;
  leave();
  throw new RateLimitedError(comeBackAfter(fullForMs));
}

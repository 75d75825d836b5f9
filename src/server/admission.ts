import { BlockList, isIP } from 'node:net';
import { comeBackAfter } from '../come-back.ts';
import type { Client } from '../context.ts';
import { RateLimitedError, UnavailableError } from '../errors.ts';
import { freeAfterMs, Turns } from './turns.ts';

/** Requests in progress at once. */
export interface AdmissionLimits {
  all: number;
  /** Of one network. */
  perNetwork: number;
}

export interface Admission {
  /** Throws what `enter` would throw at this moment, before anything is read from who asks. Takes nothing. */
  refuseIfFull(client: Client): void;
  /**
   * Takes a place, waits for a turn, and resolves to what gives the place back. Throws UnavailableError when all places are
   * taken, RateLimitedError when the network has its share of them.
   */
  enter(client: Client): Promise<() => void>;
  /**
   * Resolves when it is this client's turn to have something begun, or read, or to be refused. `document`: what they sent for one,
   * if they did. Throws RateLimitedError when too many that nobody sent before wait.
   */
  turn(client: Client, document?: unknown): Promise<void>;
}

export interface AdmissionOptions {
  /** Whether a document would have to be parsed. */
  isNew: (text: string) => boolean;
  limits: AdmissionLimits;
  /** Whether clients' addresses are what a proxy says they are. */
  trustProxy: boolean;
}

/** To execute an HTTP request counts for so many: it shares nothing, and whoever else is served in this round waits for all of them. */
const requestCounts = 3;

/**
 * Decides what is begun, before anything is spent on it: only so much is in progress, and networks take turns in beginning, so
 * that who sends five hundred requests at once waits for themselves.
 */
export function createAdmission({ limits, trustProxy, isNew }: AdmissionOptions): Admission {
  const turns = new Turns(isNew);
  const places = new Map<string, number>();
  let taken = 0;

  function refuseIfFull({ network, address }: Client): void {
    if (taken >= limits.all)
      throw new UnavailableError('Too many requests at once; try again.', comeBackAfter(freeAfterMs));
    const most = !trustProxy && isInside(address) ? limits.all : limits.perNetwork;
    if ((places.get(network) ?? 0) >= most) throw new RateLimitedError(comeBackAfter(freeAfterMs));
  }

  function take(client: Client): void {
    refuseIfFull(client);
    taken++;
    places.set(client.network, (places.get(client.network) ?? 0) + 1);
  }

  function giveBack(network: string): void {
    taken--;
    const left = (places.get(network) ?? 1) - 1;
    if (left === 0) places.delete(network);
    else places.set(network, left);
  }

  return {
    refuseIfFull,
    async enter(client) {
      const { network } = client;
      take(client);
      await turns.next(network, requestCounts);
      let has = true;
      return () => {
        if (has) giveBack(network);
        has = false;
      };
    },
    turn: ({ network }, document) => turns.next(network, 1, typeof document === 'string' ? document : null),
  };
}

/** Addresses that nobody on the internet has (RFC 1918, 6598, 4193 and the links' own). */
const inside = new BlockList();
for (const [network, prefix, family] of [
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
] as const) {
  inside.addSubnet(network, prefix, family);
}

/** Is this a proxy's address, or a neighbour's? It may stand for everybody. */
function isInside(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  return inside.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

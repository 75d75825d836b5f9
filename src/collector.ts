import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/** Machines of so many cores have none to spare for helpers. */
const few = 2;

/**
 * The garbage collector's short collections are shared out to helper threads, for whose end the event loop waits. Where there are no
 * cores for them they come late, and use as much processor as the event loop: there it does without them.
 */
export function suitCollectorToCores(): void {
  if (availableParallelism() <= few) setFlagsFromString('--no-parallel-scavenge');
}

import { MAX_IN_FLIGHT } from './broker.ts';

/** Counts what is on its way, so that a publisher can drop instead of queueing without bound. */
export interface InFlight {
  /** False: the bound is reached, drop the message. True: it counts until {@link InFlight.leave}. */
  enter(message: string): boolean;
  leave(message: string): void;
}

export function createInFlight(): InFlight {
  let messages = 0;
  let characters = 0;
  return {
    enter(message) {
      if (messages >= MAX_IN_FLIGHT.messages || characters + message.length > MAX_IN_FLIGHT.characters) return false;
      messages += 1;
      characters += message.length;
      return true;
    },
    leave(message) {
      messages -= 1;
      characters -= message.length;
    },
  };
}

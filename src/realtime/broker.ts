import type { Logger } from 'pino';

/**
 * 'up': a message published here was lately seen to come back.
 * 'down': it was not. Consumers must look into the log more often.
 */
export type BrokerState = 'up' | 'down';

/** 'gap': messages may have been missed; consumers look into the log at once. */
export type BrokerChange = BrokerState | 'gap';

export type BrokerLog = Pick<Logger, 'info' | 'warn' | 'error'>;

/**
 * Carries small messages (JSON, up to 1 MB) between instances, at most once: a message can be lost, and one channel's
 * messages from one publisher arrive in the order in which they were published. It is the doorbell of the log in
 * PostgreSQL, never the log itself.
 */
export interface Broker {
  readonly kind: 'memory' | 'redis';
  readonly state: BrokerState;

  /** Number of channels that have listeners, each one upstream subscription. */
  readonly channels: number;

  /**
   * Returns at once and never throws. While the broker is away, or has more than {@link MAX_IN_FLIGHT} to deliver, the
   * message is dropped; the log heals it. Listeners of this instance are never called from inside this function.
   */
  publish(channel: string, message: string): void;

  /**
   * Resolves when messages published from now on reach `listener`. While the broker is away it resolves all the same,
   * after 500 ms at most; the subscription is then made, and a 'gap' reported, when the broker is back.
   *
   * Listeners of one channel share one upstream subscription. The returned function is idempotent: the listener is not
   * called any more from the moment it is called, and it resolves when the upstream subscription of the last listener
   * is given up (or after 500 ms). A listener that throws is logged and hurts nobody else.
   *
   * @throws if the broker is closed
   */
  subscribe(channel: string, listener: (message: string) => void): Promise<() => Promise<void>>;

  /** Calls `listener` on each change of state, and with 'gap' before an 'up'. Returns the function that ends it. */
  onChange(listener: (change: BrokerChange) => void): () => void;

  /**
   * Idempotent. Listeners are not called any more; what was published just before still reaches other instances.
   * Resolves when every connection and timer is gone, after about 500 ms at most.
   */
  close(): Promise<void>;
}

/**
 * How much may be on its way from one instance before messages are dropped: what a Redis that hangs for the 2.5 s until
 * that is noticed can cost in memory.
 */
export const MAX_IN_FLIGHT = { messages: 10_000, characters: 32 * 1024 * 1024 };

import type { Broker } from '../realtime/broker.ts';

/** What changes all the time is told so often at most, in ms. */
const everyMs = 100;

export interface Bell {
  /** Tells every instance, at once the first time, and once more for all that follows within the interval. Never waits. */
  ring(channel: string, message: string): void;
  close(): void;
}

export function createBell(broker: Pick<Broker, 'publish'>): Bell {
  const resting = new Map<string, { again: boolean; timer: NodeJS.Timeout }>();
  function ring(channel: string, message: string): void {
    const key = `${channel} ${message}`;
    const rest = resting.get(key);
    if (rest !== undefined) {
      rest.again = true;
      return;
    }
    broker.publish(channel, message);
    const timer = setTimeout(() => {
      const again = resting.get(key)?.again === true;
      resting.delete(key);
      if (again) ring(channel, message);
    }, everyMs);
    resting.set(key, { again: false, timer });
  }
  return {
    ring,
    close() {
      for (const { timer } of resting.values()) clearTimeout(timer);
      resting.clear();
    },
  };
}

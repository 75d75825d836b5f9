import { inspect } from 'node:util';
import type { Broker, BrokerLog } from './broker.ts';
import { createChannelListeners } from './channel-listeners.ts';
import { createInFlight } from './in-flight.ts';

const warnings: BrokerLog = {
  info: () => {},
  warn: () => {},
  error: (details: unknown, text?: string) => process.emitWarning(`${text}: ${inspect(details)}`, 'BrokerWarning'),
};

/**
 * The broker of a single instance: always 'up', nothing leaves the process.
 * @param options.log where failing listeners are reported. Default: a process warning
 */
export function createMemoryBroker({ log = warnings }: { log?: BrokerLog } = {}): Broker {
  const listeners = createChannelListeners(log);
  const inFlight = createInFlight();
  let waiting: { channel: string; message: string }[] = [];
  let turn: NodeJS.Immediate | null = null;
  let closed = false;

  const deliver = () => {
    turn = null;
    const batch = waiting;
    waiting = [];
    for (const { channel, message } of batch) {
      inFlight.leave(message);
      listeners.deliver(channel, message);
    }
  };

  return {
    kind: 'memory',
    state: 'up',
    get channels() {
      return listeners.channels;
    },
    publish(channel, message) {
      if (closed || !inFlight.enter(message)) return;
      waiting.push({ channel, message });
      // A later turn of the event loop, as with a real network: no caller may come to rely on a listener having run.
      turn ??= setImmediate(deliver);
    },
    async subscribe(channel, listener) {
      if (closed) throw new Error('The broker is closed.');
      const remove = listeners.add(channel, listener);
      return async () => void remove();
    },
    onChange: () => () => {},
    async close() {
      closed = true;
      if (turn) clearImmediate(turn);
      waiting = [];
      listeners.clear();
    },
  };
}

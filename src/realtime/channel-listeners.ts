import type { BrokerLog } from './broker.ts';

/** Who listens to which channel on this instance. */
export interface ChannelListeners {
  /** Number of channels with a listener. */
  readonly channels: number;
  /** The returned function removes this listener and tells whether the channel has none left; a second call does nothing. */
  add(channel: string, listener: (message: string) => void): () => { last: boolean };
  /** Calls the channel's listeners in the order of their coming. One that throws is logged. */
  deliver(channel: string, message: string): void;
  clear(): void;
}

export function createChannelListeners(log: BrokerLog): ChannelListeners {
  // An object per subscription: the same function may listen twice, and each leaves for itself.
  const byChannel = new Map<string, Set<{ listener: (message: string) => void }>>();

  const remove = (channel: string, entry: { listener: (message: string) => void }) => {
    const entries = byChannel.get(channel);
    if (!entries?.delete(entry) || entries.size > 0) return { last: false };
    byChannel.delete(channel);
    return { last: true };
  };

  return {
    get channels() {
      return byChannel.size;
    },
    add(channel, listener) {
      const entry = { listener };
      const entries = byChannel.get(channel);
      if (entries) entries.add(entry);
      else byChannel.set(channel, new Set([entry]));
      return () => remove(channel, entry);
    },
    deliver(channel, message) {
      const entries = byChannel.get(channel);
      if (!entries) return;
      // A copy: a listener may subscribe or unsubscribe. Who left meanwhile is not called any more.
      for (const entry of [...entries]) {
        if (!entries.has(entry)) continue;
        try {
          entry.listener(message);
        } catch (error) {
          log.error({ err: error, channel }, 'a broker listener failed');
        }
      }
    },
    clear() {
      for (const entries of byChannel.values()) entries.clear();
      byChannel.clear();
    },
  };
}

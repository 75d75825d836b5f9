import type { BrokerChange, BrokerLog, BrokerState } from './broker.ts';

/** The check runs this often between two beats, and as many checks without an echo mean 'down': 2.5 beats. */
const CHECKS_PER_BEAT = 2;
const SILENT_CHECKS = 5;
/** Causes logged in one outage: they come from outside and must not fill the log. */
const LOGGED_CAUSES = 5;

/**
 * Tells whether messages published here come back, whatever the connections claim: an open socket proves nothing about a
 * Redis that hangs, or about a subscription that Redis has dropped.
 */
export interface Heartbeat {
  readonly state: BrokerState;
  /** Sends a beat now, besides the regular ones: when a connection was made. */
  beat(): void;
  /** A beat came back. */
  echo(message: string): void;
  /** Something is known to be broken: 'down' at once. The reason is logged, once in an outage. */
  lost(reason: string): void;
  /** Messages may have been missed although the state is 'up'. */
  gap(): void;
  onChange(listener: (change: BrokerChange) => void): () => void;
  close(): void;
}

export interface HeartbeatOptions {
  intervalMs: number;
  log: BrokerLog;
  send(message: string): void;
  /** No echo for 2.5 intervals; called again for each further 2.5 intervals. Decides whether that means lost(). */
  onSilence(): void;
}

export function createHeartbeat({ intervalMs, log, send, onSilence }: HeartbeatOptions): Heartbeat {
  const changes = createChanges(log);
  const causes = new Set<string>();
  let state: BrokerState = 'down';
  let checks = 0;
  let silentChecks = 0;
  let beats = 0;
  let firstValidBeat = 0;

  const beat = () => {
    silentChecks = 0;
    send(String(beats++));
  };

  const lost = (reason: string) => {
    // Echoes of earlier beats that still trickle in prove nothing about now.
    firstValidBeat = beats;
    if (!causes.has(reason) && causes.size < LOGGED_CAUSES) {
      causes.add(reason);
      log.warn({ reason }, `the broker is down: ${reason}`);
    }
    if (state === 'down') return;
    state = 'down';
    changes.emit('down');
  };

  const check = () => {
    // Checks are counted, not milliseconds: after this process itself was stalled, one check is late, not five.
    silentChecks += 1;
    if (silentChecks >= SILENT_CHECKS) {
      silentChecks = 0;
      onSilence();
    }
    checks += 1;
    if (checks % CHECKS_PER_BEAT === 0) send(String(beats++));
  };
  const timer = setInterval(check, intervalMs / CHECKS_PER_BEAT);

  return {
    get state() {
      return state;
    },
    beat,
    echo(message) {
      if (Number(message) < firstValidBeat) return;
      silentChecks = 0;
      if (state === 'up') return;
      state = 'up';
      causes.clear();
      log.info('the broker is up');
      changes.emit('gap');
      changes.emit('up');
    },
    lost,
    gap: () => {
      if (state === 'up') changes.emit('gap');
    },
    onChange: changes.add,
    close() {
      clearInterval(timer);
      changes.clear();
    },
  };
}

function createChanges(log: BrokerLog) {
  const listeners = new Set<{ listener: (change: BrokerChange) => void }>();
  return {
    add(listener: (change: BrokerChange) => void) {
      const entry = { listener };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    emit(change: BrokerChange) {
      for (const { listener } of [...listeners]) {
        try {
          listener(change);
        } catch (error) {
          log.error({ err: error, change }, 'a listener to the state of the broker failed');
        }
      }
    },
    clear: () => listeners.clear(),
  };
}

import { setTimeout as pause } from 'node:timers/promises';
import { UnavailableError } from '../errors.ts';
import type { Log } from '../log.ts';

export interface Mail {
  /** One address. */
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly text: string;
}

/** Carries a mail to where its reader gets it. Rejects when it may succeed later. */
export interface Transport {
  send(mail: Mail): Promise<void>;
  /** The mail server, for the log. Null: there is none. */
  readonly server: { readonly host: string; readonly port: number } | null;
  close(): void;
}

/** Sends mail behind the caller's back: how long it takes, and whether it is sent at all, is not to be told from outside. */
export interface Mailer {
  /**
   * Returns at once. `write` is called in the background, once, and what it writes is sent; null: nothing. What fails is logged:
   * the writing ends there, the sending is tried again for a few minutes. Mails do not outlive the process.
   * Throws UnavailableError when too many wait.
   */
  post(write: () => Promise<Mail | null>): void;
  /** The same, but what finds no place is logged: for mail about what has happened already. */
  tryPost(write: () => Promise<Mail | null>): void;
  readonly stats: { readonly sent: number; readonly failed: number; readonly waiting: number };
  /** Takes no more, and gives those that wait for their first attempt a moment to leave. */
  close(): Promise<void>;
}

export interface MailerOptions {
  transport: Transport;
  log: Log;
  /** Mails on their way, those that wait for another attempt among them. @default 1000 */
  capacity?: number;
  /** Waits before the second and every later attempt, in ms. @default 2 s, 15 s, 60 s, 3 min */
  retries?: readonly number[];
}

/** Mails written and sent at once. */
const parallel = 2;
/** What leaving mails get at the end, in ms. */
const leaveWithinMs = 3000;

export function createMailer({
  transport,
  log,
  capacity = 1000,
  retries = [2000, 15_000, 60_000, 180_000],
}: MailerOptions): Mailer {
  const queue: (() => Promise<void>)[] = [];
  const closing = new AbortController();
  const running = new Set<Promise<void>>();
  let [sent, failed, onTheirWay] = [0, 0, 0];

  function next(): void {
    while (running.size < parallel) {
      const job = queue.shift();
      if (job === undefined) return;
      const run: Promise<void> = job().finally(() => {
        running.delete(run);
        next();
      });
      running.add(run);
    }
  }

  async function attempt(mail: Mail, retry: number): Promise<void> {
    try {
      await transport.send(mail);
      sent++;
      onTheirWay--;
    } catch (error) {
      const wait = retries[retry];
      log.warn(
        { ...transport.server, reason: reasonOf(error), subject: mail.subject, attempt: retry + 1 },
        'a mail could not be sent',
      );
      if (wait === undefined || closing.signal.aborted) return giveUp(mail);
      void pause(wait, undefined, { signal: closing.signal, ref: false }).then(
        () => enqueue(() => attempt(mail, retry + 1)),
        () => giveUp(mail),
      );
    }
  }

  function giveUp({ subject }: Mail): void {
    failed++;
    onTheirWay--;
    log.error({ ...transport.server, subject }, 'a mail was given up');
  }

  function enqueue(job: () => Promise<void>): void {
    queue.push(job);
    next();
  }

  function post(write: () => Promise<Mail | null>): void {
    if (onTheirWay >= capacity || closing.signal.aborted) {
      throw new UnavailableError('Too many mails are waiting; try again.', 60_000);
    }
    onTheirWay++;
    enqueue(async () => {
      const mail = await write().catch((error: unknown) => {
        failed++;
        log.error({ err: error }, 'a mail could not be written');
        return null;
      });
      if (mail === null) onTheirWay--;
      else await attempt(mail, 0);
    });
  }

  return {
    post,
    tryPost(write) {
      try {
        post(write);
      } catch (error) {
        failed++;
        log.error({ err: error }, 'a mail found no place in the queue');
      }
    },
    get stats() {
      return { sent, failed, waiting: onTheirWay };
    },
    async close() {
      closing.abort();
      const deadline = pause(leaveWithinMs, 'late', { ref: false });
      while (running.size > 0 && (await Promise.race([Promise.race(running), deadline])) !== 'late') {}
      if (onTheirWay > 0) log.warn({ mails: onTheirWay }, 'mails were not sent before the end');
      transport.close();
    },
  };
}

/** What a log may know: mail servers repeat the address in the words of their answers. */
function reasonOf(error: unknown): Record<string, unknown> {
  const { code, command, responseCode, name } = Object(error);
  return { code, command, responseCode, name };
}

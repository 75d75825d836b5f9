import type { Viewer } from '../auth/viewer.ts';
import type { Standing } from '../events/access.ts';
import type { Verdict } from '../feed/group-commit.ts';

/** A message on its way in. */
export interface Sending {
  readonly viewer: Viewer;
  readonly eventId: string;
  readonly text: string;
  readonly replyToId: string | null;
  /** The idempotency key; null: none. */
  readonly key: string | null;
  /** Its id, should it be taken. */
  readonly messageId: string;
}

/** Who speaks: how they stand to the event, and the place they speak from. */
export interface Speaker {
  readonly standing: Standing;
  readonly participantId: string;
}

/** Messages of one event that are sent together. Each is judged for itself: whoever has a verdict drops out. */
export class Batch {
  readonly eventId: string;
  readonly #sendings: readonly Sending[];
  readonly #verdicts = new Map<Sending, Verdict<string>>();
  /** Messages that are another one of the batch again, and share its verdict. */
  readonly #repeats = new Map<Sending, Sending>();

  constructor(eventId: string, sendings: readonly Sending[]) {
    this.eventId = eventId;
    this.#sendings = sendings;
  }

  /** Without a verdict yet, in the order of arrival. */
  get open(): Sending[] {
    return this.#sendings.filter((sending) => this.isOpen(sending));
  }

  isOpen(sending: Sending): boolean {
    return !this.#verdicts.has(sending) && !this.#repeats.has(sending);
  }

  refuse(sending: Sending, refusal: Error): void {
    this.#verdicts.set(sending, { refusal });
  }

  /** It is what was sent before under this id. */
  answer(sending: Sending, messageId: string): void {
    this.#verdicts.set(sending, { value: messageId });
  }

  /** It is `first`, which came with the same key, once more. */
  repeat(sending: Sending, first: Sending): void {
    this.#repeats.set(sending, first);
  }

  /** Of each message, in the order of arrival: the id it has, or why it was refused. */
  verdicts(): Verdict<string>[] {
    return this.#sendings.map((sending) => {
      const judged = this.#repeats.get(sending) ?? sending;
      return this.#verdicts.get(judged) ?? { value: judged.messageId };
    });
  }
}

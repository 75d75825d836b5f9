import type { Viewer } from '../auth/viewer.ts';
import type { Standing } from '../events/access.ts';

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
  /** Null: they get one with their message. */
  readonly participantId: string | null;
}

export type Speakers = ReadonlyMap<Sending, Speaker>;

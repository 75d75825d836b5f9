import type { App } from '../app.ts';
import type { Viewer } from '../auth/viewer.ts';
import type { Write } from '../feed/unit-of-work.ts';

/** Where the demo is played, and by whom. */
export interface Theatre extends Pick<App, 'db' | 'capabilities'> {
  readonly write: Write;
  /** Somebody of the cast, by user name. */
  person(username: string): Viewer;
}

/** An event of the demo, for what people do in it. */
export interface Scene extends Theatre {
  readonly eventId: string;
  readonly host: Viewer;
  /** The idempotency key of what somebody does in this beat: a start that was killed midway is taken up again. */
  readonly key: string;
}

/** Something that people do. What was done before stays as it is. */
export type Beat = (scene: Scene) => Promise<unknown>;

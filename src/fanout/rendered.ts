/** One result of a subscription in the form in which it leaves, made once for everybody who gets it. */
export class Rendered {
  /** The execution result as JSON in UTF-8. */
  readonly json: Buffer;
  /** When the entry was committed, by the database's clock; null for what is no entry. */
  readonly occurredAt: number | null;
  #event: Buffer | null = null;

  constructor(result: object, occurredAt: number | null = null) {
    this.json = Buffer.from(JSON.stringify(result));
    this.occurredAt = occurredAt;
  }

  /** The same as a server-sent event (graphql-sse, distinct connections). */
  get event(): Buffer {
    this.#event ??= Buffer.concat([eventStart, this.json, eventEnd]);
    return this.#event;
  }
}

/**
 * Told of each write to a client, with what left in it. `since`: when the operation began, in ms since 1970: earlier entries are
 * a replay. Called very often.
 */
export type OnWrite = (results: readonly Pick<Rendered, 'occurredAt'>[], since: number) => void;

const eventStart = Buffer.from('event: next\ndata: ');
const eventEnd = Buffer.from('\n\n');

/** One result of a subscription in the form in which it leaves, made once for everybody who gets it. */
export class Rendered {
  /** The execution result as JSON in UTF-8. */
  readonly json: Buffer;
  #event: Buffer | null = null;

  constructor(result: object) {
    this.json = Buffer.from(JSON.stringify(result));
  }

  /** The same as a server-sent event (graphql-sse, distinct connections). */
  get event(): Buffer {
    this.#event ??= Buffer.concat([eventStart, this.json, eventEnd]);
    return this.#event;
  }
}

const eventStart = Buffer.from('event: next\ndata: ');
const eventEnd = Buffer.from('\n\n');

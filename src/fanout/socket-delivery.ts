import type { LiveOperation } from './live-operation.ts';
import type { Rendered } from './rendered.ts';
import type { SocketOutlet } from './socket-outlet.ts';

/** What leaves in one write at most: memory that a client which stops reading can hold, and the time others wait. */
const most = { results: 128, bytes: 64 * 1024 };

const after = Buffer.from('}');

/**
 * A live operation over graphql-transport-ws. The protocol's library runs the operation (its id, its end, what the client says
 * about it); the results go straight to the socket, as `next` messages around their shared JSON. It is read no faster than
 * the client reads, and starts when the library iterates over it.
 */
export class SocketDelivery implements AsyncIterableIterator<never, undefined> {
  readonly #operation: LiveOperation;
  readonly #outlet: SocketOutlet;
  readonly #before: Buffer;
  #turn: NodeJS.Immediate | null = null;

  constructor(operation: LiveOperation, { id, outlet }: { id: string; outlet: SocketOutlet }) {
    this.#operation = operation;
    this.#outlet = outlet;
    this.#before = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
    operation.onOver(outlet.join());
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<never, undefined>> {
    const end = this.#operation.next();
    this.#operation.listen(this.#serve);
    this.#serve();
    return end;
  }

  return(): Promise<IteratorResult<never, undefined>> {
    if (this.#turn !== null) clearImmediate(this.#turn);
    return this.#operation.return();
  }

  readonly #serve = (): void => {
    if (this.#turn !== null) return;
    if (this.#outlet.blocked) {
      this.#outlet.whenTaken(this.#serve);
      return;
    }
    const results: Rendered[] = [];
    let bytes = 0;
    while (this.#outlet.open && results.length < most.results && bytes < most.bytes) {
      const result = this.#operation.take();
      if (result === null) break;
      results.push(result);
      bytes += result.json.length;
    }
    if (results.length === 0) return;
    this.#outlet.tell(results, this.#before, after);
    if (this.#outlet.blocked) this.#outlet.whenTaken(this.#serve);
    else if (results.length === most.results || bytes >= most.bytes) this.#yield();
  };

  /** There is more: others first. */
  #yield(): void {
    this.#turn = setImmediate(() => {
      this.#turn = null;
      this.#serve();
    });
  }
}

import type { LiveOperation } from './live-operation.ts';
import type { OnWrite } from './rendered.ts';
import type { SocketOutlet } from './socket-outlet.ts';

/**
 * A live operation over graphql-transport-ws. The protocol's library runs the operation (its id, its end, what the client says
 * about it); the results go straight to the socket, as `next` messages around their shared JSON. It is read no faster than
 * the client reads, and starts when the library iterates over it.
 */
export class SocketDelivery implements AsyncIterableIterator<never, undefined> {
  readonly #operation: LiveOperation;
  readonly #outlet: SocketOutlet;
  readonly #before: Buffer;
  readonly #onWrite: OnWrite;

  constructor(
    operation: LiveOperation,
    { id, outlet, onWrite = () => {} }: { id: string; outlet: SocketOutlet; onWrite?: OnWrite },
  ) {
    this.#operation = operation;
    this.#outlet = outlet;
    this.#onWrite = onWrite;
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
    return this.#operation.return();
  }

  readonly #serve = (): void => {
    if (!this.#outlet.open) return;
    if (!this.#outlet.blocked) {
      const results = this.#operation.take();
      if (results.length > 0) {
        this.#outlet.tell(results, this.#before);
        this.#onWrite(results, this.#operation.since);
      }
    }
    if (this.#outlet.blocked) this.#outlet.whenTaken(this.#serve);
  };
}

import type { ExecutionResult, GraphQLError } from 'graphql';
import type { OnWrite } from '../fanout/rendered.ts';

/**
 * The results of a subscription that is executed for itself, on their way to the transport. Errors are made fit for clients
 * here, the same for WebSocket and SSE, and the server can end the operation: its reason is the last result.
 */
export class LiveResults implements AsyncIterableIterator<ExecutionResult> {
  readonly #source: AsyncIterator<ExecutionResult>;
  readonly #present: (error: unknown) => GraphQLError;
  readonly #onWrite: OnWrite;
  readonly #since = Date.now();
  readonly #afterwards: (() => void)[] = [];
  #lastWord: GraphQLError | null = null;
  #over = false;

  /** @param present makes an error fit for the client */
  constructor(
    source: AsyncIterable<ExecutionResult>,
    present: (error: unknown) => GraphQLError,
    onWrite: OnWrite = () => {},
  ) {
    this.#source = source[Symbol.asyncIterator]();
    this.#present = present;
    this.#onWrite = onWrite;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    if (this.#over) return { done: true, value: undefined };
    try {
      const result = await this.#source.next();
      if (result.done !== true) {
        this.#onWrite([{ occurredAt: null }], this.#since);
        return { done: false, value: this.#presented(result.value) };
      }
    } catch (error) {
      this.#lastWord ??= this.#present(error);
    }
    this.#finish();
    if (this.#lastWord === null) return { done: true, value: undefined };
    return { done: false, value: { errors: [this.#lastWord] } };
  }

  async return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    this.#finish();
    await this.#source.return?.();
    return { done: true, value: undefined };
  }

  /** Ends the operation; `reason` is what its reader gets last. */
  end(reason: unknown): void {
    if (this.#over) return;
    this.#lastWord ??= this.#present(reason);
    // The pending read resolves as done, and `next` then delivers the last word.
    void this.#source.return?.();
  }

  /** Calls back once the operation is over, however it ended. */
  onOver(callback: () => void): void {
    if (this.#over) callback();
    else this.#afterwards.push(callback);
  }

  #presented(result: ExecutionResult): ExecutionResult {
    if (result.errors === undefined) return result;
    return { ...result, errors: result.errors.map(this.#present) };
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    for (const callback of this.#afterwards.splice(0)) callback();
  }
}

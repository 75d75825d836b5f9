import type { ExecutionResult, GraphQLError } from 'graphql';

export interface LiveResultsOptions {
  /** Makes an error fit for the client. */
  present: (error: unknown) => GraphQLError;
  /** Called once when the operation is over, however it ended. */
  onEnd: () => void;
}

/**
 * A subscription's results on their way to the transport. Errors are made fit for clients here, the same for WebSocket and
 * SSE, and the server can end the operation: its reason is the last result.
 */
export class LiveResults implements AsyncIterableIterator<ExecutionResult> {
  readonly #source: AsyncIterator<ExecutionResult>;
  readonly #options: LiveResultsOptions;
  #lastWord: GraphQLError | null = null;
  #over = false;

  constructor(source: AsyncIterable<ExecutionResult>, options: LiveResultsOptions) {
    this.#source = source[Symbol.asyncIterator]();
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    if (this.#over) return { done: true, value: undefined };
    try {
      const result = await this.#source.next();
      if (result.done !== true) return { done: false, value: this.#presented(result.value) };
    } catch (error) {
      this.#lastWord ??= this.#options.present(error);
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
    this.#lastWord ??= this.#options.present(reason);
    // The pending read resolves as done, and `next` then delivers the last word.
    void this.#source.return?.();
  }

  #presented(result: ExecutionResult): ExecutionResult {
    if (result.errors === undefined) return result;
    return { ...result, errors: result.errors.map(this.#options.present) };
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#options.onEnd();
  }
}

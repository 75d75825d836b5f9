import type { FormattedExecutionResult } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Data } from './data.ts';
import { until } from './wait.ts';

/** A subscription over WebSocket as a test reads it: what arrived, in order, and how it ended. */
export class LiveStream {
  readonly results: FormattedExecutionResult<Data>[] = [];
  /** Close code of the socket, once it is closed. */
  closeCode: number | null = null;
  /** Whether the operation is over, however it ended. */
  over = false;
  error: unknown = null;
  #read = 0;
  readonly #client: Client;

  /** Sends the subscription. When it is live is not known: pass `after` where nothing may be missed. */
  static open(url: string, token: string | null, query: string, variables: Record<string, unknown>): LiveStream {
    const stream = new LiveStream(url, token);
    stream.#subscribe(query, variables);
    return stream;
  }

  private constructor(url: string, token: string | null) {
    this.#client = createClient({
      url: `${url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazy: false,
      connectionParams: token === null ? {} : { accessToken: token },
      onNonLazyError: () => {},
      on: {
        closed: (event) => {
          this.closeCode = event instanceof Object && 'code' in event ? Number(event.code) : 0;
        },
      },
    });
  }

  /** The next item's data under the subscription's only field. */
  async next(): Promise<Data> {
    const result = await until(() => this.results[this.#read], { what: 'the next item of a subscription' });
    this.#read++;
    const values = Object.values(result.data ?? {});
    return values[0] ?? result;
  }

  /** The next item of another type: what the server tells by itself comes when it comes. Items must ask for `__typename`. */
  async nextBut(type: string): Promise<Data> {
    for (;;) {
      const item = await this.next();
      if (item.__typename !== type) return item;
    }
  }

  /** Data of all items that arrived so far, read or not. */
  get items(): Data[] {
    return this.results.map(({ data }) => Object.values(data ?? {})[0]);
  }

  /** Resolves when `count` items have arrived in all. */
  async has(count: number, limitMs?: number): Promise<Data[]> {
    await until(() => this.results.length >= count, { limitMs, what: `${count} items (${this.results.length} came)` });
    return this.items;
  }

  /** Resolves when the operation or its socket has ended. */
  async ended(): Promise<void> {
    await until(() => this.over || this.closeCode !== null, { what: 'the end of a subscription' });
  }

  async close(): Promise<void> {
    await this.#client.dispose();
  }

  #subscribe(query: string, variables: Record<string, unknown>): void {
    this.#client.subscribe<Data, Record<string, unknown>>(
      { query, variables },
      {
        next: (result) => this.results.push(result),
        error: (error) => {
          this.error = error;
          this.over = true;
        },
        complete: () => {
          this.over = true;
        },
      },
    );
  }
}

import { type IncomingMessage, request } from 'node:http';
import type { Data } from '../data.ts';
import { until } from '../wait.ts';

/** A subscription over SSE (graphql-sse, distinct connections), whose reader can stop reading. */
export class EventStream {
  /** The `data` of each `next` event. */
  readonly results: Data[] = [];
  /** When each came, by performance.now(). */
  readonly times: number[] = [];
  /** The server said that the operation is complete. */
  completed = false;
  /** The response is over: complete, or broken off. */
  over = false;
  #buffer = '';
  #response: IncomingMessage | null = null;
  readonly #request;

  constructor(url: string, token: string | null, query: string, variables: Record<string, unknown> = {}) {
    this.#request = request(
      `${url}/graphql`,
      {
        method: 'POST',
        // A connection of its own: pausing it must stop nobody else.
        agent: false,
        headers: {
          'content-type': 'application/json',
          accept: 'text/event-stream',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
      },
      (response) => {
        this.#response = response;
        response.setEncoding('utf8');
        response.on('data', (text: string) => this.#take(text));
        const end = () => {
          this.over = true;
        };
        response.once('close', end);
        response.once('error', end);
      },
    );
    this.#request.once('error', () => {
      this.over = true;
    });
    this.#request.end(JSON.stringify({ query, variables }));
  }

  /** Takes nothing from the connection any more. */
  pause(): void {
    this.#response?.pause();
  }

  resume(): void {
    this.#response?.resume();
  }

  async has(count: number, limitMs?: number): Promise<void> {
    await until(() => this.results.length >= count, { limitMs, what: `${count} events` }).catch((error: unknown) => {
      throw new Error(`${this.results.length} events came, and the stream is ${this.over ? 'over' : 'open'}`, {
        cause: error,
      });
    });
  }

  close(): void {
    this.#request.destroy();
  }

  #take(text: string): void {
    this.#buffer += text;
    for (;;) {
      const end = this.#buffer.indexOf('\n\n');
      if (end < 0) return;
      const event = this.#buffer.slice(0, end);
      this.#buffer = this.#buffer.slice(end + 2);
      const data = /^data: ?(.*)$/m.exec(event)?.[1];
      if (/^event: ?complete$/m.test(event)) this.completed = true;
      else if (data !== undefined && data !== '') {
        this.results.push(JSON.parse(data));
        this.times.push(performance.now());
      }
    }
  }
}

import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { byteLimits, requestTimes } from '../../src/server/limits.ts';
import { until } from '../wait.ts';
import { exchange } from './deliver.ts';
import { useTarget } from './target.ts';

const target = useTarget();

/** A connection on which anything may be said. */
class Line {
  readonly #socket: Socket;
  received = '';
  isOver = false;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.setEncoding('latin1').on('data', (part) => {
      this.received += part;
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.isOver = true;
    });
  }

  get statuses(): number[] {
    return [...this.received.matchAll(/HTTP\/1\.1 (\d+) /g)].map(([, status]) => Number(status));
  }

  write(data: string | Buffer): void {
    this.#socket.write(data);
  }

  /** Goes on writing this until the server closes the connection or `most` bytes are written. */
  async pour(data: Buffer, most: number): Promise<number> {
    let written = 0;
    for (; written < most && !this.isOver; written += data.length) {
      if (this.#socket.write(data)) continue;
      await new Promise<void>((resolve) => {
        this.#socket.once('drain', resolve).once('close', () => resolve());
      });
    }
    return written;
  }

  /** Resolves with the statuses when the server has answered, or closed the connection without. */
  async answered(): Promise<number[]> {
    await until(() => this.isOver || this.statuses.length > 0, { what: 'an answer' });
    return this.statuses;
  }

  close(): void {
    this.#socket.destroy();
  }
}

const body = JSON.stringify({ query: '{ __typename }' });
const head = (...lines: string[]): string =>
  ['POST /graphql HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...lines]
    .map((line) => `${line}\r\n`)
    .join('');

describe('A request that is no good HTTP is refused, and nobody else notices:', () => {
  test.each<[string, string | Buffer, number]>([
    ['one header of 20 KB', `${head(`X: ${'x'.repeat(20_000)}`)}\r\n`, 431],
    ['3,000 headers', `${head(...Array.from({ length: 3000 }, (_, i) => `X${i}: x`))}\r\n`, 431],
    ['two lengths', `${head('Content-Length: 5', 'Content-Length: 6')}\r\n{}`, 400],
    ['a length and chunks', `${head('Content-Length: 5', 'Transfer-Encoding: chunked')}\r\n0\r\n\r\n`, 400],
    ['a negative length', `${head('Content-Length: -1')}\r\n`, 400],
    ['a chunk of no size', `${head('Transfer-Encoding: chunked')}\r\nzz\r\n`, 400],
    ['a chunk that says it has 16 EB', `${head('Transfer-Encoding: chunked')}\r\nfffffffffffffffff\r\nx`, 400],
    ['an unknown method', 'HACK /graphql HTTP/1.1\r\nHost: x\r\n\r\n', 400],
    ['no HTTP', `${'\0'.repeat(100)}\r\n\r\n`, 400],
    ['no host', 'GET /graphql HTTP/1.1\r\n\r\n', 400],
    ['a header with a line in it', `${head('X: a\rX-Injected: b')}\r\n`, 400],
    ['TRACE', 'TRACE /graphql HTTP/1.1\r\nHost: x\r\n\r\n', 405],
    ['another expectation', `${head('Expect: 200-maybe', 'Content-Length: 0')}\r\n`, 417],
    ['another host in the address', 'GET http://evil.test/nothing HTTP/1.1\r\nHost: x\r\n\r\n', 404],
    ['a path upwards', 'GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n', 404],
    [
      'a compressed body',
      Buffer.concat([
        Buffer.from(`${head('Content-Encoding: gzip', `Content-Length: ${gzipSync(body).length}`)}\r\n`),
        gzipSync(body),
      ]),
      415,
    ],
    [
      'a body that is not UTF-8',
      Buffer.concat([
        Buffer.from(`${head('Content-Length: 16')}\r\n`),
        Buffer.from('{"query":"'),
        Buffer.from([0xff, 0xfe, 0x80, 0xc0]),
        Buffer.from('"}'),
      ]),
      400,
    ],
    [
      'a body in UTF-16',
      Buffer.concat([Buffer.from(`${head(`Content-Length: ${body.length * 2}`)}\r\n`), Buffer.from(body, 'utf16le')]),
      400,
    ],
    [
      'a body nested 40,000 deep',
      `${head(`Content-Length: ${40_000 * 2 + 30}`)}\r\n{"query":"{a}","variables":{"a":${'['.repeat(40_000)}${']'.repeat(40_000)}`.slice(
        0,
        90_000,
      ),
      400,
    ],
    ['variables nested 40,000 deep', deepBody(), 400],
    ['a batch', `${head(`Content-Length: ${body.length * 2 + 3}`)}\r\n[${body},${body}]`, 400],
    ['null', `${head('Content-Length: 4')}\r\nnull`, 400],
    ['an empty object', `${head('Content-Length: 2')}\r\n{}`, 400],
    ['a host that is none', 'GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nHost: [\r\n\r\n', 400],
    ['a host with a path', 'GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nHost: x/y?\r\n\r\n', 400],
    [
      'variables in the address that are no JSON',
      'GET /graphql?query=%7B__typename%7D&variables=%7Bx HTTP/1.1\r\nHost: x\r\n\r\n',
      400,
    ],
    [
      'extensions in the address that are a list',
      'GET /graphql?query=%7B__typename%7D&extensions=%5B%5D HTTP/1.1\r\nHost: x\r\n\r\n',
      400,
    ],
    ['an empty body', `${head('Content-Length: 0')}\r\n`, 400],
    ['a body that says it has 8 MB', `${head('Content-Length: 8000000')}\r\n{`, 413],
  ])('%s', async (what, bytes, status) => {
    for (let round = 0; round < 3; round++) {
      const line = new Line(target.url);
      const statuses = await target.cost(what, () => {
        line.write(bytes);
        return line.answered();
      });
      line.close();
      expect(statuses).toEqual([status]);
    }
    await target.bystanderHears();
  });
});

function deepBody(): string {
  const text = `{"query":"{__typename}","variables":{"a":${'['.repeat(40_000)}${']'.repeat(40_000)}}}`;
  return `${head(`Content-Length: ${text.length}`)}\r\n${text}`;
}

describe('A body without end', () => {
  const chunk = (size: number) => Buffer.from(`${size.toString(16)}\r\n${'x'.repeat(size)}\r\n`);

  test('is refused when it is too large, and given up when it goes on', async () => {
    const line = new Line(target.url);
    line.write(`${head('Transfer-Encoding: chunked')}\r\n`);
    const written = await target.cost('chunks without end', () =>
      line.pour(chunk(60_000), 10 * byteLimits.afterRefusal),
    );
    expect(await line.answered()).toEqual([413]);
    expect(written).toBeLessThan(10 * byteLimits.afterRefusal);
    await until(() => line.isOver, { what: 'the end of the connection' });
    await target.bystanderHears();
  });

  test('of chunks of one byte costs no more: it is refused, and given up when it goes on', async () => {
    const line = new Line(target.url);
    line.write(`${head('Transfer-Encoding: chunked')}\r\n`);
    const many = Buffer.concat(Array.from({ length: 1000 }, () => chunk(1)));
    await target.cost(`${byteLimits.body} chunks of one byte`, async () => {
      line.write(many);
      line.write(chunk(1));
      // Read before more is written: what is sent to a closed connection may take the answer along.
      expect(await line.answered()).toEqual([413]);
      await line.pour(many, 7 * byteLimits.body);
    });
    await until(() => line.isOver, { what: 'the end of the connection' });
    await target.bystanderHears();
  });
});

describe('Who says everything slowly', () => {
  test(`has ${requestTimes.headers / 1000} s for the headers and ${requestTimes.whole / 1000} s for all of it`, async () => {
    const slow = [
      ...Array.from({ length: 50 }, () => ({ line: new Line(target.url), bytes: head('X: x') })),
      ...Array.from({ length: 50 }, () => ({
        line: new Line(target.url),
        bytes: `${head('Content-Length: 50000')}\r\n{`,
      })),
    ];
    for (const { line, bytes } of slow) line.write(bytes);
    const asked: number[] = [];
    await target.cost('100 slow connections', () =>
      until(
        async () => {
          for (const { line } of slow) if (!line.isOver) line.write('x');
          asked.push((await exchange(`${target.url}/graphql?query={__typename}`, { method: 'GET' })).status);
          await target.bystanderHears();
          return slow.every(({ line }) => line.isOver);
        },
        { limitMs: requestTimes.whole + 3 * requestTimes.lookedAtEvery, what: 'the end of every slow connection' },
      ),
    );
    for (const { line } of slow) expect([[408], []]).toContainEqual(line.statuses);
    expect(new Set(asked)).toEqual(new Set([200]));
  });

  test('gives way to who does not, when bodies are too many', async () => {
    const size = byteLimits.body - 10;
    const count = Math.ceil(byteLimits.arriving / size) + 20;
    const slow = Array.from({ length: count }, () => new Line(target.url));
    const unfinished = `${head(`Content-Length: ${size}`)}\r\n${'x'.repeat(size - 10)}`;
    for (const line of slow) line.write(unfinished);
    await until(() => slow.some((line) => line.statuses.includes(503)), { what: 'the first that is given up' });
    const answer = await exchange(`${target.url}/graphql`, { headers: { 'content-type': 'application/json' }, body });
    expect(answer.status).toBe(200);
    await target.bystanderHears();
    for (const line of slow) line.close();
  });
});

import { connect, type Socket } from 'node:net';
import { MessageType } from 'graphql-ws';
import { afterEach, describe, expect, test } from 'vitest';
import { RawSocket } from '../api/raw-socket.ts';
import { until } from '../wait.ts';
import { useTarget } from './target.ts';

const target = useTarget();

/** A connection that has become a WebSocket, for bytes that no client library would send. */
class Wire {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  isOver = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (part) => {
      this.#received = Buffer.concat([this.#received, part]);
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isOver = true;
    });
  }

  static async open(
    url: string,
    headers: readonly string[] = [],
    path = '/graphql',
    protocol = 'graphql-transport-ws',
  ): Promise<Wire> {
    const { hostname, port } = new URL(url);
    const wire = new Wire(connect(Number(port), hostname));
    const lines = [
      `GET ${path} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      `Sec-WebSocket-Protocol: ${protocol}`,
      ...headers,
    ];
    wire.write(`${lines.join('\r\n')}\r\n\r\n`);
    await until(() => wire.isOver || wire.text.includes('\r\n\r\n'), { what: 'the answer to an upgrade' });
    return wire;
  }

  get text(): string {
    return this.#received.toString('latin1');
  }

  /** The code of the close frame that came; null: none yet. */
  get closeCode(): number | null {
    let at = this.#received.indexOf('\r\n\r\n') + 4;
    while (at + 4 <= this.#received.length) {
      const length = (this.#received[at + 1] ?? 0) & 0x7f;
      if (this.#received[at] === 0x88) return this.#received.readUInt16BE(at + 2);
      at += 2 + (length === 126 ? 2 + this.#received.readUInt16BE(at + 2) : length);
    }
    return null;
  }

  write(data: string | Buffer): void {
    this.#socket.write(data);
  }

  /** Goes without a word, as somebody who pulls the plug. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** The same frame again and again, until the server has closed the connection or `count` have been sent. */
  async flood(frame: Buffer, count: number): Promise<void> {
    const many = Buffer.concat(Array.from({ length: 10_000 }, () => frame));
    for (let sent = 0; sent < count && !this.isOver; sent += 10_000) {
      if (!this.#socket.write(many)) {
        await new Promise<void>((resolve) => {
          this.#socket.once('drain', resolve).once('close', () => resolve());
        });
      }
    }
  }

  async closed(): Promise<number | null> {
    await until(() => this.closeCode !== null || this.isOver, { what: 'the server to close' });
    const code = this.closeCode;
    this.#socket.destroy();
    return code;
  }
}

/** A client's frame. Its mask is zero: the payload stands as it is. */
function frame(opcode: number, payload: string | Buffer = '', isFinal = true): Buffer {
  const body = Buffer.from(payload);
  const length = body.length < 126 ? [0x80 | body.length] : [0x80 | 126, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([(isFinal ? 0x80 : 0) | opcode, ...length, 0, 0, 0, 0]), body]);
}

const [continuation, text, binary, close, ping, pong] = [0, 1, 2, 8, 9, 10];
const init = frame(text, JSON.stringify({ type: MessageType.ConnectionInit }));

/** A million in all; in the usual suite a share of it. */
const many = Number(process.env.OVATION_TINY_FRAMES ?? 200_000);

describe('A socket on which stands what no client sends is closed, and nobody else notices:', () => {
  test.each<[string, Buffer, (number | null)[]]>([
    ['a frame of 65 KB', frame(text, 'x'.repeat(65_400)), [4400]],
    ['a frame that says it has 65 KB and never comes', Buffer.from([0x81, 0xfe, 0xff, 0xff, 0, 0, 0, 0]), [4408]],
    [
      'a frame that says it has 8 EB',
      Buffer.from([0x81, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]),
      [1009],
    ],
    ['binary frames', frame(binary, 'x'), [1003]],
    ['text that is not UTF-8', frame(text, Buffer.from([0xff, 0xfe, 0x80])), [1007]],
    ['a frame without a mask', Buffer.from([0x81, 1, 120]), [1002]],
    ['an opcode that is none', frame(3, 'x'), [1002]],
    ['a continuation of nothing', frame(continuation, 'x'), [1002]],
    ['a compressed frame that was not agreed on', Buffer.from([0xc1, 0x80, 0, 0, 0, 0]), [1002]],
    ['a ping of 126 bytes', frame(ping, 'x'.repeat(126)), [1002]],
    ['a ping in pieces', frame(ping, 'x', false), [1002]],
    ['a close code that is none', frame(close, Buffer.from([0, 1])), [1002]],
    ['JSON nested 30,000 deep', frame(text, `{"type":${'['.repeat(30_000)}`), [4400]],
    ['a type that is an object', frame(text, '{"type":{"toString":"ping"}}'), [4400]],
    ['a type called __proto__', frame(text, '{"type":"__proto__"}'), [4400]],
    ['a message of the server', frame(text, '{"type":"connection_ack"}'), [4400]],
    ['a result', frame(text, '{"type":"next","id":"1","payload":{}}'), [4400]],
    ['an error', frame(text, '{"type":"error","id":"1","payload":[{"message":"x"}]}'), [4400]],
    ['an id that is an object', frame(text, '{"type":"subscribe","id":{},"payload":{"query":"{a}"}}'), [4400]],
    ['a query that is an object', frame(text, '{"type":"subscribe","id":"1","payload":{"query":{}}}'), [4400]],
    [
      'variables that are a list',
      frame(text, '{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[]}}'),
      [4400],
    ],
    [
      'an operation before connection_init',
      frame(text, '{"type":"subscribe","id":"1","payload":{"query":"{a}"}}'),
      [4401],
    ],
    [
      'an access token that is an object',
      frame(text, '{"type":"connection_init","payload":{"accessToken":{}}}'),
      [4401],
    ],
    [
      'an access token of 60 KB',
      frame(text, JSON.stringify({ type: 'connection_init', payload: { accessToken: 'x'.repeat(60_000) } })),
      [4401],
    ],
    ['two connection_init in one moment', Buffer.concat([init, init]), [4429]],
    [
      'one id twice',
      Buffer.concat([
        init,
        ...['1', '1'].map((id) =>
          frame(
            text,
            JSON.stringify({
              type: 'subscribe',
              id,
              payload: { query: 'subscription { scheduleFeed { __typename } }' },
            }),
          ),
        ),
      ]),
      [4401, 4409],
    ],
  ])('%s', async (what, bytes, codes) => {
    const wire = await Wire.open(target.url);
    const code = await target.cost(what, () => {
      wire.write(bytes);
      return wire.closed();
    });
    expect(codes).toContain(code);
    await target.bystanderHears();
  });

  test.each<[string, Buffer]>([
    ['tiny messages', frame(text, '1')],
    ['messages', frame(text, '{"type":"pong"}')],
    ['pings', frame(ping)],
    ['pongs', frame(pong)],
    ['pieces of one message', frame(continuation, '', false)],
    ['empty messages', frame(text)],
  ])(`${many} %s: closed at the first that are too many`, async (what, one) => {
    const wire = await Wire.open(target.url);
    wire.write(init);
    if (what === 'pieces of one message') wire.write(frame(text, '', false));
    const code = await target.cost(`${many} ${what}`, async () => {
      await wire.flood(one, many);
      return wire.closed();
    });
    // Who writes on and on does not always get to read why.
    expect([4429, 4400, 1008, null]).toContain(code);
    await target.bystanderHears();
  });
});

describe('An upgrade that is refused', () => {
  test.each<[string, string[], string, number]>([
    ['from a foreign page', ['Origin: https://evil.example'], '/graphql', 403],
    ['to another path', [], '/elsewhere', 404],
  ])(
    '%s: the connection is closed, whether the client reads, waits or is gone',
    async (_what, headers, path, status) => {
      const wire = await Wire.open(target.url, headers, path);
      expect(wire.text).toContain(` ${status} `);
      await until(() => wire.isOver, { what: 'the end of the connection' });
      for (let round = 0; round < 50; round++) {
        const opening = Wire.open(target.url, headers, path);
        if (round % 2 === 0) (await opening).reset();
        else await opening;
      }
      await target.bystanderHears();
    },
  );

  test('does not take the server down when its client is gone before the answer', async () => {
    const { hostname, port } = new URL(target.url);
    for (let round = 0; round < 200; round++) {
      const socket = connect(Number(port), hostname).on('error', () => {});
      await new Promise((resolve) => socket.once('connect', resolve));
      socket.write(
        `GET /elsewhere HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n${'x'.repeat(round * 50)}`,
        () => socket.resetAndDestroy(),
      );
      await new Promise((resolve) => socket.once('close', resolve));
    }
    await target.bystanderHears();
    expect(target.instance.alive).toBe(true);
  });
});

test('The old subprotocol graphql-ws is not spoken', async () => {
  const wire = await Wire.open(target.url, [], '/graphql', 'graphql-ws');
  expect(await wire.closed()).toBe(4406);
});

describe('An acknowledged socket', () => {
  const open: RawSocket[] = [];
  afterEach(() => {
    for (const socket of open.splice(0)) socket.close();
  });

  test('gets a coded error for an operation that is not there, and goes on', async () => {
    const socket = await RawSocket.connect(target.url);
    open.push(socket);
    socket.send(
      JSON.stringify({
        type: 'subscribe',
        id: '__proto__',
        payload: { query: '{ __typename }', operationName: 'toString' },
      }),
    );
    expect(await socket.message('__proto__', 'error')).toMatchObject({
      payload: [{ extensions: { code: 'BAD_REQUEST' } }],
    });
    socket.send({ type: MessageType.Complete, id: 'constructor' });
    socket.subscribe('constructor', '{ __typename }');
    expect(await socket.message('constructor', 'next')).toMatchObject({ payload: { data: { __typename: 'Query' } } });
  });
});

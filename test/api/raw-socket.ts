import { GRAPHQL_TRANSPORT_WS_PROTOCOL, type Message } from 'graphql-ws';
import { WebSocket } from 'ws';
import { until } from '../wait.ts';

type Received = { type: string; id?: string; payload?: unknown };

/** A socket that a test may misuse in ways a proper client would not. */
export class RawSocket {
  readonly received: Received[] = [];
  /** How the server closed it: its code, once it has. */
  closeCode: number | null = null;
  /** The HTTP status that the upgrade was refused with. */
  refusedWith: number | null = null;
  readonly #socket: WebSocket;

  /** Resolves when the socket is open or refused. */
  static async open(
    url: string,
    {
      origin,
      path = '/graphql',
      protocol = GRAPHQL_TRANSPORT_WS_PROTOCOL,
      headers,
    }: { origin?: string; path?: string; protocol?: string; headers?: Record<string, string> } = {},
  ): Promise<RawSocket> {
    const socket = new RawSocket(new WebSocket(`${url.replace('http', 'ws')}${path}`, protocol, { origin, headers }));
    await until(() => socket.isOpen || socket.refusedWith !== null || socket.closeCode !== null, {
      what: 'an upgrade',
    });
    return socket;
  }

  /** Open, and acknowledged or closed by the server. */
  static async connect(url: string, token?: string): Promise<RawSocket> {
    const socket = await RawSocket.open(url);
    socket.send({ type: 'connection_init', payload: token === undefined ? {} : { accessToken: token } } as Message);
    await until(() => socket.isAcknowledged || socket.closeCode !== null, { what: 'connection_ack' });
    return socket;
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => this.received.push(JSON.parse(String(data))));
    socket.on('close', (code) => {
      this.closeCode = code;
    });
    socket.on('unexpected-response', (_request, response) => {
      this.refusedWith = response.statusCode ?? 0;
      socket.terminate();
    });
    socket.on('error', () => {});
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  get isAcknowledged(): boolean {
    return this.received.some(({ type }) => type === 'connection_ack');
  }

  send(message: Message | string | Buffer): void {
    const isRaw = typeof message === 'string' || Buffer.isBuffer(message);
    this.#socket.send(isRaw ? message : JSON.stringify(message));
  }

  subscribe(id: string, query: string): void {
    this.send({ type: 'subscribe', id, payload: { query } } as Message);
  }

  /** The first message of this type for the operation. */
  message(id: string, type: string): Promise<Received> {
    return until(() => this.received.find((message) => message.id === id && message.type === type), {
      what: `${type} of operation ${id}`,
    });
  }

  /** Resolves with the close code when the server has closed it. */
  closed(): Promise<number> {
    return until(() => this.closeCode, { what: 'the server to close a socket' });
  }

  /** Closes it as the protocol has it, with this code. */
  leave(code: number): void {
    this.#socket.close(code);
  }

  close(): void {
    this.#socket.terminate();
  }
}

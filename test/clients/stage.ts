import { beforeAll } from 'vitest';
import { WebSocket } from 'ws';
import { type Actor, createEvent, join, testPassword } from '../actor.ts';
import { type TestServer, useServer } from '../harness.ts';

/** A live event with somebody in it who talks; and an account for the client under test to log in with. */
export interface Stage {
  readonly server: TestServer;
  readonly eventId: string;
  readonly account: { login: string; password: string };
  /** Says something in the event's chat, by other means than the client under test. */
  say(text: string): Promise<void>;
}

export function useStage(): Stage {
  const server = useServer();
  let host: Actor;
  let eventId: string;
  let login: string;
  beforeAll(async () => {
    host = await server.signUp({ role: 'HOST' });
    eventId = await createEvent(host, 'LIVE', { title: 'On air' });
    await join(host, eventId);
    login = (await server.signUp()).signedIn.username;
  });
  return {
    server,
    get eventId() {
      return eventId;
    },
    get account() {
      return { login, password: testPassword };
    },
    async say(text) {
      const { code } = await host.mutate('sendMessage', { eventId, text });
      if (code !== undefined) throw new Error(`the message was refused: ${code}`);
    },
  };
}

/** Sockets of a graphql-ws client, to be broken as a train in a tunnel would. */
export class Line {
  #socket: WebSocket | null = null;
  connections = 0;

  /** For graphql-ws: `on: { connected: line.connected }`. */
  readonly connected = (socket: unknown): void => {
    if (!(socket instanceof WebSocket)) throw new Error('the client uses another WebSocket');
    this.#socket = socket;
    this.connections++;
  };

  cut(): void {
    this.#socket?.terminate();
  }
}

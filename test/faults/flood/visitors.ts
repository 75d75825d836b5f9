import { WebSocket } from 'ws';
import { answer } from '../../child.ts';
import { until } from '../../wait.ts';
import { feedDocument } from '../swarm.ts';

// Opens very many sockets in one moment, each of which follows one event, and tells what became of them.

export interface VisitOptions {
  url: string;
  count: number;
  /** Local addresses that they come from, in turns. */
  addresses: readonly string[];
  /** What each follows, and behind which cursor. */
  eventId: string;
  after: string;
  /** For the whole of it, in ms. */
  limitMs: number;
}

export interface Visited {
  admitted: number;
  /** By HTTP status or close code: how many the server turned away. */
  refused: Record<string, number>;
  /** By the error's code: how many were neither admitted nor told why not. */
  failed: Record<string, number>;
}

let open: WebSocket[] = [];
let told = 0;

async function visit({ url, count, addresses, eventId, after, limitMs }: VisitOptions): Promise<Visited> {
  const visited: Visited = { admitted: 0, refused: {}, failed: {} };
  let settled = 0;
  const add = (to: Record<string, number>, key: string | number) => {
    settled++;
    to[key] = (to[key] ?? 0) + 1;
  };
  told = 0;
  for (let number = 0; number < count; number++) {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      localAddress: addresses[number % addresses.length],
      perMessageDeflate: false,
    });
    let state: 'opening' | 'admitted' | 'over' = 'opening';
    const say = (message: object) => socket.send(JSON.stringify(message));
    const over = (to: Record<string, number>, key: string | number) => {
      if (state !== 'opening') return;
      state = 'over';
      add(to, key);
    };
    socket.once('open', () => say({ type: 'connection_init' }));
    socket.once('unexpected-response', (_request, response) => {
      over(visited.refused, response.statusCode ?? 0);
      response.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => over(visited.failed, error.code ?? error.message));
    socket.once('close', (code) => over(visited.refused, code));
    socket.on('message', (data) => {
      const { type } = JSON.parse(String(data));
      if (type === 'next') told++;
      if (type !== 'connection_ack') return;
      state = 'admitted';
      settled++;
      visited.admitted++;
      open.push(socket);
      say({ id: '1', type: 'subscribe', payload: { query: feedDocument, variables: { eventId, after } } });
    });
  }
  await until(() => settled === count, { limitMs, what: `all of ${count} sockets to be admitted or refused` });
  return visited;
}

/** Half of them say goodbye. Resolves when all are gone. */
async function leave(): Promise<void> {
  const gone = open.map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
  open.forEach((socket, number) => {
    if (number % 2 === 0) socket.close(1000);
    else socket.terminate();
  });
  open = [];
  await Promise.all(gone);
}

answer({ visit, leave, told: () => told });

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The wire between a client and the database, which a test can cut, or on which it can hold the answers back. */
export interface Link {
  url: string;
  /** Breaks every connection and refuses new ones. */
  cut(): void;
  restore(): void;
  /** From now on what the database answers waits. */
  holdAnswers(): void;
  /** Answers that wait now, in bytes. */
  readonly held: number;
  /** Connections on which nothing is held go on; those on which something is stay stuck. */
  holdNoMore(): void;
  releaseAnswers(): void;
  close(): Promise<void>;
}

export async function startLink(databaseUrl: string): Promise<Link> {
  const target = new URL(databaseUrl);
  const pairs = new Map<Socket, Socket>();
  let isCut = false;
  let holding = false;
  let held: { to: Socket; chunk: Buffer }[] = [];
  let stuck = new Set<Socket>();

  const server = createServer((client) => {
    if (isCut) {
      client.destroy();
      return;
    }
    const database = connect(Number(target.port || 5432), target.hostname);
    pairs.set(client, database);
    client.on('data', (chunk) => database.write(chunk));
    database.on('data', (chunk) => {
      if (holding || stuck.has(client)) held.push({ to: client, chunk });
      else client.write(chunk);
    });
    const end = (): void => {
      pairs.delete(client);
      client.destroy();
      database.destroy();
    };
    for (const socket of [client, database]) socket.on('error', end).on('close', end);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(databaseUrl);
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);

  const cut = (): void => {
    isCut = true;
    for (const [client, database] of pairs) {
      client.destroy();
      database.destroy();
    }
  };
  return {
    url: url.href,
    cut,
    restore() {
      isCut = false;
    },
    holdAnswers() {
      holding = true;
    },
    get held() {
      return held.reduce((bytes, { chunk }) => bytes + chunk.length, 0);
    },
    holdNoMore() {
      holding = false;
      stuck = new Set(held.map(({ to }) => to));
    },
    releaseAnswers() {
      holding = false;
      stuck.clear();
      const waiting = held;
      held = [];
      for (const { to, chunk } of waiting) if (!to.destroyed) to.write(chunk);
    },
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

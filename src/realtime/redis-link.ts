import { Redis } from 'ioredis';

/** The longest an attempt to connect may take, DNS, TCP, TLS and Redis' greeting together. */
const ATTEMPT_LIMIT_MS = 2_000;
/** Between two attempts: random, so that instances do not come back in step. Short, so that 5 s suffice to recover. */
const RETRY_MS = { min: 50, max: 500 };
/** How long close() waits for what was written to be answered. */
const GOODBYE_LIMIT_MS = 500;

/** One connection to one of several Redis nodes, made again for ever until closed. */
export interface RedisLink {
  /** The client while it is connected and greeted, else null. A command given to it is sent at once or fails. */
  readonly client: Redis | null;
  /** Gives up a connection that is open but does not answer. Does nothing while one is being made. */
  restart(reason: string): void;
  /** Resolves when the socket is gone. */
  close(): Promise<void>;
}

export interface RedisLinkOptions {
  /** redis:// or rediss:// addresses; each attempt takes the next one. */
  urls: string[];
  onReady(client: Redis): void;
  /** A connection was lost, or could not be made. The reason is a phrase for the log, without secrets. */
  onLost(reason: string): void;
}

/**
 * ioredis speaks the protocol; when to connect is decided here, since its own reconnecting waits for ever on a Redis that
 * accepts connections and does not answer (SIGSTOP, a half-open network), and stays with one address.
 *
 * Redis Cluster needs no cluster client: every node forwards PUBLISH to all others, so any node will do.
 */
export function createRedisLink({ urls, onReady, onLost }: RedisLinkOptions): RedisLink {
  const open = new Set<Redis>();
  let current: Redis | null = null;
  let ready = false;
  let closed = false;
  let attempts = Math.floor(Math.random() * urls.length);
  let timer: NodeJS.Timeout | undefined;

  const attempt = () => {
    const url = urls[attempts++ % urls.length] ?? '';
    const client = createClient(url);
    const failure = describeFailure(client, url);
    current = client;
    open.add(client);
    client.once('end', () => {
      open.delete(client);
      lose(client, failure());
    });
    client.once('ready', () => {
      if (client !== current || closed) return;
      clearTimeout(timer);
      ready = true;
      onReady(client);
    });
    timer = setTimeout(() => lose(client, `${address(url)} does not answer`), ATTEMPT_LIMIT_MS);
    client.connect().catch(() => {}); // told by 'end'
  };

  const lose = (client: Redis, reason: string) => {
    if (client !== current || closed) return;
    current = null;
    ready = false;
    clearTimeout(timer);
    timer = setTimeout(attempt, RETRY_MS.min + Math.random() * (RETRY_MS.max - RETRY_MS.min));
    destroy(client);
    onLost(reason);
  };

  attempt();
  return {
    get client() {
      return ready ? current : null;
    },
    restart(reason) {
      if (ready && current) lose(current, reason);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      const client = ready ? current : null;
      ready = false;
      if (client) await goodbye(client);
      await Promise.all([...open].map(end));
    },
  };
}

function createClient(url: string): Redis {
  return new Redis(url, {
    lazyConnect: true,
    retryStrategy: null,
    enableOfflineQueue: false,
    // Publishing and subscribing work while Redis loads its data; nothing else is asked of it.
    enableReadyCheck: false,
    autoResubscribe: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    commandTimeout: ATTEMPT_LIMIT_MS,
    keepAlive: 5_000,
  });
}

/** Keeps the last error of a client (without a listener ioredis prints it) and puts it into words. */
function describeFailure(client: Redis, url: string): () => string {
  let last: (Error & { code?: string }) | null = null;
  client.on('error', (error: Error) => {
    last = error;
  });
  return () => {
    if (!last) return `${address(url)} closed the connection`;
    if (/^(WRONGPASS|NOAUTH|NOPERM)/.test(last.message)) {
      return `${address(url)} refuses the user or password (${last.message})`;
    }
    if (last.message.startsWith('Unknown RESP type')) return `${address(url)} is not a Redis server`;
    return `${address(url)} cannot be reached (${last.code ?? last.message})`;
  };
}

/** Host and port only: an address may carry a password. */
function address(url: string): string {
  if (!URL.canParse(url)) return 'Redis';
  const { host, pathname } = new URL(url);
  return `Redis at ${host || pathname}`;
}

function destroy(client: Redis): void {
  // To a client that has ended, disconnect() would only start a timer that nobody stops.
  if (client.status === 'end') return;
  client.disconnect();
  // disconnect() waits for the other side's goodbye, which a hanging Redis never says.
  client.stream?.destroy();
}

async function goodbye(client: Redis): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, GOODBYE_LIMIT_MS);
  });
  await Promise.race([client.quit().catch(() => {}), limit]);
  clearTimeout(timer);
}

function end(client: Redis): Promise<void> {
  if (client.status === 'end') return Promise.resolve();
  return new Promise((resolve) => {
    client.once('end', resolve);
    destroy(client);
  });
}

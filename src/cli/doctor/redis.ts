import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';
import type { Config } from '../../config.ts';
import { codeOf, type Finding, hostOf } from '../../finding.ts';
import { channelPrefix } from '../../realtime/redis-broker.ts';
import { limitPrefix } from '../../server/rate-limits.ts';
import { answerWithinMs, type Check } from './check.ts';

const oldest = 7;

const refused = (at: string, said: string): Finding => ({
  code: 'REDIS_LOGIN_REFUSED',
  problem: `Redis at ${at} refuses the user or password: ${said}.`,
  remedy:
    'Correct REDIS_URL: redis://user:password@host:port, percent-encoded; without a user name: redis://:password@host:port.',
});

function connectFinding(error: unknown, at: string): Finding {
  const said = error instanceof Error ? error.message : String(error);
  const code = codeOf(error) ?? '';
  if (/^(WRONGPASS|NOAUTH|NOPERM|ERR AUTH|ERR invalid password)/.test(said)) return refused(at, said);
  if (/RESP type|Protocol error|Parse Error/i.test(said)) {
    return {
      code: 'REDIS_NOT_REDIS',
      problem: `What answers at ${at} is not a Redis server.`,
      remedy: 'Correct host and port in REDIS_URL; for an encrypted port begin it with rediss://.',
    };
  }
  const reason = code === '' ? said : code;
  return {
    code: /^(ENOTFOUND|EAI_AGAIN)$/.test(code) ? 'REDIS_HOST_UNKNOWN' : 'REDIS_UNREACHABLE',
    problem: `No Redis answers at ${at} (${reason}).`,
    remedy:
      'Correct host and port in REDIS_URL, start Redis, and let it listen on that address (bind, protected-mode, firewall).',
  };
}

/** What a node says of itself, in the parts of INFO that concern Ovation. */
function readInfo(info: string): { version: string; major: number; clustered: boolean } {
  const value = (name: string): string => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1] ?? '';
  const version = value('redis_version');
  return { version, major: Number.parseInt(version, 10), clustered: value('redis_mode') === 'cluster' };
}

/** What Redis did not do, and what it said. */
interface Refusal {
  wish: string;
  said: string;
}

/** One finding for all that the user may not do: one rule mends it. */
function refusalFindings(refusals: readonly Refusal[], at: string): Finding[] {
  const isDenied = ({ said }: Refusal): boolean => /NOPERM|ACL failure|permission/.test(said);
  const findings = refusals
    .filter((refusal) => !isDenied(refusal))
    .map(({ wish, said }) => ({
      code: 'REDIS_REFUSES',
      problem: `Redis at ${at} does not let Ovation ${wish}: ${said}.`,
      remedy: 'Let REDIS_URL name a primary that takes writes; Redis’ own log says what keeps it from them.',
    }));
  const denied = refusals.filter(isDenied);
  if (denied.length > 0) {
    findings.push({
      code: 'REDIS_ACCESS_DENIED',
      problem: `The Redis user may not ${denied.map(({ wish }) => wish).join(', nor ')}: ${denied[0]?.said}.`,
      remedy: 'ACL SETUSER <user> ~ovation:* &ovation:* +@read +@write +@pubsub +@scripting +@connection +info',
    });
  }
  return findings;
}

/** Counts once as the rate limits do, under a key of its own that is gone after a second. */
async function count(client: Redis): Promise<void> {
  const limiter = new RateLimiterRedis({
    storeClient: client,
    points: 1,
    duration: 1,
    keyPrefix: `${limitPrefix}doctor`,
  });
  try {
    await limiter.consume(randomUUID());
  } catch (error) {
    // A cluster's node looks at the rights first, and then says which other node has the key.
    if (!(error instanceof Error && error.message.startsWith('MOVED'))) throw error;
  }
}

/** Does what an instance does with Redis. */
async function tryEverything(client: Redis, at: string, rateLimits: boolean): Promise<Finding[]> {
  // Named as the broker names the channel over which it hears itself.
  const channel = `${channelPrefix}echo:${randomUUID()}`;
  const refusals: Refusal[] = [];
  const attempt = async (wish: string, act: () => Promise<unknown>): Promise<void> => {
    await act().catch((error: unknown) =>
      refusals.push({ wish, said: error instanceof Error ? error.message : String(error) }),
    );
  };
  await attempt('publish', () => client.publish(channel, ''));
  if (rateLimits) await attempt(`count rate limits in ${limitPrefix}*`, () => count(client));
  // Last: a connection that subscribes may do nothing else.
  await attempt('subscribe', () => client.subscribe(channel));
  return refusalFindings(refusals, at);
}

async function look(
  client: Redis,
  at: string,
  nodes: number,
  rateLimits: boolean,
): Promise<{ seen: string; findings: Finding[] }> {
  const { version, major, clustered } = readInfo(await client.info('server'));
  const findings: Finding[] = [];
  if (major < oldest) {
    findings.push({
      code: 'REDIS_TOO_OLD',
      problem: `Redis ${version} at ${at} is older than ${oldest}.`,
      remedy: `Upgrade it to ${oldest} or newer; Valkey will do. It holds nothing that must be kept.`,
    });
  }
  if (clustered !== nodes > 1) {
    findings.push(
      clustered
        ? {
            code: 'REDIS_CLUSTER_UNDECLARED',
            problem: `Redis at ${at} is a node of a cluster, and REDIS_URL names one node only.`,
            remedy: 'Name two nodes or more in REDIS_URL, separated by commas: rate limits are then shared.',
          }
        : {
            code: 'REDIS_NOT_A_CLUSTER',
            problem: `REDIS_URL names several nodes, and Redis at ${at} is no node of a cluster.`,
            remedy: 'Name one server: instances at different servers would not hear each other.',
          },
    );
  }
  findings.push(...(await tryEverything(client, at, rateLimits)));
  return { seen: `Redis ${version} at ${at}`, findings };
}

async function checkNode(
  url: string,
  nodes: number,
  rateLimits: boolean,
): Promise<{ seen: string; findings: Finding[] }> {
  const at = hostOf(url, 6379);
  const client = new Redis(url, {
    lazyConnect: true,
    retryStrategy: null,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    maxRetriesPerRequest: 0,
    connectTimeout: answerWithinMs,
    commandTimeout: answerWithinMs,
  });
  // What went wrong is told here, and only that it did by the promise.
  let last: unknown = null;
  client.on('error', (error) => {
    last = error;
  });
  try {
    await client.connect();
    return await look(client, at, nodes, rateLimits);
  } catch (error) {
    return { seen: at, findings: [connectFinding(last ?? error, at)] };
  } finally {
    if (client.status !== 'end') client.disconnect();
    client.stream?.destroy();
  }
}

/** Redis: whether every node answers, is new enough, lets us publish, subscribe and count, and is of the kind that REDIS_URL makes of it. */
export async function checkRedis(config: Config): Promise<Check> {
  const urls = config.redisUrls;
  if (urls === null) return { part: 'redis', seen: 'none: a single instance', findings: [] };
  const nodes = await Promise.all(urls.map((url) => checkNode(url, urls.length, config.rateLimits)));
  return {
    part: 'redis',
    seen: nodes.map(({ seen }) => seen).join(', '),
    findings: nodes.flatMap(({ findings }) => findings),
  };
}

import { z } from 'zod';
import type { Secret } from './secret-files.ts';

/** A whole number in digits. Number() would take white space for 0, `1e3` for 1000 and `0x10` for 16. */
const whole = (least: number, most = Number.MAX_SAFE_INTEGER) =>
  z
    .string()
    .regex(/^\d{1,16}$/, { error: 'must be a whole number in digits' })
    .transform(Number)
    .pipe(z.number().min(least).max(most));
const seconds = (fallback: number) => whole(1).default(fallback);
const list = z.string().transform((value) =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== ''),
);
const url = (protocols: readonly string[]) =>
  z.string().refine((value) => URL.canParse(value) && protocols.includes(new URL(value).protocol), {
    error: `must be a URL that begins with ${protocols.map((protocol) => `${protocol}//`).join(' or ')}`,
  });
/**
 * Browsers send an origin exactly as the URL standard writes one: lower case, no default port, nothing behind. What would never equal
 * one is refused, but for what can only be meant as one.
 */
const origin = z.string().transform((value, context) => {
  const { origin = 'null', username = '', href = '' } = URL.canParse(value) ? new URL(value) : {};
  const isOrigin = /^https?:/.test(origin) && !value.includes('*') && username === '' && href === `${origin}/`;
  if (isOrigin) return origin;
  context.addIssue({
    code: 'custom',
    message: `"${value}" must be an origin such as https://show.example.com: scheme, host and perhaps a port, no path and no *`,
  });
  return z.NEVER;
});
const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const fileOf = (secret: Secret) => z.string().optional().describe(`Path of a file that holds ${secret}, in its place`);

/** Every environment variable the server reads. The README's table is printed from these descriptions. */
export const environment = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'])
    .default('development')
    .describe('`production` allows no embedded part, no demo data, no GraphiQL and no introspection'),
  PORT: whole(0, 65535).default(4000).describe('TCP port; 0: any free one'),
  HOST: z.string().default('127.0.0.1').describe('Address to listen on; `0.0.0.0` in a container'),
  DATABASE_URL: url(['postgres:', 'postgresql:'])
    .optional()
    .describe('PostgreSQL 14 or newer. Absent: an embedded PostgreSQL (not in production)'),
  DATABASE_URL_FILE: fileOf('DATABASE_URL'),
  DATABASE_POOL: whole(2, 200).default(10).describe('Connections to PostgreSQL, per instance'),
  DATABASE_PREPARE: flag
    .default(true)
    .describe(
      '`false`: no prepared statements, for a pooler that does not keep them (PgBouncer before 1.21 in transaction mode)',
    ),
  REDIS_URL: list
    .pipe(z.array(url(['redis:', 'rediss:'])).min(1))
    .optional()
    .describe(
      'Redis 7 or newer; several comma-separated nodes: Redis Cluster. Absent: single instance (not in production)',
    ),
  REDIS_URL_FILE: fileOf('REDIS_URL'),
  DATA_DIR: z.string().min(1).default('.data').describe('Where the embedded PostgreSQL and development keys live'),
  SEED: flag.optional().describe('`true`: load the demo data at start. Default: only with the embedded PostgreSQL'),
  AUTH_KEYS: z
    .string()
    .optional()
    .describe(
      'Signing keys: a JWK Set of private Ed25519 keys, the first signs. Absent: kept in DATA_DIR (not in production)',
    ),
  AUTH_KEYS_FILE: fileOf('AUTH_KEYS'),
  AUTH_ISSUER: z.string().min(1).default('ovation').describe('`iss` and `aud` of access tokens'),
  ACCESS_TOKEN_SECONDS: seconds(600).describe('Life of an access token'),
  SESSION_SECONDS: seconds(30 * 24 * 3600).describe('Life of a session without a refresh'),
  OIDC_ISSUER: url(['https:', 'http:'])
    .optional()
    .describe(
      'An OpenID Connect provider whose access tokens are accepted beside our own: their `iss`, to the letter. Absent: none',
    ),
  OIDC_AUDIENCE: z
    .string()
    .optional()
    .describe('`aud` that its tokens must have; needed with OIDC_ISSUER. Give Ovation one of its own, not a client id'),
  OIDC_JWKS_URL: url(['https:', 'http:'])
    .optional()
    .describe('Where its public keys are. Default: where its discovery document says'),
  OIDC_JWKS_SECONDS: seconds(600).describe(
    'Its keys are read again after so long; a key nobody has heard of is looked for at once',
  ),
  OIDC_USERNAME_CLAIM: z
    .string()
    .min(1)
    .default('preferred_username')
    .describe('Claim that proposes the user name of an account at its first sight'),
  OIDC_EMAIL_CLAIM: z.string().min(1).default('email').describe('Claim that holds its email address'),
  SMTP_URL: url(['smtp:', 'smtps:'])
    .optional()
    .describe(
      'Mail server: `smtps://user:password@host:465`. Absent: mail is written to the log and to DATA_DIR/outbox; in production none is sent, and what needs it is refused',
    ),
  SMTP_URL_FILE: fileOf('SMTP_URL'),
  MAIL_FROM: z
    .string()
    .min(1)
    .default('Ovation <no-reply@localhost>')
    .describe('Sender of mails. Needed with SMTP_URL in production'),
  PUBLIC_URL: url(['https:', 'http:'])
    .default('http://localhost:3000')
    .describe(
      'The front end, for links in mails: `<PUBLIC_URL>/reset-password?token=…` and `<PUBLIC_URL>/verify-email?token=…`. Needed with SMTP_URL in production',
    ),
  ALLOWED_ORIGINS: list
    .pipe(z.array(origin))
    .default([])
    .describe(
      "Comma-separated origins of front ends, besides the server's own. Development also allows any localhost origin",
    ),
  TRUST_PROXY: flag
    .default(false)
    .describe(
      '`true`: take the client address from the last `X-Forwarded-For` entry. Only behind a proxy that sets it',
    ),
  DRAIN_DELAY: whole(0, 60)
    .default(0)
    .describe(
      'Seconds that an instance goes on serving after SIGTERM, while `/ready` says 503 and that it drains: as long as the load balancer needs to see it',
    ),
  FEED_RETENTION_DAYS: whole(1)
    .default(90)
    .describe('Days that entries of feeds are kept; those of an event until the event is so old as a whole'),
  FEED_RETENTION_ENTRIES: whole(1024)
    .default(100_000)
    .describe("Entries kept of a feed that never ends: the schedule, a user's own"),
  FANOUT_WINDOW_MS: whole(0, 1000)
    .default(20)
    .describe(
      'Milliseconds within which entries of a busy feed are collected into one write to each socket; 0: none are. A quiet feed is never delayed',
    ),
  HTTP_REQUESTS: whole(1)
    .default(1000)
    .describe('HTTP requests in progress at once, per instance; past them the answer is 503 with `Retry-After`'),
  HTTP_REQUESTS_PER_NETWORK: whole(1)
    .default(100)
    .describe(
      'Of one IPv4 address or IPv6 /64; past them the answer is 429. Without TRUST_PROXY it does not count for private addresses: they may be a proxy, and stand for everybody',
    ),
  RATE_LIMITS: flag.default(true).describe('`false`: no rate limits (for load tests)'),
  SOCKETS_PER_ADDRESS: whole(1)
    .default(5000)
    .describe(
      'WebSockets and SSE streams that one address (of IPv6: one /64) may have open on an instance; one more is answered 429. Many viewers may share an address',
    ),
  PERSISTED_OPERATIONS: z
    .string()
    .optional()
    .describe('Path of a manifest of operations, JSON of hash to document: clients may send the hash alone'),
  PERSISTED_OPERATIONS_ONLY: flag
    .default(false)
    .describe('`true`: nothing but operations of that manifest is executed'),
  METRICS: flag
    .optional()
    .describe(
      '`true`: /metrics is served, without METRICS_TOKEN to everybody, in production, too; `false`: it is not. Default: outside production, and wherever METRICS_TOKEN is set',
    ),
  METRICS_TOKEN: z
    .string()
    .min(16)
    .regex(/^\S*$/, { error: 'must have no white space: no header could carry it' })
    .optional()
    .describe('Who reads /metrics sends this as `Authorization: Bearer`. Absent: anybody may read it'),
  METRICS_TOKEN_FILE: fileOf('METRICS_TOKEN'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('JSON log lines of this level and above go to standard error'),
});

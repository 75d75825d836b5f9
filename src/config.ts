import type { z } from 'zod';
import { environment } from './environment.ts';
import { readSecretFiles } from './secret-files.ts';

export interface Config {
  production: boolean;
  port: number;
  host: string;
  /** Null: the embedded PostgreSQL. */
  databaseUrl: string | null;
  databasePool: number;
  /** Statements that come again are prepared. */
  databasePrepare: boolean;
  /** Null: the in-process broker. More than one: a Redis Cluster's nodes. */
  redisUrls: readonly string[] | null;
  dataDir: string;
  seed: boolean;
  auth: { keys: string | null; issuer: string; accessTokenSeconds: number; sessionSeconds: number };
  /** Null: no tokens but our own. */
  oidc: {
    issuer: string;
    audience: string;
    /** Null: the discovery document says. */
    jwksUrl: string | null;
    jwksSeconds: number;
    /** Names of claims. */
    claims: { username: string; email: string };
  } | null;
  /** Null: this server sends no mail. */
  mail: {
    /** Null: to the log and the outbox. */
    smtpUrl: string | null;
    from: string;
    /** The front end's, without a slash at its end. */
    publicUrl: string;
  } | null;
  allowedOrigins: readonly string[];
  trustProxy: boolean;
  /** How long an instance that is to end goes on serving, in ms. */
  drainDelayMs: number;
  retention: { days: number; entries: number };
  /** Milliseconds; 0: entries are not collected. */
  fanOutWindowMs: number;
  /** HTTP requests in progress at once. */
  httpRequests: { all: number; perNetwork: number };
  rateLimits: boolean;
  /** Open at once, for each client network, on this instance. */
  socketsPerAddress: number;
  /** Null: clients send their documents. `only`: they may not. */
  persistedOperations: { manifest: string; only: boolean } | null;
  /** Null: there is no /metrics. No token: it is for everybody who reaches the port. */
  metrics: { token: string | null } | null;
  logLevel: z.output<typeof environment>['LOG_LEVEL'];
}

/** Lists every wrong key at once. */
export class ConfigError extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`The configuration is wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

function withoutEmpty(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const present: Record<string, string> = {};
  for (const [key, value] of Object.entries(env)) if (value) present[key] = value;
  return present;
}

/** What is wrong with variables that are each right. */
function contradictions(present: Readonly<Record<string, string | undefined>>): string[] {
  const problems: string[] = [];
  if (present.NODE_ENV === 'production') {
    for (const key of ['DATABASE_URL', 'REDIS_URL', 'AUTH_KEYS']) {
      if (!present[key] && !present[`${key}_FILE`]) problems.push(`${key}: required in production`);
    }
    for (const key of present.SMTP_URL ? ['MAIL_FROM', 'PUBLIC_URL'] : []) {
      if (!present[key]) problems.push(`${key}: required with SMTP_URL in production`);
    }
    for (const key of ['OIDC_ISSUER', 'OIDC_JWKS_URL']) {
      if (present[key]?.startsWith('http:')) problems.push(`${key}: must begin with https:// in production`);
    }
    if (present.SEED === 'true') problems.push('SEED: there is no demo data in production');
  }
  if (present.PERSISTED_OPERATIONS_ONLY === 'true' && !present.PERSISTED_OPERATIONS) {
    problems.push('PERSISTED_OPERATIONS_ONLY: needs PERSISTED_OPERATIONS');
  }
  if (present.OIDC_ISSUER) {
    if (!present.OIDC_AUDIENCE) problems.push('OIDC_AUDIENCE: required with OIDC_ISSUER');
    if (present.OIDC_ISSUER === present.AUTH_ISSUER) problems.push('OIDC_ISSUER: must differ from AUTH_ISSUER');
  } else {
    for (const key of ['OIDC_AUDIENCE', 'OIDC_JWKS_URL']) {
      if (present[key]) problems.push(`${key}: needs OIDC_ISSUER`);
    }
  }
  return problems;
}

/** Parses the environment and reads the files of secrets it names. An empty variable counts as absent. Throws ConfigError. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const { variables: present, problems } = readSecretFiles(withoutEmpty(env));
  const parsed = environment.safeParse(present);
  for (const { path, message } of parsed.error?.issues ?? [])
    problems.push(`${path.map(String).join('.')}: ${message}`);
  problems.push(...contradictions(present));
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const value = parsed.data;
  return {
    production: value.NODE_ENV === 'production',
    port: value.PORT,
    host: value.HOST,
    databaseUrl: value.DATABASE_URL ?? null,
    databasePool: value.DATABASE_POOL,
    databasePrepare: value.DATABASE_PREPARE,
    redisUrls: value.REDIS_URL ?? null,
    dataDir: value.DATA_DIR,
    seed: value.SEED ?? (value.DATABASE_URL === undefined && value.NODE_ENV !== 'production'),
    auth: {
      keys: value.AUTH_KEYS ?? null,
      issuer: value.AUTH_ISSUER,
      accessTokenSeconds: value.ACCESS_TOKEN_SECONDS,
      sessionSeconds: value.SESSION_SECONDS,
    },
    oidc:
      value.OIDC_ISSUER === undefined
        ? null
        : {
            issuer: value.OIDC_ISSUER,
            audience: value.OIDC_AUDIENCE ?? '',
            jwksUrl: value.OIDC_JWKS_URL ?? null,
            jwksSeconds: value.OIDC_JWKS_SECONDS,
            claims: { username: value.OIDC_USERNAME_CLAIM, email: value.OIDC_EMAIL_CLAIM },
          },
    mail:
      value.NODE_ENV === 'production' && value.SMTP_URL === undefined
        ? null
        : {
            smtpUrl: value.SMTP_URL ?? null,
            from: value.MAIL_FROM,
            publicUrl: value.PUBLIC_URL.replace(/\/+$/, ''),
          },
    allowedOrigins: value.ALLOWED_ORIGINS,
    trustProxy: value.TRUST_PROXY,
    drainDelayMs: value.DRAIN_DELAY * 1000,
    retention: { days: value.FEED_RETENTION_DAYS, entries: value.FEED_RETENTION_ENTRIES },
    fanOutWindowMs: value.FANOUT_WINDOW_MS,
    httpRequests: { all: value.HTTP_REQUESTS, perNetwork: value.HTTP_REQUESTS_PER_NETWORK },
    rateLimits: value.RATE_LIMITS,
    socketsPerAddress: value.SOCKETS_PER_ADDRESS,
    persistedOperations:
      value.PERSISTED_OPERATIONS === undefined
        ? null
        : { manifest: value.PERSISTED_OPERATIONS, only: value.PERSISTED_OPERATIONS_ONLY },
    metrics:
      (value.METRICS ?? (value.NODE_ENV !== 'production' || value.METRICS_TOKEN !== undefined))
        ? { token: value.METRICS_TOKEN ?? null }
        : null,
    logLevel: value.LOG_LEVEL,
  };
}

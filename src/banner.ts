import type { Config } from './config.ts';
import type { EmbeddedPostgres } from './db/embedded-postgres.ts';
import type { Demo } from './demo/seed.ts';

export interface BannerFacts {
  config: Config;
  url: string;
  embedded: EmbeddedPostgres | null;
  migrations: readonly string[];
  /** Null: no demo data here. */
  demo: Demo | null;
  startedMs: number;
}

/** What a person needs to know of a server that just started. */
export function banner({ config, url, embedded, migrations, demo, startedMs }: BannerFacts): string {
  const database =
    embedded === null ? hidePassword(config.databaseUrl ?? '') : `embedded, in ${embedded.dataDirectory}`;
  const broker =
    config.redisUrls === null ? 'in this process: single instance' : config.redisUrls.map(hidePassword).join(', ');
  const lines = [
    '',
    `  Ovation is ready (${(startedMs / 1000).toFixed(1)} s)`,
    '',
    `  GraphQL        ${url}/graphql`,
    `  WebSocket      ${url.replace('http', 'ws')}/graphql`,
    ...(config.production ? [] : [`  GraphiQL       ${url}/graphql   (open it in a browser)`]),
    `  Health         ${url}/health   ${url}/ready`,
    `  Public keys    ${url}/.well-known/jwks.json`,
    '',
    `  PostgreSQL     ${database}`,
    `  Broker         ${broker}`,
    ...(migrations.length > 0 ? [`  Migrations     ${migrations.length} applied`] : []),
    '',
    ...(demo === null ? [] : demoLines(demo)),
  ];
  return `${lines.join('\n')}\n`;
}

function demoLines({ accounts, password }: Demo): string[] {
  return [
    `  Demo accounts  password for all: ${password}`,
    ...accounts.map(({ username, what }) => `    ${username.padEnd(12)} ${what}`),
    '',
  ];
}

function hidePassword(url: string): string {
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  return shown.href;
}

import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { readConfig } from '../../src/config.ts';
import { environment } from '../../src/environment.ts';
import { imageEnvironment, read, version, yaml } from './files.ts';

const condition = z.strictObject({
  condition: z.enum(['service_started', 'service_healthy', 'service_completed_successfully']),
});
/** The parts of the Compose specification that are used, and nothing else. */
const service = z.strictObject({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  volumes: z.array(z.string()).optional(),
  ports: z.array(z.string()).optional(),
  healthcheck: z
    .strictObject({ test: z.array(z.string()), interval: z.string(), timeout: z.string(), retries: z.number() })
    .optional(),
  deploy: z.strictObject({ replicas: z.number().int() }).optional(),
  depends_on: z.record(z.string(), condition).optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']).optional(),
  stop_grace_period: z.string().optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()).optional(),
});
const file = z.object({
  name: z.string(),
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.null()),
});

const { services, volumes } = file.parse(yaml('compose.yaml')[0]);
const { ovation, migrate, balancer, postgres } = services;
const haproxy = read('deploy/haproxy.cfg')
  .split('\n')
  .map((line) => line.replace(/#.*/, '').trim())
  .filter((line) => line !== '');

/** The file's `${NAME}`, with values for the names; throws for a name that has none. */
function filledIn(variables: Record<string, string>, values: Record<string, string>): Record<string, string> {
  const fill = (text: string): string =>
    text.replace(/\$\{(\w+)(?::?[-?][^}]*)?\}/g, (_all, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`compose.env.example lacks ${name}`);
      return value;
    });
  return Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, fill(text)]));
}

describe('compose.yaml', () => {
  test('runs three instances, and everything they need, in an order that works', () => {
    expect(ovation?.deploy?.replicas).toBe(3);
    expect(migrate?.command).toEqual(['ovation', 'migrate']);
    expect(ovation?.depends_on).toMatchObject({ migrate: { condition: 'service_completed_successfully' } });
    for (const [name, { depends_on = {} }] of Object.entries(services)) {
      for (const [other, { condition }] of Object.entries(depends_on)) {
        expect(services, `${name} depends on ${other}`).toHaveProperty(other);
        // The server's health check is in its image.
        if (condition === 'service_healthy' && other !== 'ovation') expect(services[other]?.healthcheck).toBeDefined();
      }
    }
  });

  test('pins every image', () => {
    for (const { image } of Object.values(services)) expect(image).toMatch(/^[a-z]+:\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
    expect(ovation?.image).toBe(`ovation:${version}`);
    expect(ovation?.build).toBe('.');
  });

  test('sets variables that the server knows, from those that compose.env.example names, and all that production needs', () => {
    const example = [...read('deploy/compose.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name ?? '');
    const required = ['POSTGRES_PASSWORD', 'AUTH_KEYS'];
    const values = Object.fromEntries(example.map((name) => [name, required.includes(name) ? 'x' : '']));
    const variables = filledIn(ovation?.environment ?? {}, values);
    for (const name of Object.keys(variables)) expect(environment.shape).toHaveProperty(name);
    const config = readConfig({ ...imageEnvironment(), ...variables });
    expect(config).toMatchObject({ production: true, trustProxy: true, mail: null, metrics: null });
    expect(migrate?.environment).toEqual(ovation?.environment);
    expect(filledIn(postgres?.environment ?? {}, values)).toMatchObject({ POSTGRES_PASSWORD: 'x' });
    for (const url of [config.databaseUrl, ...(config.redisUrls ?? [])]) {
      expect(services).toHaveProperty(new URL(url ?? '').hostname);
    }
  });

  test("passes the operator's mail server and the token of the metrics on", () => {
    const given = {
      SMTP_URL: 'smtps://ada:correct-horse@mail.example.com:465',
      MAIL_FROM: 'Live <live@example.com>',
      PUBLIC_URL: 'https://live.example.com',
      METRICS_TOKEN: 'the-token-of-the-metrics',
    };
    const values = { POSTGRES_PASSWORD: 'x', AUTH_KEYS: 'x', ALLOWED_ORIGINS: '', ...given };
    expect(readConfig({ ...imageEnvironment(), ...filledIn(ovation?.environment ?? {}, values) })).toMatchObject({
      mail: { smtpUrl: given.SMTP_URL, from: given.MAIL_FROM, publicUrl: given.PUBLIC_URL },
      metrics: { token: given.METRICS_TOKEN },
    });
  });

  test('gives an instance the time to drain, and no rights it does not need', () => {
    const delay = Number(ovation?.environment?.DRAIN_DELAY);
    expect(delay).toBeGreaterThan(2);
    expect(Number.parseInt(ovation?.stop_grace_period ?? '', 10)).toBeGreaterThan(delay + 10);
    expect(ovation).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  });

  test('mounts what there is', () => {
    for (const { volumes: mounts = [] } of Object.values(services)) {
      for (const mount of mounts) {
        const [source = ''] = mount.split(':');
        if (source.startsWith('.')) expect(existsSync(new URL(`../../${source}`, import.meta.url))).toBe(true);
        else expect(volumes).toHaveProperty(source);
      }
    }
  });
});

describe('deploy/haproxy.cfg', () => {
  const seconds = (name: string): number => {
    const line = haproxy.find((it) => it.startsWith(`timeout ${name} `)) ?? '';
    return Number(/ (\d+)s$/.exec(line)?.[1]);
  };

  test('leads to as many instances as there are, at the port they listen on', () => {
    const [, count, name, port] =
      /^server-template ovation- (\d+) (\w+):(\d+)/.exec(
        haproxy.find((it) => it.startsWith('server-template')) ?? '',
      ) ?? [];
    expect(Number(count)).toBe(ovation?.deploy?.replicas);
    expect(services).toHaveProperty(name ?? '');
    expect(port).toBe(imageEnvironment().PORT);
    expect(balancer?.ports).toEqual(['4000:4000']);
    expect(haproxy).toContain('bind :4000');
  });

  test('asks whether an instance is ready, sends none of a drained one’s clients astray, and repeats nothing that was sent', () => {
    expect(haproxy).toContain('http-check send meth GET uri /ready');
    expect(haproxy).toContain('http-check expect status 200');
    expect(haproxy).toContain('option redispatch 1');
    expect(haproxy).toContain('retry-on conn-failure');
  });

  test('keeps sockets and event streams open for longer than their pings are apart (12 s)', () => {
    for (const name of ['client', 'server', 'tunnel']) expect(seconds(name)).toBeGreaterThan(12 * 2);
  });

  test('tells instances the client’s address, which they believe', () => {
    expect(haproxy).toContain('option forwardfor');
    expect(ovation?.environment?.TRUST_PROXY).toBe('true');
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildOnly } from '../../scripts/licences.ts';
import { environment } from '../../src/environment.ts';
import { useServer } from '../harness.ts';
import { dockerfile, imageEnvironment, read, version } from './files.ts';

const instructions = dockerfile();
const of = (stage: string, name: string): string[] =>
  instructions.filter((it) => it.stage === stage && it.name === name).map(({ text }) => text);

/** The sources of a stage's COPY instructions. */
const copied = (stage: string): string[] =>
  of(stage, 'COPY').flatMap((text) =>
    text
      .split(/\s+/)
      .filter((word) => !word.startsWith('--'))
      .slice(0, -1),
  );

const inputsOfBuild = [
  'src',
  'prisma',
  'prisma.config.ts',
  'tsconfig.json',
  'tsconfig.build.json',
  'package-lock.json',
];

/** The packages that the source of the server imports by name. */
function imported(): Set<string> {
  const root = new URL('../../src', import.meta.url).pathname;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('generated'))
    .map((path) => read(join('src', path)));
  const names = files.flatMap((text) =>
    [...text.matchAll(/^(?:import|export) (?!type\b)[^;]*?from '([^.'][^']*)';$/gm)].map(([, name]) => name ?? ''),
  );
  return new Set(
    names.filter((name) => !name.startsWith('node:')).map((name) => /^(@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name),
  );
}

describe('the Dockerfile', () => {
  test('is of two stages over one base image of an exact version', () => {
    const [base] = instructions.filter(({ name }) => name === 'ARG');
    expect(base?.text).toMatch(/^NODE_IMAGE=node:\d+\.\d+\.\d+-bookworm-slim$/);
    expect(instructions.filter(({ name }) => name === 'FROM').map(({ text }) => text)).toEqual([
      '$' + '{NODE_IMAGE} AS build',
      '$' + '{NODE_IMAGE} AS runtime',
    ]);
    expect(read('Dockerfile')).not.toMatch(/latest/i);
  });

  test('knows no instruction by a wrong name, and adds nothing from the network', () => {
    const known = [
      'ARG',
      'FROM',
      'WORKDIR',
      'COPY',
      'RUN',
      'ENV',
      'USER',
      'EXPOSE',
      'STOPSIGNAL',
      'HEALTHCHECK',
      'CMD',
    ];
    for (const { name } of instructions) expect(known).toContain(name);
    for (const text of [...of('build', 'RUN'), ...of('runtime', 'RUN')]) expect(text).not.toMatch(/curl|wget|apt|sudo/);
  });

  test('installs exactly what the lock file says, and lets no package run a script', () => {
    expect(of('build', 'RUN')[0]).toBe('npm ci --ignore-scripts');
    expect(copied('build').slice(0, 2)).toEqual(['package.json', 'package-lock.json']);
  });

  test('copies what the build reads, and .dockerignore lets just that through', () => {
    for (const path of [...inputsOfBuild, 'scripts', 'package.json']) expect(copied('build')).toContain(path);
    for (const path of copied('build')) expect(existsSync(new URL(`../../${path}`, import.meta.url))).toBe(true);
    const [first, ...rules] = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(first).toBe('*');
    expect(rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1))).toEqual(
      expect.arrayContaining(copied('build')),
    );
    expect(rules.filter((rule) => rule.startsWith('!'))).toHaveLength(copied('build').length);
  });

  test('the runtime holds what the server reads and no source', () => {
    expect(copied('runtime')).toEqual(['package.json', 'node_modules', 'prisma', 'dist'].map((path) => `/app/${path}`));
    for (const text of of('runtime', 'COPY')) expect(text).toMatch(/^--from=build /);
  });

  test('no package that the server imports is taken out of the image', () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    const stays = Object.keys(dependencies).filter((name) => !buildOnly().includes(name));
    expect(imported().size).toBeGreaterThan(15);
    for (const name of imported()) expect(stays).toContain(name);
    for (const name of buildOnly()) expect(dependencies).toHaveProperty([name]);
  });

  test('takes query compilers of other databases out of Prisma’s client, and leaves PostgreSQL’s', () => {
    const folder = 'node_modules/@prisma/client/runtime';
    const parts = readdirSync(new URL(`../../${folder}`, import.meta.url));
    const globs = [...(of('build', 'RUN').at(-1) ?? '').matchAll(/node_modules\/@prisma\/client\/runtime\/\*(\S+)\*/g)];
    const removed = globs.flatMap(([, engine = '']) => {
      const matching = parts.filter((name) => name.includes(engine));
      expect(matching, `files with ${engine}`).not.toEqual([]);
      return matching;
    });
    const left = parts.filter((name) => name.startsWith('query_compiler_') && !removed.includes(name));
    expect(left.length).toBeGreaterThan(0);
    for (const name of left) expect(name).toContain('.postgresql.');
  });

  test('does not run as root, is asked for its health, and gets its signals itself', () => {
    const users = of('runtime', 'USER');
    expect(users).toHaveLength(1);
    expect(users[0]).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const after = instructions.slice(instructions.findIndex(({ name }) => name === 'USER') + 1);
    expect(after.map(({ name }) => name)).not.toContain('RUN');
    expect(of('runtime', 'HEALTHCHECK')[0]).toContain('/health');
    expect(JSON.parse(of('runtime', 'CMD')[0] ?? '')).toEqual(['node', '--enable-source-maps', 'dist/src/main.js']);
  });

  test('sets only variables that the server knows, and listens where it says', () => {
    expect(imageEnvironment()).toEqual({ NODE_ENV: 'production', HOST: '0.0.0.0', PORT: '4000' });
    for (const name of Object.keys(imageEnvironment())) expect(environment.shape).toHaveProperty(name);
    expect(of('runtime', 'EXPOSE')).toEqual([imageEnvironment().PORT]);
  });

  test('is tagged with this version in its comment', () => {
    expect(read('Dockerfile')).toContain(`docker build -t ovation:${version} .`);
  });
});

describe("the image's health check", () => {
  const server = useServer();

  test('succeeds beside a server that answers, and fails where nothing does', async () => {
    const [, command = '[]'] = /CMD (\[.*\])$/.exec(of('runtime', 'HEALTHCHECK')[0] ?? '') ?? [];
    const [program, ...args] = JSON.parse(command) as string[];
    expect(program).toBe('node');
    const exitCode = async (port: string) =>
      (await once(spawn(process.execPath, args, { env: { PORT: port } }), 'exit'))[0];
    expect(await exitCode(new URL(server.url).port)).toBe(0);
    expect(await exitCode('1')).toBe(1);
  });
});

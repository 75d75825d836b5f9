import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe } from 'vitest';
import { freePort } from '../src/free-port.ts';
import { until } from './wait.ts';

const installCommand = 'apt-get install haproxy';
// Debian's is in a folder that a user's PATH may lack.
const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].filter((folder) => folder !== '');

function findHaproxy(): string | null {
  for (const path of folders.map((folder) => join(folder, 'haproxy'))) {
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  return null;
}

/** A suite that needs HAProxy: skipped without one, with the command that installs it; with OVATION_REQUIRE_HAPROXY=1 it then fails instead. */
export function describeHaproxy(name: string, body: () => void): void {
  const skip = findHaproxy() === null && process.env.OVATION_REQUIRE_HAPROXY !== '1';
  describe.skipIf(skip)(skip ? `${name} (needs HAProxy: ${installCommand})` : name, body);
}

export interface LoadBalancer {
  /** `http://127.0.0.1:port` */
  url: string;
  /** What it wrote: a line for each request. */
  readonly log: string;
  stop(): Promise<void>;
}

/** Exactly one occurrence is replaced: a configuration that reads differently is not the one meant here. */
function exchange(text: string, from: string | RegExp, to: string): string {
  const count = text.split(from).length - 1;
  if (count !== 1) throw new Error(`deploy/haproxy.cfg has ${from} ${count} times`);
  return text.replace(from, to);
}

/** `deploy/haproxy.cfg` as it stands, but for its own port and where the instances are: Docker's names are not known here. */
function configuration(port: number, instances: readonly string[]): string {
  const deployed = readFileSync(new URL('../deploy/haproxy.cfg', import.meta.url), 'utf8');
  const servers = instances.map((url, place) => `  server ovation-${place + 1} ${new URL(url).host}`).join('\n');
  return [
    [/^ {2}bind :4000$/m, `  bind 127.0.0.1:${port}`] as const,
    [/^ {2}server-template .*$/m, servers] as const,
    [' resolvers docker init-addr none', ''] as const,
    [/^resolvers docker\n(?: {2}.*\n)+/m, ''] as const,
  ].reduce((text, [from, to]) => exchange(text, from, to), deployed);
}

/** Starts HAProxy before these instances; resolves when it leads to all of them. It ends with this process. */
export async function startHaproxy(instances: readonly string[]): Promise<LoadBalancer> {
  const program = findHaproxy();
  if (program === null) throw new Error(`HAProxy is not installed. Run: ${installCommand}`);
  const directory = await mkdtemp(join(tmpdir(), 'ovation-haproxy-'));
  const port = await freePort();
  const file = join(directory, 'haproxy.cfg');
  await writeFile(file, configuration(port, instances));
  const child = spawn(program, ['-db', '-f', file], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-1_000_000);
    });
  }
  const stopAtExit = () => child.kill('SIGKILL');
  process.on('exit', stopAtExit);
  child.once('exit', () => process.off('exit', stopAtExit));
  const url = `http://127.0.0.1:${port}`;
  await until(() => answers(child, url, () => log), { what: 'HAProxy to lead to an instance' });
  return {
    url,
    get log() {
      return log;
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        await gone;
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answers(child: ChildProcess, url: string, log: () => string): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`HAProxy ended:\n${log()}`);
  const response = await fetch(`${url}/ready`).catch(() => null);
  await response?.arrayBuffer();
  return response?.ok === true;
}

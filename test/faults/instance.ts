import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { until } from '../wait.ts';

/** From the start of the process to the banner, on a busy machine, in ms. */
const startWithinMs = 60_000;
const endWithinMs = 15_000;

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** From the signal to the end of the process, in ms. */
  afterMs: number;
}

/** `npm start` without the npm: one instance as a process of its own. */
export class RunningInstance {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #output: () => string;

  constructor(child: ChildProcess, url: string, output: () => string) {
    this.#child = child;
    this.url = url;
    this.#output = output;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What it wrote so far: the banner and its log. */
  get output(): string {
    return this.#output();
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Sends the signal and resolves when the process is gone. */
  async endBy(signal: NodeJS.Signals): Promise<Ending> {
    const startedAt = performance.now();
    if (this.alive) {
      const gone = once(this.#child, 'exit');
      this.#child.kill(signal);
      await gone;
    }
    const { exitCode, signalCode } = this.#child;
    return { code: exitCode, signal: signalCode, afterMs: performance.now() - startedAt };
  }

  /** It stands still, and its connections stay. One that is to end must go on first. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  goOn(): void {
    this.#child.kill('SIGCONT');
  }

  kill(): Promise<Ending> {
    return this.endBy('SIGKILL');
  }

  /** Politely, then by force. */
  async end(): Promise<void> {
    const force = setTimeout(() => this.#child.kill('SIGKILL'), endWithinMs);
    await this.endBy('SIGTERM');
    clearTimeout(force);
  }

  /** Memory in RAM, in MiB; 0 when it has ended. */
  rss(): number {
    if (!this.alive) return 0;
    const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8')) ?? [];
    return Math.round(Number(kib) / 1024);
  }

  /** The answer of /ready: its HTTP status and its body. */
  async ready(): Promise<{ httpStatus: number; status: string; draining: boolean }> {
    const response = await fetch(`${this.url}/ready`);
    return { ...((await response.json()) as { status: string; draining: boolean }), httpStatus: response.status };
  }
}

/** What `npm start` gives to Node. */
const server = ['--enable-source-maps', 'dist/src/main.js'];

/** Starts the process and waits for nothing. It does not outlive this one. `program`: what Node gets, seen from `root`. */
export function begin(
  root: string,
  env: Record<string, string>,
  program: readonly string[] = server,
): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, program, {
    cwd: root,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const show = process.env.OVATION_TEST_LOG !== undefined;
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-200_000);
      if (show) process.stderr.write(text);
    });
  }
  const killAtExit = () => child.kill('SIGKILL');
  process.on('exit', killAtExit);
  child.once('exit', () => process.off('exit', killAtExit));
  return { child, output: () => output };
}

/** Resolves with the instance's URL when it accepts connections. Rejects with its output when it ends before. */
export async function accepts({ child, output }: ReturnType<typeof begin>): Promise<string> {
  const url = await until(
    () => {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the instance ended:\n${output()}`);
      return /GraphQL\s+(http\S+)\/graphql\n/.exec(output())?.[1];
    },
    { limitMs: startWithinMs, what: 'the banner of an instance' },
  );
  await (await fetch(`${url}/health`)).text();
  return url;
}

/** An instance that accepts connections. */
export async function launch(
  root: string,
  env: Record<string, string>,
  program?: readonly string[],
): Promise<RunningInstance> {
  const started = begin(root, env, program);
  return new RunningInstance(started.child, await accepts(started), started.output);
}

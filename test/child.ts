import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { soak } from './soak.ts';

/** A process of its own that answers questions: what it costs is told apart from what the others cost. */
export class Child {
  readonly #process: ChildProcess;
  readonly #answers = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #asked = 0;

  constructor(file: URL, env: Record<string, string> = {}) {
    this.#process = fork(fileURLToPath(file), {
      execArgv: ['--import', 'tsx', '--expose-gc', '--no-warnings'],
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#process.on('message', (message: { number: number; answer?: unknown; error?: string }) => {
      const asked = this.#answers.get(message.number);
      this.#answers.delete(message.number);
      if (message.error === undefined) asked?.resolve(message.answer);
      else asked?.reject(new Error(message.error));
    });
    this.#process.once('exit', (code) => {
      for (const { reject } of this.#answers.values()) reject(new Error(`${file.pathname} ended with ${code}`));
    });
  }

  /** Resolves to the answer. Nothing checks that it is a T: who asks names it. */
  ask<T>(question: string, detail?: unknown): Promise<T> {
    const number = ++this.#asked;
    return new Promise<unknown>((resolve, reject) => {
      this.#answers.set(number, { resolve, reject });
      this.#process.send({ number, question, detail });
    }) as Promise<T>;
  }

  /**
   * For what stands for machines elsewhere: what it does is the servers' business, what it costs is not. Those that attack make
   * room for everybody; those that measure come first, as root, or they would tell of their own wait for a core. In long
   * runs, on Linux, which have the machine to themselves; beside other tests the ones would come too late for what they
   * are to do, and the others in the way.
   */
  standsForOtherMachines(way: 'makes room' | 'comes first'): this {
    if (!soak || (way === 'comes first' && process.getuid?.() !== 0)) return this;
    const policy = way === 'makes room' ? ['--idle', '--pid', '0'] : ['--rr', '--pid', '1'];
    execFileSync('chrt', ['--all-tasks', ...policy, String(this.#process.pid)]);
    return this;
  }

  async end(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.#process.kill('SIGKILL');
    await once(this.#process, 'exit');
  }
}

type Answers = Record<string, (detail: never) => unknown>;

/** For the child: answers what its parent asks. */
export function answer(answers: Answers): void {
  process.on('message', async ({ number, question, detail }: { number: number; question: string; detail: never }) => {
    try {
      process.send?.({ number, answer: await answers[question]?.(detail) });
    } catch (error) {
      process.send?.({ number, error: String(error) });
    }
  });
  process.once('disconnect', () => process.exit());
}

export interface Usage {
  /** Of this process since it started, in microseconds. */
  cpu: number;
  /** After a collection, in bytes. */
  heap: number;
  rss: number;
}

export function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpu: user + system, heap: 0, rss: 0 };
}

export function memory(): Usage {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { ...usage(), heap: heapUsed + external, rss };
}

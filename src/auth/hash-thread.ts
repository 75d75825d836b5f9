import { Worker } from 'node:worker_threads';

/** `hash`: what the password is compared with; null: it is to be hashed. */
export interface HashJob {
  hash: string | null;
  password: string;
}

type Answer = { result: string | boolean } | { fault: string };

interface Waiting {
  resolve: (result: string | boolean) => void;
  reject: (error: Error) => void;
}

/**
 * A thread that computes one hash at a time, behind everything else that wants the processor: a flood of passwords then takes the
 * time that is left, and not the event loop's. Begun with the first job, and anew after it has died. Keeps the process alive only
 * while it works.
 */
export class HashThread {
  #worker: Worker | null = null;
  #waiting: Waiting | null = null;
  #closed = false;

  /** In PHC format. Nothing else may be asked meanwhile. */
  async hash(password: string): Promise<string> {
    return String(await this.#ask({ hash: null, password }));
  }

  /** Whether the password is the one that was hashed. Throws when `hash` is none. Nothing else may be asked meanwhile. */
  async verify(hash: string, password: string): Promise<boolean> {
    return (await this.#ask({ hash, password })) === true;
  }

  /** What it works on is rejected, and whatever is asked later. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#worker?.terminate();
  }

  #ask(job: HashJob): Promise<string | boolean> {
    if (this.#closed) return Promise.reject(new Error('no more hashes are computed'));
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#worker ??= this.#begin();
      this.#worker.ref();
      this.#worker.postMessage(job);
    });
  }

  #begin(): Worker {
    // Flags and loaders of this process are none of its business.
    const worker = new Worker(new URL('./hash-thread-main.js', import.meta.url), { execArgv: [] });
    worker.on('message', (answer: Answer) => {
      worker.unref();
      const waiting = this.#waiting;
      this.#waiting = null;
      if ('result' in answer) waiting?.resolve(answer.result);
      else waiting?.reject(new Error(answer.fault));
    });
    worker.on('error', (error) => this.#died(worker, error));
    worker.on('exit', () => this.#died(worker, new Error('the thread that computes hashes has ended')));
    return worker;
  }

  #died(worker: Worker, error: Error): void {
    // One that failed ends a moment later, when another may be at work already.
    if (worker !== this.#worker) return;
    this.#worker = null;
    this.#waiting?.reject(error);
    this.#waiting = null;
  }
}

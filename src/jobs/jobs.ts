import type { Db } from '../db/client.ts';
import type { Write } from '../feed/unit-of-work.ts';
import type { Log } from '../log.ts';
import { type Claimed, claimRound, claimTask, finishTask, keepRounds, nextDue, postponeTask } from './queue.ts';
import type { Duty } from './task.ts';

/** What is done again and again, by one instance at a time: whichever comes first when a period is over. */
export interface Round {
  readonly name: string;
  readonly everyMs: number;
  /** Not within a transaction. What it had begun when its instance died is left to the next round. */
  run(): Promise<unknown>;
}

export interface JobsDeps {
  db: Db;
  write: Write;
  duties: readonly Duty[];
  rounds: readonly Round[];
  log: Log;
  /** Told of each run that has ended. */
  onRun?: (job: string, outcome: 'done' | 'failed') => void;
}

/** Background work. It lives in the database: it survives any instance, and each task is done exactly once. */
export interface Jobs {
  /** By how many seconds the oldest job of each kind is late; 0: none is. */
  readonly lags: Readonly<Record<string, number>>;
  /** Begins nothing more. Resolves when what runs has ended. */
  close(): Promise<void>;
}

/** Others make tasks too: the queue is looked at this often, in ms. What is known to be due earlier is begun on time. */
const lookEveryMs = 500;
/** Tasks that an instance does at a time. */
const hands = 2;

export function createJobs({ db, write, duties, rounds, log, onRun = () => {} }: JobsDeps): Jobs {
  const dutyOf = new Map(duties.map((duty) => [duty.kind, duty]));
  const kinds = [...dutyOf.keys(), ...rounds.map(({ name }) => name)];
  const running = new Set<Promise<void>>();
  const walking = new Set<string>();
  let working = 0;
  let kept = false;
  let failing = false;
  let seen = { at: performance.now(), due: new Map<string, number>() };
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  async function look(): Promise<void> {
    try {
      if (!kept) await keepRounds(db, rounds);
      kept = true;
      const due = await nextDue(db, kinds);
      seen = { at: performance.now(), due };
      if (failing) log.info('background jobs are looked for again');
      failing = false;
      if (!closed) beginDue(due);
    } catch (error) {
      if (!failing && !closed) log.warn({ err: error }, 'background jobs cannot be looked for; trying on');
      failing = true;
    }
    // What was late just now is begun; whether more is due, the next look says.
    const next = Math.min(lookEveryMs, ...[...seen.due.values()].filter((inMs) => inMs > 0));
    if (!closed) timer = setTimeout(() => void look(), Math.max(1, Math.ceil(next)));
  }

  function beginDue(due: ReadonlyMap<string, number>): void {
    const isDue = (kind: string): boolean => (due.get(kind) ?? 1) <= 0;
    if (duties.some(({ kind }) => isDue(kind))) while (working < hands) begin(workOff());
    for (const round of rounds) if (isDue(round.name) && !walking.has(round.name)) begin(walk(round));
  }

  function begin(run: Promise<void>): void {
    running.add(run);
    void run.finally(() => running.delete(run));
  }

  /** Does one task after the other until none is due. */
  async function workOff(): Promise<void> {
    working++;
    try {
      while (!closed && (await workOnce()));
    } catch (error) {
      log.warn({ err: error }, 'a background task could neither be done nor put off; it stays due');
    } finally {
      working--;
    }
  }

  async function workOnce(): Promise<boolean> {
    let seized: Claimed | undefined;
    try {
      const done = await write(async (work) => {
        const claimed = await claimTask(work.tx, [...dutyOf.keys()]);
        if (claimed === null) return null;
        seized = claimed;
        await dutyOf.get(claimed.kind)?.run(work, claimed.payload);
        await finishTask(work.tx, claimed);
        return claimed;
      });
      if (done !== null) onRun(done.kind, 'done');
      return done !== null;
    } catch (error) {
      if (seized === undefined) throw error;
      await putOff(seized, error);
      return true;
    }
  }

  async function putOff(task: Claimed, error: unknown): Promise<void> {
    onRun(task.kind, 'failed');
    log.warn({ err: error, job: task.kind, key: task.key }, 'a background task failed; it is tried again');
    await postponeTask(db, task, error instanceof Error ? error.message : String(error));
  }

  async function walk(round: Round): Promise<void> {
    walking.add(round.name);
    try {
      if (!(await claimRound(db, round))) return;
      await round.run();
      onRun(round.name, 'done');
    } catch (error) {
      onRun(round.name, 'failed');
      log.warn({ err: error, job: round.name }, 'a background round failed; the next one tries again');
    } finally {
      walking.delete(round.name);
    }
  }

  void look();
  return {
    get lags() {
      const since = performance.now() - seen.at;
      const late = (kind: string): number => {
        const ms = since - (seen.due.get(kind) ?? since);
        // Nothing is known of the time since the last look.
        return ms > 2 * lookEveryMs ? ms / 1000 : 0;
      };
      return Object.fromEntries(kinds.map((kind) => [kind, late(kind)]));
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await Promise.all(running);
    },
  };
}

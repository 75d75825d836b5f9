import { setTimeout as pause } from 'node:timers/promises';
import { messageSent } from '../../../src/chat/entries.ts';
import { isUnavailable } from '../../../src/db/faults.ts';
import { feeds } from '../../../src/feed/entry.ts';
import { newId } from '../../../src/ids.ts';
import { answer } from '../../child.ts';
import { openAuthor } from '../author.ts';

// Commits chat facts to several events in turn, as one more instance would, at a rate that chat over the API does not reach when
// everything shares two cores. What was acknowledged is remembered; what failed is tried again with other texts, since it may
// stand in the log all the same.

export interface WriterOptions {
  databaseUrl: string;
  redisUrl: string;
  /** Row ids, not global ones. */
  events: readonly string[];
  userId: string;
  /** Entries a second, over all events. */
  rate: number;
  /** Entries of one transaction. */
  together: number;
  /** Of each text. */
  characters: number;
}

export interface Written {
  /** Of each event, in the order in which they were given: the texts whose commit was acknowledged. */
  acknowledged: string[][];
  /** The same, and those whose commit may have failed. */
  tried: string[][];
  seconds: number;
  failures: number;
}

let acknowledged: string[][] = [];
let tried: string[][] = [];
let failures = 0;
let writing: Promise<void> | null = null;
let stopping = false;
let startedAt = 0;
let close: () => Promise<void> = async () => {};

async function begin(options: WriterOptions): Promise<void> {
  const author = await openAuthor(options);
  const { write } = author;
  close = () => author.close();
  const actor = { userId: options.userId, username: 'flow', displayName: 'Flow', avatarUrl: null };
  const filling = 'x'.repeat(options.characters);

  async function commit(place: number, texts: readonly string[]): Promise<void> {
    const eventId = options.events[place] ?? '';
    tried[place]?.push(...texts);
    await write(async ({ append }) => {
      const drafts = texts.map((text) => {
        const fact = { messageId: newId(), eventId, text, removedBy: null, actor, replyToId: null };
        return messageSent.draft(fact, { actorId: actor.userId, subjectId: fact.messageId });
      });
      append(feeds.event(eventId), drafts);
    });
    acknowledged[place]?.push(...texts);
  }

  async function run(): Promise<void> {
    let number = 0;
    // Not held against the rate: what could not be written while the database was away.
    let behind = 0;
    for (let turn = 0; !stopping; turn++) {
      const due = (number * 1000) / options.rate + behind - (performance.now() - startedAt);
      if (due > 0) await pause(due);
      else if (due < -1000) behind -= due;
      const texts = Array.from({ length: options.together }, () => `${number++} ${filling}`);
      try {
        await commit(turn % options.events.length, texts);
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        failures++;
        await pause(25);
      }
    }
  }

  acknowledged = options.events.map(() => []);
  tried = options.events.map(() => []);
  startedAt = performance.now();
  writing = run();
  writing.catch((error: unknown) => {
    process.stderr.write(`the flow broke off: ${String(error)}\n`);
    process.exit(1);
  });
}

async function stop(): Promise<Written> {
  stopping = true;
  await writing;
  const seconds = (performance.now() - startedAt) / 1000;
  await close();
  return { acknowledged, tried, seconds, failures };
}

answer({ begin, written: () => acknowledged.reduce((sum, texts) => sum + texts.length, 0), stop });

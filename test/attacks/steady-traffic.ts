import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { answer } from '../child.ts';
import { type Spread, spreadOf } from '../faults/oracle.ts';
import { type Answer, timedPost } from './timed-post.ts';

// Somebody who asks for the same thing all the time, from a process that does nothing else.

export interface TrafficOptions {
  url: string;
  body: object;
  /** Between two requests, in ms, whether or not the first is answered. */
  everyMs: number;
}

/** What was asked within one stretch of time. */
export interface Asked {
  count: number;
  ms: Spread;
  /** Answered otherwise than with data. */
  failed: unknown[];
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
let sent: Promise<Answer>[] = [];

async function begin({ url, body, everyMs }: TrafficOptions): Promise<void> {
  for (;;) {
    sent.push(timedPost(agent, url, body, '192.0.2.1'));
    await pause(everyMs);
  }
}

/** Ends a stretch, and begins the next one: resolves when all of it is answered. */
async function stretch(): Promise<Asked> {
  const asked = sent;
  sent = [];
  const answers = await Promise.all(asked);
  return {
    count: answers.length,
    ms: spreadOf(answers.map(({ ms }) => ms)),
    failed: answers.filter(({ status, body }) => status !== 200 || body.errors !== undefined),
  };
}

answer({
  begin: (options: TrafficOptions) => {
    begin(options);
  },
  /** How many were sent in this stretch so far. */
  sent: () => sent.length,
  stretch,
});

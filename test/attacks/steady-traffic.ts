import { Agent } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { answer } from '../child.ts';
import { type Spread, spreadOf } from '../faults/oracle.ts';
import { type Answer, timedPost } from './timed-post.ts';

// Somebody who is there already, and asks for the same thing all the time, from a process that does nothing else.

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

const connections = 16;
const agent = new Agent({ keepAlive: true, maxSockets: connections });
let sent: Promise<Answer>[] = [];

/** Resolves when all connections are open: from then on it asks, and goes on. */
async function begin({ url, body, everyMs }: TrafficOptions): Promise<void> {
  const ask = () => timedPost(agent, url, body, '192.0.2.1');
  await Promise.all(Array.from({ length: connections }, ask));
  const goOn = async () => {
    for (;;) {
      sent.push(ask());
      await pause(everyMs);
    }
  };
  goOn();
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
  begin,
  /** How many were sent in this stretch so far. */
  sent: () => sent.length,
  stretch,
});

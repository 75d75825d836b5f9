import { readFileSync } from 'node:fs';

/** Of the thread on which a Node process runs its event loop, since it began, in ms. */
export interface EventLoopTime {
  ran: number;
  /** It had something to do, and no core to do it on: others used them. */
  waited: number;
}

/** What the kernel counted; not a number where it is not Linux. */
export function eventLoopTime(pid: number): EventLoopTime {
  if (process.platform !== 'linux') return { ran: Number.NaN, waited: Number.NaN };
  const [ran, waited] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ').map(Number);
  return { ran: (ran ?? 0) / 1e6, waited: (waited ?? 0) / 1e6 };
}

/** Tells what a server was late by for its own sake from what it was late by because this machine has so few cores. */
export function toldEventLoop(before: EventLoopTime = { ran: 0, waited: 0 }, after: EventLoopTime): string {
  return `an event loop ran for ${Math.round(after.ran - before.ran)} ms and waited ${Math.round(after.waited - before.waited)} ms for a core`;
}

import { setTimeout as pause } from 'node:timers/promises';
import type { Child } from '../test/child.ts';

/** Resolves when the clients have counted so many deliveries; throws when more come, or none for 10 s. */
export async function arrive(clients: Child, deliveries: number): Promise<void> {
  let last = -1;
  for (let quiet = 0; quiet < 200; quiet++) {
    const now = await clients.ask<number>('deliveries');
    if (now > deliveries) throw new Error(`${now} deliveries of ${deliveries}: something came twice`);
    if (now === deliveries) return;
    if (now !== last) quiet = 0;
    last = now;
    await pause(50);
  }
  throw new Error(`only ${last} of ${deliveries} deliveries came`);
}

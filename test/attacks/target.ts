import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Actor, createEvent, join, signUp } from '../actor.ts';
import { useCluster } from '../faults/cluster.ts';
import type { RunningInstance } from '../faults/instance.ts';
import type { LiveStream } from '../live-stream.ts';

/** An instance that is attacked, with somebody on it who must not notice. */
export interface Target {
  readonly instance: RunningInstance;
  readonly url: string;
  /** The live event. */
  readonly eventId: string;
  /** Something is said in a live event, and the bystander hears it. */
  bystanderHears(): Promise<void>;
  /** What `attack` answers. The CPU time it cost the instance is printed at the end, the least of all attacks of this name, in ms. */
  cost<T>(name: string, attack: () => Promise<T>): Promise<T>;
}

/** CPU time that all threads of a process have had, in ms. */
function cpuMs(pid: number): number {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ', 1)[0]),
  );
  return nanoseconds.reduce((sum, one) => sum + one, 0) / 1e6;
}

/** Starts the instance before the suite's tests. After them it must be the same process, and have met no fault. */
export function useTarget(env: Record<string, string> = {}): Target {
  const cluster = useCluster({ instances: 1, env });
  const costs = new Map<string, number>();
  let host: Actor;
  let eventId: string;
  let bystander: LiveStream;
  let said = 0;

  async function bystanderHears(): Promise<void> {
    const text = `message ${++said}`;
    await host.mutate('sendMessage', { eventId, text });
    await expect(bystander.next()).resolves.toMatchObject({ __typename: 'MessageSent', message: { text } });
  }

  beforeAll(async () => {
    host = await signUp(cluster.instance(0).url, { role: 'HOST' });
    eventId = await createEvent(host);
    await join(host, eventId);
    bystander = await host.follow(eventId, '... on MessageSent { message { text } }', { kinds: ['MessageSent'] });
    for (let round = 0; round < 20; round++) await bystanderHears();
  }, 120_000);

  afterAll(async () => {
    await bystander?.close();
    const dearest = [...costs].sort(([, a], [, b]) => b - a);
    console.log(dearest.map(([name, ms]) => `${ms.toFixed(1).padStart(8)} ms  ${name}`).join('\n'));
    const { alive, output } = cluster.instance(0);
    expect(alive).toBe(true);
    expect(output).not.toMatch(/"level":(50|60)/);
  });

  return {
    get instance() {
      return cluster.instance(0);
    },
    get url() {
      return cluster.instance(0).url;
    },
    get eventId() {
      return eventId;
    },
    bystanderHears,
    async cost(name, attack) {
      const { pid } = cluster.instance(0);
      const before = cpuMs(pid);
      const answer = await attack();
      costs.set(name, Math.min(costs.get(name) ?? Number.POSITIVE_INFINITY, cpuMs(pid) - before));
      return answer;
    },
  };
}

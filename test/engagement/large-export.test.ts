import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeGlobalId } from '../../src/global-id.ts';
import { type Actor, createEvent, join, signUp } from '../actor.ts';
import { useCluster } from '../faults/cluster.ts';
import { select } from '../faults/sql.ts';

const count = 100_000;

describe('an export of 100,000 engagements', () => {
  // A process of its own, whose heap could not hold all rows and their text beside what the server needs.
  const cluster = useCluster({ instances: 1, env: { NODE_OPTIONS: '--max-old-space-size=160' } });
  let host: Actor;
  let eventId: string;
  beforeAll(async () => {
    const [url = ''] = cluster.urls;
    host = await signUp(url, { role: 'HOST' });
    eventId = await createEvent(host, 'LIVE');
    await join(await signUp(url), eventId);
    // Many in one millisecond: their ids keep them in order.
    await select(
      cluster.databaseUrl,
      `INSERT INTO "EngagementLog" (id, "participantId", "eventId", "engagementType", "engagementTime", payload)
       SELECT gen_random_uuid(), p.id, p."eventId", CASE WHEN n % 100 = 0 THEN 'rare' ELSE 'common' END,
         p."joinedAt" - make_interval(secs => n / 40), jsonb_build_object('n', n, 'noise', $1::text)
       FROM "Participant" p, generate_series(1, $2::int - 1) n WHERE p."eventId" = $3`,
      [randomBytes(240).toString('base64'), count, decodeGlobalId(eventId).id],
    );
    await select(cluster.databaseUrl, 'ANALYZE "EngagementLog"');
  }, 120_000);

  const ask = (format: string, query = '') =>
    fetch(`${host.url}/events/${eventId}/engagements.${format}${query}`, {
      headers: { authorization: `Bearer ${host.signedIn.accessToken}` },
    });

  /** Calls back with every line as it arrives; resolves with how many bytes came. */
  async function readLines(response: Response, onLine: (line: string) => void): Promise<number> {
    if (response.body === null) throw new Error('an export has a body');
    const decoder = new TextDecoder();
    let bytes = 0;
    let rest = '';
    for await (const part of response.body) {
      bytes += part.length;
      const pieces = (rest + decoder.decode(part, { stream: true })).split('\n');
      rest = pieces.pop() ?? '';
      pieces.forEach(onLine);
    }
    expect(rest).toBe('');
    return bytes;
  }

  const shapes: Record<string, RegExp> = {
    csv: /^([^,]+),.*?,(\d{4}-[^,]+),/,
    jsonl: /"id":"([^"]+)".*?"engagementTime":"([^"]+)"/,
  };

  test.each(Object.entries(shapes))(
    'streams as %s with bounded memory, each once and in order',
    async (format, shape) => {
      const instance = cluster.instance(0);
      const before = instance.rss();
      let [most, last, unordered] = [before, '', 0];
      const seen = new Set<string>();
      const startedAt = performance.now();
      const bytes = await readLines(await ask(format), (line) => {
        const [, id, time = ''] = shape.exec(line) ?? [];
        if (id === undefined) return;
        seen.add(id);
        if (time < last) unordered++;
        last = time;
        if (seen.size % 500 === 0) most = Math.max(most, instance.rss());
      });
      const mib = Math.round(bytes / 1024 / 1024);
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      console.log(
        `export of ${seen.size} rows as ${format}: ${mib} MiB in ${seconds} s; the instance grew from ${before} to ${most} MiB`,
      );
      expect({ rows: seen.size, unordered }).toEqual({ rows: count, unordered: 0 });
      expect(instance.alive).toBe(true);
    },
    120_000,
  );

  test('gives what is rare alone', async () => {
    let rows = 0;
    await readLines(await ask('jsonl', '?types=rare'), () => rows++);
    expect(rows).toBe(count / 100 - 1);
  });
});

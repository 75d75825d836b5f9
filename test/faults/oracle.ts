import { decodeGlobalId } from '../../src/global-id.ts';
import { select } from './sql.ts';

/** An entry of an event's feed as PostgreSQL holds it. */
export interface Logged {
  sequence: number;
  kind: string;
  /** Of a message. */
  text: string | null;
  /** Milliseconds since 1970, by PostgreSQL's clock. */
  occurredAt: number;
}

interface Row {
  sequence: string;
  kind: string;
  audience: string;
  text: string | null;
  occurredAt: Date;
}

/** What a subscriber got. */
export interface Received {
  sequence: number;
  kind: string;
  text: string | null;
  /** By performance.now() of the test process. */
  at: number;
}

export interface Verdict {
  /** Entries of the log times subscribers. */
  expected: number;
  received: number;
  lost: number;
  duplicated: number;
  outOfOrder: number;
  /** Received, but not as the log has it. */
  foreign: number;
}

/** The public entries of an event's feed after `sequence`, oldest first. Throws when their order has holes. */
export async function readLog(databaseUrl: string, eventId: string, after = 0): Promise<Logged[]> {
  const rows = await select<Row>(
    databaseUrl,
    `SELECT sequence, kind, audience, payload->>'text' AS text, "occurredAt" FROM "FeedEntry" WHERE feed = $1 ORDER BY sequence`,
    [`event:${decodeGlobalId(eventId).id}`],
  );
  rows.forEach((row, place) => {
    if (Number(row.sequence) !== place + 1) throw new Error(`the log has ${row.sequence} at place ${place + 1}`);
  });
  return rows
    .filter(({ audience, sequence }) => audience === 'everyone' && Number(sequence) > after)
    .map(({ sequence, kind, text, occurredAt }) => ({
      sequence: Number(sequence),
      kind,
      text,
      occurredAt: occurredAt.getTime(),
    }));
}

/** What every one of these subscribers should have got, against what they got. */
export function compare(log: readonly Logged[], subscribers: Iterable<readonly Received[]>): Verdict {
  const verdict: Verdict = { expected: 0, received: 0, lost: 0, duplicated: 0, outOfOrder: 0, foreign: 0 };
  const bySequence = new Map(log.map((entry) => [entry.sequence, entry]));
  for (const received of subscribers) {
    const seen = new Set<number>();
    let last = 0;
    for (const { sequence, kind, text } of received) {
      const entry = bySequence.get(sequence);
      if (entry === undefined || entry.kind !== kind || entry.text !== text) verdict.foreign++;
      else if (seen.has(sequence)) verdict.duplicated++;
      if (sequence < last) verdict.outOfOrder++;
      last = sequence;
      if (entry !== undefined) seen.add(sequence);
    }
    verdict.expected += log.length;
    verdict.received += received.length;
    verdict.lost += log.length - seen.size;
  }
  return verdict;
}

/** A verdict without fault over this many entries. */
export const flawless = (expected: number): Verdict => ({
  expected,
  received: expected,
  lost: 0,
  duplicated: 0,
  outOfOrder: 0,
  foreign: 0,
});

/** The value below which the share `p` of these lies; 0 of none. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0;
}

/** Rounded. */
export interface Spread {
  p50: number;
  p99: number;
  max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const [p50 = 0, p99 = 0, max = 0] = [0.5, 0.99, 1].map((p) => Math.round(percentile(values, p)));
  return { p50, p99, max };
}

/** `p50 3 ms, p99 12 ms, max 20 ms` */
export function spread(values: readonly number[]): string {
  const { p50, p99, max } = spreadOf(values);
  return `p50 ${p50} ms, p99 ${p99} ms, max ${max} ms`;
}

/** `lost 0, twice 0, out of order 0 (300000 of 300000)` */
export function told({ expected, received, lost, duplicated, outOfOrder, foreign }: Verdict): string {
  return `lost ${lost}, twice ${duplicated}, out of order ${outOfOrder}, foreign ${foreign} (${received} received of ${expected})`;
}

import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';

/** What a bench found: figures side by side. */
export interface Report {
  name: string;
  what: string;
  rows: Record<string, string | number>[];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const [upper, lower] = [sorted[sorted.length >> 1], sorted[(sorted.length - 1) >> 1]];
  return upper === undefined || lower === undefined ? Number.NaN : (upper + lower) / 2;
}

const shown = (value: string | number): string =>
  typeof value === 'string' ? value : Number.isNaN(value) ? '-' : value >= 100 ? value.toFixed(0) : value.toFixed(2);

/** The rows as a Markdown table. */
export function table({ rows }: Report): string {
  const columns = Object.keys(rows[0] ?? {});
  const cells = [columns, ...rows.map((row) => columns.map((column) => shown(row[column] ?? '')))];
  const widths = columns.map((_, place) => Math.max(...cells.map((line) => line[place]?.length ?? 0)));
  const line = (texts: readonly string[]) =>
    `| ${texts.map((text, place) => text.padEnd(widths[place] ?? 0)).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

/** Prints the report and keeps it as JSON under `results/`. */
export async function publish(report: Report): Promise<void> {
  process.stdout.write(`\n${report.name}: ${report.what}\n\n${table(report)}\n`);
  const directory = new URL('results/', import.meta.url);
  await mkdir(directory, { recursive: true });
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), node: process.version };
  const kept = { ...report, at: new Date().toISOString(), machine };
  await writeFile(new URL(`${report.name}.json`, directory), `${JSON.stringify(kept, null, 2)}\n`);
}

import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createMetrics } from '../src/server/metrics.ts';
import { withSection } from './readme-section.ts';

/** The server's own metrics as a table, as its registry describes them. */
async function metricsTable(): Promise<string> {
  const page = await createMetrics().registry.metrics();
  const rows = [...page.matchAll(/^# HELP (ovation_\w+) (.+)\n# TYPE \S+ (\w+)$/gm)].map(
    ([, name, help, type]) => `| \`${name}\` | ${type} | ${help} |`,
  );
  return ['| metric | type | meaning |', '|---|---|---|', ...rows].join('\n');
}

/** The README with the table as it should be. */
export async function withMetricsTable(readme: string): Promise<string> {
  return withSection(readme, 'metrics', await metricsTable());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const path = new URL('../README.md', import.meta.url);
  writeFileSync(path, await withMetricsTable(readFileSync(path, 'utf8')));
}

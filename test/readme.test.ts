import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withTable } from '../scripts/configuration-table.ts';
import { withMetricsTable } from '../scripts/metrics-table.ts';
import { nothing } from '../src/demo/found.ts';
import { tour } from '../src/demo/tour.ts';

test('the README lists every environment variable as the server reads it (`npm run docs` prints the table)', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toBe(withTable(readme));
});

test('the README lists every metric of the server with its meaning (`npm run docs` prints the table)', async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toBe(await withMetricsTable(readme));
});

test("the README's tour names GraphiQL's tabs in their order", () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, table = ''] = /\n\| tab \|.*\n\|-.*\n((?:\|.*\n)+)/.exec(readme) ?? [];
  const named = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  const tabs = tour(nothing).map((document) => /(?:query|mutation|subscription) (\w+)/.exec(document)?.[1]);
  expect(named).toEqual(tabs);
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { useServer } from '../harness.ts';
import { fetchMetrics, namesOf } from './scrape.ts';

const dashboard = z
  .object({
    panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) })),
    templating: z.object({ list: z.array(z.object({ name: z.string(), query: z.string() })) }),
  })
  .parse(JSON.parse(readFileSync(new URL('../../deploy/grafana/ovation.json', import.meta.url), 'utf8')));

const server = useServer();

/** What a PromQL expression reads: its words, without functions, labels, ranges and strings. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"/g, '')
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, ' ')
    .replace(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, ' ');
  return [...bare.matchAll(/[a-z_:][\w:]*(?!\w*\s*\()/gi)].map(([word]) => word);
}

const queries = dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const));

test('the words of a query that are metrics are told from the rest', () => {
  expect(
    metricsIn('histogram_quantile(0.99, sum by (le) (rate(a_bucket{x=~"$y", b!="c_total"}[5m]))) / d_total'),
  ).toEqual(['a_bucket', 'd_total']);
  expect(metricsIn('topk(10, sum by (name) (rate(a_total[$__rate_interval])))')).toEqual(['a_total']);
});

test("every query of Grafana's dashboard names metrics that a running server has", async () => {
  const names = namesOf(await (await fetchMetrics(server.url)).text());
  const unknown = queries.flatMap(([title, expr]) =>
    metricsIn(expr).flatMap((name) => (names.has(name) ? [] : [`${title}: ${name}`])),
  );
  expect(unknown).toEqual([]);
  for (const [title, expr] of queries) expect([title, metricsIn(expr).length > 0]).toEqual([title, true]);
  for (const { query } of dashboard.templating.list) {
    const [, name] = /^label_values\((\w+),/.exec(query) ?? [];
    if (name !== undefined) expect(names).toContain(name);
  }
});

test("every metric of the server's own is on the dashboard", async () => {
  const names = namesOf(await (await fetchMetrics(server.url)).text());
  const shown = new Set(queries.flatMap(([, expr]) => metricsIn(expr)));
  const own = [...names].filter((name) => name.startsWith('ovation_') && !/_(bucket|sum|count)$/.test(name));
  expect(own.filter((name) => !shown.has(name))).toEqual([]);
});

test("no metric has a label that Prometheus gives to what it scrapes: it would hide the server's own", async () => {
  const page = await (await fetchMetrics(server.url)).text();
  expect(page).toContain('ovation_job_lag_seconds{kind="housekeeping"}');
  expect(page).not.toMatch(/[{,](?:job|instance)="/);
});

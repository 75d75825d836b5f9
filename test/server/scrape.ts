/** The samples of a /metrics page: `name{a="b",c="d"}` with its labels in order of their names, and their values. */
export type Samples = ReadonlyMap<string, number>;

export async function fetchMetrics(url: string, token?: string): Promise<Response> {
  return fetch(`${url}/metrics`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
}

export async function scrape(url: string): Promise<Samples> {
  return samplesOf(await (await fetchMetrics(url)).text());
}

export function samplesOf(page: string): Samples {
  const samples = new Map<string, number>();
  for (const line of page.split('\n')) {
    const parts = /^([a-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/i.exec(line);
    if (parts === null) continue;
    const [, name, labels = '', value] = parts;
    const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([pair]) => pair).sort();
    samples.set(pairs.length === 0 ? `${name}` : `${name}{${pairs.join(',')}}`, Number(value));
  }
  return samples;
}

/** Names of samples that a page can have: those of metrics without a sample so far too. */
export function namesOf(page: string): ReadonlySet<string> {
  const names = [...page.matchAll(/^# TYPE (\S+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
    type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
  );
  return new Set(names);
}

/** The sum over every sample of this name that has all these labels. */
export function total(samples: Samples, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  let sum = 0;
  for (const [key, value] of samples) {
    if (key !== name && !key.startsWith(`${name}{`)) continue;
    if (wanted.every((pair) => key.includes(pair))) sum += value;
  }
  return sum;
}

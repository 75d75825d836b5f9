import { Histogram, type Registry } from 'prom-client';

const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * A histogram that counts for itself: it is told of every delivery, and the library's own look-ups for each value cost more than
 * a delivery under a burst does.
 */
export class Delays extends Histogram {
  /** Nobody reads its values; it knows how the library describes a histogram. */
  readonly #description: Histogram;
  readonly #counts = new Float64Array(bounds.length + 1);
  #sum = 0;

  constructor({ name, help, registry }: { name: string; help: string; registry: Registry }) {
    super({ name, help, buckets: bounds, registers: [registry] });
    this.#description = new Histogram({ name, help, buckets: bounds, registers: [] });
  }

  /** @param ms below 0 counts as 0: the clocks of two machines differ */
  took(ms: number): void {
    const seconds = ms > 0 ? ms / 1000 : 0;
    let bucket = 0;
    while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += seconds;
  }

  override async get(): ReturnType<Histogram['get']> {
    const description = await this.#description.get();
    const { name } = description;
    let count = 0;
    const buckets = [...this.#counts].map((here, place) => {
      count += here;
      return { labels: { le: bounds[place] ?? '+Inf' }, value: count, metricName: `${name}_bucket` };
    });
    const totals = [
      { labels: {}, value: this.#sum, metricName: `${name}_sum` },
      { labels: {}, value: count, metricName: `${name}_count` },
    ];
    return { ...description, values: [...buckets, ...totals] };
  }

  /** Which the registry prefers to `get`; it gives the same. */
  getForPromString(): ReturnType<Histogram['get']> {
    return this.get();
  }
}

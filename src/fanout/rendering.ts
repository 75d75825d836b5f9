import { randomUUID } from 'node:crypto';
import { type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import type { Log } from '../log.ts';
import { presentError } from '../server/masking.ts';
import type { LiveItem } from './live-source.ts';
import { Rendered } from './rendered.ts';

/** What a rendering remembers at most: entries, and bytes of what they became. */
const remembered = { entries: 256, bytes: 1024 * 1024 };

/** What all renderings of an instance remember together, in bytes: clients choose how many different operations they send. */
export interface RenderingMemory {
  used: number;
  readonly most: number;
}

/**
 * What a rendering's executions get for a context. Whose field looks into it would tell one viewer's truth to all. One for each
 * rendering: Pothos keeps there what it knows of the operation (its symbols are no part of our context).
 */
const withoutViewer = (): object =>
  new Proxy(
    {},
    {
      get(_target, property) {
        if (typeof property === 'symbol') return undefined;
        throw new Error(`an item of a feed is the same for every viewer: its fields may not read context.${property}`);
      },
    },
  );

/** The operation that a rendering executes, without whoever sent it. */
export type Operation = Pick<ExecutionArgs, 'schema' | 'document' | 'operationName' | 'variableValues'>;

export interface RenderingOptions {
  operation: Operation;
  memory: RenderingMemory;
  log: Log;
  /** Called for each execution. */
  onExecution: () => void;
}

/**
 * What one operation makes of a feed's items: each entry is executed and serialised once, for all who sent the operation. A
 * fault in a field becomes the errors of that item, as GraphQL has it, and of no other.
 */
export class Rendering {
  readonly #options: RenderingOptions;
  readonly #known = new Map<object, { epoch: string; rendered: Rendered }>();
  readonly #contextValue = withoutViewer();
  #bytes = 0;

  constructor(options: RenderingOptions) {
    this.#options = options;
  }

  /** Never throws. An entry that was redacted is another object: what it was before is not found here. */
  render(item: LiveItem): Rendered {
    const shared = sharedOf(item);
    if (shared === null) return this.#execute(item);
    const epoch = item.type === 'entry' ? item.epoch : '';
    const known = this.#known.get(shared);
    if (known !== undefined && known.epoch === epoch) return known.rendered;
    const rendered = this.#execute(item);
    if (known === undefined) this.#remember(shared, epoch, rendered);
    return rendered;
  }

  /** Nobody follows any more. */
  close(): void {
    for (const shared of this.#known.keys()) this.#forget(shared);
  }

  #remember(shared: object, epoch: string, rendered: Rendered): void {
    const { memory } = this.#options;
    this.#known.set(shared, { epoch, rendered });
    this.#bytes += rendered.json.length;
    memory.used += rendered.json.length;
    for (const oldest of this.#known.keys()) {
      const { size } = this.#known;
      const fits = size <= remembered.entries && this.#bytes <= remembered.bytes && memory.used <= memory.most;
      // The newest stays however large it is: everybody is about to get it.
      if (fits || oldest === shared) break;
      this.#forget(oldest);
    }
  }

  #forget(shared: object): void {
    const bytes = this.#known.get(shared)?.rendered.json.length ?? 0;
    this.#known.delete(shared);
    this.#bytes -= bytes;
    this.#options.memory.used -= bytes;
  }

  #execute(item: LiveItem): Rendered {
    const { operation, log, onExecution } = this.#options;
    onExecution();
    // Nobody's own request: whoever reports the id of a shared error leads to the one line about it.
    const requestId = randomUUID();
    // Who subscribed was told what is wrong with the operation; what is wrong now is wrong with the entry.
    const present = (error: unknown) => presentError(error, { log, suggestions: false, requestId, sound: true });
    const occurredAt = item.type === 'entry' ? item.entry.occurredAt : null;
    try {
      const { data, errors } = settled(execute({ ...operation, contextValue: this.#contextValue, rootValue: item }));
      return new Rendered(errors === undefined ? { data } : { data, errors: errors.map(present) }, occurredAt);
    } catch (error) {
      return new Rendered({ data: null, errors: [present(error)] }, occurredAt);
    }
  }
}

/** What everybody gets of this item is made of. Null: one client gets it alone. */
function sharedOf(item: LiveItem): object | null {
  if (item.type === 'entry') return item.entry;
  return item.type === 'pulse' ? item.pulse : null;
}

/** Throws for a result that is still to come: an entry holds all that its fields tell, so none of them waits for anything. */
function settled(result: ExecutionResult | Promise<ExecutionResult>): ExecutionResult {
  if (!(result instanceof Promise)) return result;
  result.catch(() => {});
  throw new Error('an item of a feed tells what its entry holds: its fields may not wait for anything');
}

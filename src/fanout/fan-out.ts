import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
} from 'graphql';
import type { Log } from '../log.ts';
import { LiveOperation } from './live-operation.ts';
import { isLiveSource } from './live-source.ts';
import { liveFields } from './live-types.ts';
import { operationKey } from './operation-key.ts';
import { Rendering, type RenderingMemory } from './rendering.ts';

/** Subscriptions to feeds and pulses, served together: one execution for each item and distinct operation, however many follow. */
export interface FanOut {
  /** Whether the document's subscription is to a feed or a pulse. */
  serves(args: ExecutionArgs): boolean;
  /** As GraphQL's subscribe. `present` makes errors fit for this client. */
  subscribe(args: ExecutionArgs, present: (error: unknown) => GraphQLError): Promise<LiveOperation | ExecutionResult>;
  /** Executions so far, and distinct operations that somebody follows now. */
  readonly stats: { executions: number; operations: number };
}

/** What renderings remember, over all operations of an instance, in bytes. */
const remembered = 64 * 1024 * 1024;

interface Shared {
  rendering: Rendering;
  followers: number;
}

/** Throws when an item reaches a type that may depend on the viewer. */
export function createFanOut({ schema, log }: { schema: GraphQLSchema; log: Log }): FanOut {
  const fields = liveFields(schema);
  const renderings = new Map<string, Shared>();
  const memory: RenderingMemory = { used: 0, most: remembered };
  let executions = 0;

  /** The rendering of this operation, until `leave` was called for each call of this. */
  function join({ schema, document, operationName, variableValues }: ExecutionArgs) {
    const operation = { schema, document, operationName, variableValues };
    const key = operationKey(operation);
    const shared = renderings.get(key) ?? {
      rendering: new Rendering({ operation, memory, log, onExecution: () => executions++ }),
      followers: 0,
    };
    renderings.set(key, shared);
    shared.followers++;
    const leave = () => {
      shared.followers--;
      if (shared.followers > 0) return;
      renderings.delete(key);
      shared.rendering.close();
    };
    return { rendering: shared.rendering, leave };
  }

  return {
    serves({ document, operationName }) {
      const [selection, more] = getOperationAST(document, operationName)?.selectionSet.selections ?? [];
      return selection?.kind === Kind.FIELD && more === undefined && fields.has(selection.name.value);
    },
    async subscribe(args, present) {
      const source = await createSourceEventStream(args);
      if (!(Symbol.asyncIterator in source)) return source;
      if (!isLiveSource(source)) throw new Error('a live field subscribes to what is neither a feed nor a pulse');
      const { rendering, leave } = join(args);
      const operation = new LiveOperation({ source, rendering, present });
      operation.onOver(leave);
      return operation;
    },
    get stats() {
      return { executions, operations: renderings.size };
    },
  };
}

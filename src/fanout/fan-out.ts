import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  locatedError,
} from 'graphql';
import type { Log } from '../log.ts';
import { itemWeight } from './item-weight.ts';
import { LiveOperation } from './live-operation.ts';
import { isLiveSource, type LiveSource } from './live-source.ts';
import { liveFields } from './live-types.ts';
import { operationKey } from './operation-key.ts';
import { Rendering, type RenderingMemory } from './rendering.ts';
import { ReplayTurns } from './replay-turns.ts';
import { createShares } from './shares.ts';
import { subscribedField } from './subscribed-field.ts';

/** Who subscribes. */
export interface Follower {
  /** Where they are: an address, or an IPv6 line. */
  network: string;
  /** Makes errors fit for them. */
  present: (error: unknown) => GraphQLError;
}

/** Subscriptions to feeds and pulses, served together: one execution for each item and distinct operation, however many follow. */
export interface FanOut {
  /** Whether the document's subscription is to a feed or a pulse. */
  serves(args: ExecutionArgs): boolean;
  /** As GraphQL's subscribe. Its error is a LimitExceededError when the follower's network has its share of different operations. */
  subscribe(args: ExecutionArgs, follower: Follower): Promise<LiveOperation | ExecutionResult>;
  /** Executions so far, and distinct operations that somebody follows now. */
  readonly stats: { executions: number; operations: number };
}

/** What renderings remember, over all operations of an instance, in bytes. */
const remembered = 64 * 1024 * 1024;

interface Shared {
  rendering: Rendering;
  followers: number;
  readonly weight: number;
}

/** Throws when an item reaches a type that may depend on the viewer. */
export function createFanOut({ schema, log }: { schema: GraphQLSchema; log: Log }): FanOut {
  const fields = liveFields(schema);
  const renderings = new Map<string, Shared>();
  const memory: RenderingMemory = { used: 0, most: remembered };
  const replayTurns = new ReplayTurns();
  const shares = createShares();
  let executions = 0;

  /** The rendering of this operation, until `leave` was called for each call of this. */
  function join(args: ExecutionArgs, { follows }: LiveSource, { network }: Follower) {
    const { schema, document, operationName, variableValues } = args;
    const operation = { schema, document, operationName, variableValues };
    const key = operationKey(operation);
    const shared = renderings.get(key) ?? {
      rendering: new Rendering({ operation, memory, log, onExecution: () => executions++ }),
      followers: 0,
      weight: itemWeight(operation),
    };
    const giveBack = shares.take({ network, follows, operation: key, weight: shared.weight });
    renderings.set(key, shared);
    shared.followers++;
    const leave = () => {
      giveBack();
      shared.followers--;
      if (shared.followers > 0) return;
      renderings.delete(key);
      shared.rendering.close();
    };
    return { rendering: shared.rendering, leave };
  }

  return {
    serves({ document, operationName }) {
      const [field] = subscribedField(document, operationName);
      return field !== undefined && fields.has(field.name.value);
    },
    async subscribe(args, follower) {
      const source = await createSourceEventStream(args);
      if (!(Symbol.asyncIterator in source)) return source;
      if (!isLiveSource(source)) throw new Error('a live field subscribes to what is neither a feed nor a pulse');
      try {
        const { rendering, leave } = join(args, source, follower);
        const operation = new LiveOperation({ source, rendering, replayTurns, present: follower.present });
        operation.onOver(leave);
        return operation;
      } catch (error) {
        await source.return();
        return { errors: [locatedError(error, subscribedField(args.document, args.operationName))] };
      }
    },
    get stats() {
      return { executions, operations: renderings.size };
    },
  };
}

import { context, type Span, SpanStatusCode, type Context as TraceContext } from '@opentelemetry/api';
import { type DocumentNode, type ExecutionResult, getOperationAST, type OperationTypeNode } from 'graphql';
import type { ErrorCode } from '../errors.ts';
import type { Log } from '../log.ts';
import { isErrorCode } from './masking.ts';
import { beginSpan } from './tracing.ts';

export type Transport = 'http' | 'websocket';

/** What became of an operation: the code of its first error or of the first refusal among its mutations' results. */
export type Outcome = 'OK' | ErrorCode;

/** An operation whose answer is known; a subscription's is, once it has begun. */
export interface Answered {
  transport: Transport;
  /** As the client named it; null: not at all, or it was refused before anybody looked. */
  name: string | null;
  /** `unknown`: refused before anybody looked. */
  type: `${OperationTypeNode}` | 'unknown';
  outcome: Outcome;
  seconds: number;
}

export interface OperationsDeps {
  log: Log;
  onAnswered?: (answered: Answered) => void;
  /** Told of each subscription that is live; returns what is called when it is over. */
  onLive?: (transport: Transport) => () => void;
}

/** An operation that takes longer than this gets a line at level info, in seconds. */
const slow = 1;

/** Begins to watch an operation. `carrier`: where a `traceparent` may stand. */
export type BeginOperation = (from: {
  transport: Transport;
  requestId: string;
  carrier: object;
  /** Called once, when its answer is known or there will be none. */
  onEnd?: () => void;
}) => Operation;

export const createOperations =
  (deps: OperationsDeps): BeginOperation =>
  (from) =>
    new Operation(deps, from);

/** One operation on its way through the pipeline. When its answer is known, the log, the metrics and its span are told, once. */
export class Operation {
  readonly transport: Transport;
  readonly requestId: string;
  /** Once it is known. */
  userId: string | null = null;
  readonly #deps: OperationsDeps;
  readonly #onEnd: () => void;
  readonly #span: Span;
  readonly #context: TraceContext;
  readonly #startedAt = performance.now();
  #name: Answered['name'] = null;
  #type: Answered['type'] = 'unknown';
  #refusal: ErrorCode | null = null;
  #over = false;

  constructor(
    deps: OperationsDeps,
    { transport, requestId, carrier, onEnd = () => {} }: Parameters<BeginOperation>[0],
  ) {
    this.#deps = deps;
    this.#onEnd = onEnd;
    this.transport = transport;
    this.requestId = requestId;
    const begun = beginSpan(transport, carrier);
    this.#span = begun.span;
    this.#context = begun.context;
  }

  /** Runs a part of the operation: spans that begin in it belong to the operation's. */
  run<T>(part: () => T): T {
    return context.with(this.#context, part);
  }

  /** It is about to be executed. */
  executes(document: DocumentNode, operationName: string | null | undefined): void {
    const definition = getOperationAST(document, operationName);
    this.#name = definition?.name?.value ?? null;
    this.#type = definition?.operation ?? 'unknown';
  }

  /** One of its mutations answered with an error. */
  refused(code: ErrorCode): void {
    this.#refusal ??= code;
  }

  /** Its answer is known, with these errors, which are fit for clients. */
  answered(errors: ExecutionResult['errors']): void {
    if (this.#over) return;
    const code = errors?.[0]?.extensions.code;
    const outcome = errors === undefined ? (this.#refusal ?? 'OK') : isErrorCode(code) ? code : 'INTERNAL';
    const seconds = (performance.now() - this.#startedAt) / 1000;
    const { transport } = this;
    const facts: Answered = { transport, name: this.#name, type: this.#type, outcome, seconds };
    this.#deps.onAnswered?.(facts);
    this.#tell(facts);
    this.#span.setAttributes({
      'graphql.operation.name': facts.name ?? undefined,
      'graphql.operation.type': facts.type,
      'ovation.transport': transport,
      'ovation.outcome': outcome,
      'ovation.request_id': this.requestId,
      'enduser.id': this.userId ?? undefined,
    });
    if (isFault(outcome)) this.#span.setStatus({ code: SpanStatusCode.ERROR, message: outcome });
    this.#span.updateName(facts.type);
    this.end();
  }

  /** A subscription is live, until the returned function is called. */
  lives(): () => void {
    return this.#deps.onLive?.(this.transport) ?? (() => {});
  }

  /** Nothing more happens; what was not answered was no operation. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#span.end();
    this.#onEnd();
  }

  #tell({ name, seconds, ...facts }: Answered): void {
    // A fault has a line of its own already, with the same request id.
    const level = seconds > slow ? 'info' : 'debug';
    const { requestId, userId } = this;
    const ms = Math.round(seconds * 10_000) / 10;
    this.#deps.log[level]({ requestId, userId, operation: name?.slice(0, 64) ?? null, ...facts, ms }, 'operation');
  }
}

const isFault = (outcome: Outcome): boolean => outcome === 'INTERNAL' || outcome === 'UNAVAILABLE';

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import {
  type Attributes,
  type Context,
  context,
  INVALID_SPAN_CONTEXT,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  type SpanStatus,
  SpanStatusCode,
  type TextMapGetter,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';

export interface RecordedSpan {
  name: string;
  kind: SpanKind;
  traceId: string;
  spanId: string;
  parentId: string | null;
  attributes: Attributes;
  status: SpanStatus;
  ended: boolean;
}

/** What an operator's SDK is to the server, as far as OpenTelemetry's interfaces tell: spans are kept in memory. */
export class SpanRecorder {
  readonly spans: RecordedSpan[] = [];

  /** From now on the process has this SDK. */
  install(): void {
    context.setGlobalContextManager(contextManager());
    propagation.setGlobalPropagator({ inject: () => {}, extract, fields: () => ['traceparent'] });
    trace.setGlobalTracerProvider({ getTracer: () => this.#tracer() });
  }

  uninstall(): void {
    trace.disable();
    propagation.disable();
    context.disable();
  }

  /** The ended spans of a trace, in the order of their beginnings. */
  of(traceId: string): RecordedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId && span.ended);
  }

  #tracer(): Tracer {
    const startSpan = (name: string, options?: SpanOptions, parent?: Context): Span =>
      this.#start(name, options, parent ?? context.active());
    return {
      startSpan,
      startActiveSpan: (name: string, ...rest: unknown[]): never => {
        const run = rest.at(-1);
        if (typeof run !== 'function') throw new Error('startActiveSpan was given nothing to run');
        const span = startSpan(name);
        return context.with(trace.setSpan(context.active(), span), () => run(span)) as never;
      },
    };
  }

  #start(name: string, { kind = SpanKind.INTERNAL, attributes = {} }: SpanOptions = {}, parent: Context): Span {
    const above = trace.getSpanContext(parent);
    const record: RecordedSpan = {
      name,
      kind,
      traceId: above?.traceId ?? randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      parentId: above?.spanId ?? null,
      attributes: { ...attributes },
      status: { code: SpanStatusCode.UNSET },
      ended: false,
    };
    this.spans.push(record);
    const spanContext: SpanContext = {
      traceId: record.traceId,
      spanId: record.spanId,
      traceFlags: TraceFlags.SAMPLED,
    };
    const span: Span = {
      spanContext: () => spanContext,
      setAttribute: (key, value) => {
        record.attributes[key] = value;
        return span;
      },
      setAttributes: (all) => {
        Object.assign(record.attributes, all);
        return span;
      },
      addEvent: () => span,
      addLink: () => span,
      addLinks: () => span,
      setStatus: (status) => {
        record.status = status;
        return span;
      },
      updateName: (to) => {
        record.name = to;
        return span;
      },
      end: () => {
        if (record.ended) throw new Error(`the span ${record.name} was ended twice`);
        record.ended = true;
      },
      isRecording: () => !record.ended,
      recordException: () => {},
    };
    return span;
  }
}

function contextManager() {
  const storage = new AsyncLocalStorage<Context>();
  const manager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: <A extends unknown[], F extends (...args: A) => ReturnType<F>>(
      active: Context,
      run: F,
      self?: ThisParameterType<F>,
      ...args: A
    ): ReturnType<F> => storage.run(active, () => run.apply(self, args)),
    bind: <T>(_context: Context, target: T): T => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}

/** W3C Trace Context, version 00. */
function extract<Carrier>(into: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
  const header = getter.get(carrier, 'traceparent');
  const parts = typeof header === 'string' ? /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/.exec(header) : null;
  if (parts === null) return into;
  const [, traceId = '', spanId = '', flags = '0'] = parts;
  const remote = { ...INVALID_SPAN_CONTEXT, traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return trace.setSpanContext(into, remote);
}

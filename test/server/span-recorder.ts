import { type Attributes, context, propagation, type SpanKind, type SpanStatus, trace } from '@opentelemetry/api';
import { NodeTracerProvider, type ReadableSpan, type SpanProcessor } from '@opentelemetry/sdk-trace-node';

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

/** OpenTelemetry's own SDK, as an operator loads it. Spans are kept in memory from their beginning on, and are read as they are. */
export class SpanRecorder {
  readonly #begun: ReadableSpan[] = [];

  /** From now on the process has this SDK. */
  install(): void {
    const keeper: SpanProcessor = {
      onStart: (span) => void this.#begun.push(span),
      onEnd: () => {},
      forceFlush: async () => {},
      shutdown: async () => {},
    };
    new NodeTracerProvider({ spanProcessors: [keeper] }).register();
  }

  uninstall(): void {
    trace.disable();
    propagation.disable();
    context.disable();
  }

  /** In the order of their beginnings. */
  get spans(): RecordedSpan[] {
    return this.#begun.map((span) => {
      const { name, kind, attributes, status, ended } = span;
      const { traceId, spanId } = span.spanContext();
      return {
        name,
        kind,
        traceId,
        spanId,
        parentId: span.parentSpanContext?.spanId ?? null,
        attributes,
        status,
        ended,
      };
    });
  }

  /** The ended spans of a trace. */
  of(traceId: string): RecordedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId && span.ended);
  }
}

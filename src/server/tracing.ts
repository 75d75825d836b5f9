import { type Context, context, propagation, ROOT_CONTEXT, type Span, SpanKind, trace } from '@opentelemetry/api';
import type { Write } from '../feed/unit-of-work.ts';

/** Spans go to whatever SDK the operator has loaded (`node --import`); without one they are nothing. */
const tracer = trace.getTracer('ovation');

export interface OperationSpan {
  span: Span;
  /** What the operation runs in. */
  context: Context;
}

/**
 * Begins an operation's span. `carrier` holds `traceparent`, if the client has sent one. Over HTTP the instrumentation of Node's
 * server may have read it already; a socket's own span, on the other hand, says nothing about the operations it carries.
 */
export function beginSpan(transport: 'http' | 'websocket', carrier: object): OperationSpan {
  const around = transport === 'http' ? context.active() : ROOT_CONTEXT;
  const nested = trace.getSpan(around) !== undefined;
  const parent = nested ? around : propagation.extract(around, carrier);
  const span = tracer.startSpan('GraphQL', { kind: nested ? SpanKind.INTERNAL : SpanKind.SERVER }, parent);
  return { span, context: trace.setSpan(parent, span) };
}

/** The same unit of work with a span, from its beginning until it is committed. */
export function traceWrites(write: Write): Write {
  return (body) =>
    tracer.startActiveSpan('write', async (span) => {
      let runs = 0;
      let entries = 0;
      try {
        return await write((work) => {
          runs++;
          entries = 0;
          return body({
            tx: work.tx,
            append(feed, drafts, place) {
              entries += [drafts].flat().length;
              work.append(feed, drafts, place);
            },
            afterCommit: work.afterCommit,
          });
        });
      } catch (error) {
        // A refusal is a fact of life here. Whether it is a fault, the operation's span says.
        if (error instanceof Error) span.setAttribute('error.type', error.name);
        throw error;
      } finally {
        span.setAttributes({ 'ovation.runs': runs, 'ovation.entries': entries });
        span.end();
      }
    });
}

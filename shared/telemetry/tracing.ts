import { type Attributes, context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import { describeError } from './logger';

/** A stage of the work that has begun. Where nothing takes traces, the API does nothing. */
export interface OpenSpan {
  /** Runs `work` so that the spans begun in it lie below this one. */
  within<T>(work: () => T): T;
  set(attributes: Attributes): void;
  /** It went wrong: the error's code or class is kept, never its message. */
  failed(error: unknown): void;
  end(): void;
}

/**
 * Begins a span, below the one that is open where it is called, or below the caller's own (`traceParent`, W3C Trace Context). Its name
 * and attributes are codes, counts, a request id: nobody's words, names, ids or keys. For a stage that is one promise, use `inSpan`.
 */
export function startSpan(name: string, attributes: Attributes = {}, traceParent?: string | null): OpenSpan {
  const around = context.active();
  const parent = traceParent ? propagation.extract(around, { traceparent: traceParent }) : around;
  const span = trace.getTracer('keepsake').startSpan(name, { attributes }, parent);
  return {
    within: (work) => context.with(trace.setSpan(parent, span), work),
    set: (more) => void span.setAttributes(more),
    failed: (error) => {
      const { code, error: kind } = describeError(error);
      span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('code', String(code ?? kind));
    },
    end: () => span.end(),
  };
}

/** Runs a stage as a span of the trace; see `startSpan`. Settles as `work` does. */
export async function inSpan<T>(name: string, work: (span: OpenSpan) => Promise<T>): Promise<T> {
  const span = startSpan(name);
  try {
    return await span.within(() => work(span));
  } catch (error) {
    span.failed(error);
    throw error;
  } finally {
    span.end();
  }
}

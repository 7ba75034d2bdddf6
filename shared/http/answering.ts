import { randomUUID } from 'node:crypto';
import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';
import { createDeadline, type Deadline, raceSignal } from '../resilience/deadline';
import { isDatabaseUnreachable } from '../resilience/unreachable';
import { describeError, type Logger } from '../telemetry/logger';
import { startSpan } from '../telemetry/tracing';
import { whenCallerLeft } from './caller-left';
import { type ServerEvent, toEventStream } from './event-stream';
import { ProblemError, toProblemResponse } from './problem';

/** What a door may use of the request beside its input. */
export interface RequestContext {
  requestId: string;
  /** Ends with the door's budget, and for an answer that streams also when the caller goes away. */
  deadline: Deadline;
  logger: Logger;
  /** The key the caller sent, as `x-functions-key` or `?code=`; null where there is none. */
  functionKey: string | null;
  /** What stands in the places of the route. */
  params: Record<string, string>;
  /** Whether the caller asks for `text/event-stream`. */
  wantsEvents: boolean;
}

/** What every door needs of the composition root. */
export interface EndpointDependencies {
  logger(): Logger;
  statistics(): { observe(name: string, milliseconds: number): void };
}

export interface AnsweringOptions {
  /** Time for the whole request; 10 s unless told. A function where settings decide, which are not read at import. */
  budgetMs?: number | (() => number);
}

/**
 * What all doors have in common: a request id, a budget, a line in the log, a latency, and problems in place of errors. `answer` makes
 * the response, or the events of one that streams. Answers whatever `ProblemError` it throws, 503 when the budget runs out, and 500
 * without detail for a bug of ours; once a stream has begun, the same as its last event, `error`. Never rejects.
 */
export function answering(
  dependencies: EndpointDependencies,
  name: string,
  answer: (request: HttpRequest, context: RequestContext) => Promise<HttpResponseInit | AsyncIterable<ServerEvent>>,
  { budgetMs = 10_000 }: AnsweringOptions = {},
): HttpHandler {
  return async (request, { invocationId, traceContext, options: { trigger } }) => {
    const started = performance.now();
    const requestId = toRequestId(request.headers.get('x-request-id'));
    const logger = dependencies.logger().with({ function: name, request_id: requestId });
    const span = startSpan(name, { request_id: requestId }, traceContext?.traceParent);
    const leaving = new AbortController();
    const deadline = createDeadline(typeof budgetMs === 'number' ? budgetMs : budgetMs(), leaving.signal);
    const context: RequestContext = {
      ...{ requestId, deadline, logger },
      functionKey: request.headers.get('x-functions-key') ?? request.query.get('code'),
      params: paramsOf(request, trigger),
      wantsEvents: /\btext\/event-stream\b/i.test(request.headers.get('accept') ?? ''),
    };
    const problemOf = (error: unknown) => toProblemResponse(toProblem(error, deadline.signal, logger), requestId);
    const tell = (status: number | undefined) => {
      const durationMs = Math.round((performance.now() - started) * 10) / 10;
      dependencies.statistics().observe(name, durationMs);
      logger.info('request', { method: request.method, status, duration_ms: durationMs });
      span.set({ status });
      span.end();
    };
    const left = () => leaving.abort(new DOMException('The caller has gone.', 'AbortError'));

    const respond = async (): Promise<{ response: HttpResponseInit; streams: boolean }> => {
      const answered = await answer(request, context);
      if (!(Symbol.asyncIterator in answered)) return { response: answered, streams: false };
      const toEvent = (error: unknown): ServerEvent => ({
        event: 'error',
        data: JSON.parse(String(problemOf(error).body)),
      });
      whenCallerLeft(invocationId, left);
      return { response: await toEventStream(answered, { toEvent, left, ended: () => tell(200) }), streams: true };
    };
    const { response, streams } = await raceSignal(span.within(respond), deadline.signal).catch((error: unknown) => ({
      response: problemOf(error),
      streams: false,
    }));
    if (!streams) tell(response.status);
    return { ...response, headers: { ...response.headers, 'x-request-id': requestId } };
  };
}

/**
 * The parameters that the function's route names. Where answers may be streams, the Functions host's `params` hold all that is known of
 * the trigger: fields of a JSON body among it ("createStreamRequest" of @azure/functions 4.16).
 */
function paramsOf({ params }: HttpRequest, trigger: object | undefined): Record<string, string> {
  if (!trigger || !('route' in trigger)) return params;
  const names = Array.from(String(trigger.route).matchAll(/{(\w+)/g), ([, name = '']) => name);
  return Object.fromEntries(names.flatMap((name) => (params[name] === undefined ? [] : [[name, params[name]]])));
}

/** The caller's request id where it is a harmless one, else a new one. */
function toRequestId(given: string | null): string {
  return given && /^[A-Za-z0-9-]{8,64}$/.test(given) ? given : randomUUID();
}

function toProblem(error: unknown, signal: AbortSignal, logger: Logger): ProblemError {
  if (error instanceof ProblemError) return error;
  if (signal.aborted) {
    return new ProblemError(
      503,
      'The request could not be finished in time. Send it again; with a message_id nothing is stored twice.',
    );
  }
  logger.error('request failed', describeError(error));
  if (isDatabaseUnreachable(error)) {
    return new ProblemError(503, 'The database cannot be reached just now. Send it again.', undefined, {
      'retry-after': '5',
    });
  }
  return new ProblemError(500, 'Something went wrong on our side. The request_id finds it in the log.');
}

/** The body's bytes. Throws the 413 for one that is too large, before it is read where it says so itself. */
export async function readBody(request: HttpRequest, maxBytes: number): Promise<ArrayBuffer> {
  const tooLarge = () => new ProblemError(413, `The body is larger than ${maxBytes / 1024} KiB.`);
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge();
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > maxBytes) throw tooLarge();
  return bytes;
}

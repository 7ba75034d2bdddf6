import { randomUUID } from 'node:crypto';
import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';
import type { CamelCasedPropertiesDeep } from 'type-fest';
import type { z } from 'zod';
import { createDeadline, type Deadline, raceSignal } from '../resilience/deadline';
import { isDatabaseUnreachable } from '../resilience/unreachable';
import { describeError, type Logger } from '../telemetry/logger';
import { camelKeys, snakeKeys } from './case';
import { type FieldError, ProblemError, toProblemResponse } from './problem';

/** What a door may use of the request beside its input. */
export interface RequestContext {
  requestId: string;
  deadline: Deadline;
  logger: Logger;
  /** The key the caller sent, as `x-functions-key` or `?code=`; null where there is none. */
  functionKey: string | null;
}

/** A door's answer: camelCase values that leave as snake_case JSON. */
export interface Reply {
  status: number;
  body: unknown;
}

export const reply = (status: number, body: unknown): Reply => ({ status, body });

/** What every door needs of the composition root. */
export interface EndpointDependencies {
  logger(): Logger;
  statistics(): { observe(name: string, milliseconds: number): void };
}

interface EndpointOptions {
  /** The largest body taken; 256 KiB unless told, 2 MiB on bulk routes. */
  maxBytes?: number;
  /** Time for the whole request; 10 s unless told. */
  budgetMs?: number;
}

/** What a handler gets: the schema's output with camelCase names; `metadata` stays as the caller wrote it. */
export type Input<Schema extends z.ZodType> = Omit<CamelCasedPropertiesDeep<z.output<Schema>>, 'metadata'> &
  (z.output<Schema> extends { metadata?: infer M } ? { metadata?: M } : unknown);

/**
 * Turns a strict schema and a service call into an HTTP handler. The input is the JSON body (or the query string of a GET or
 * DELETE) together with the route's parameters. Answers 400 listing every field that does not fit, 413, 415, whatever `ProblemError`
 * the handler throws, 503 when the budget runs out, and 500 without detail for a bug of ours. Never rejects.
 */
export function endpoint<Schema extends z.ZodType>(
  dependencies: EndpointDependencies,
  name: string,
  schema: Schema,
  handle: (input: Input<Schema>, context: RequestContext) => Promise<Reply>,
  { maxBytes = 256 * 1024, budgetMs = 10_000 }: EndpointOptions = {},
): HttpHandler {
  return async (request) => {
    const started = performance.now();
    const requestId = toRequestId(request.headers.get('x-request-id'));
    const logger = dependencies.logger().with({ function: name, request_id: requestId });
    const deadline = createDeadline(budgetMs);
    const functionKey = request.headers.get('x-functions-key') ?? request.query.get('code');
    const answer = async (): Promise<HttpResponseInit> => {
      const input = parse(schema, await readInput(request, maxBytes));
      const { status, body } = await handle(camelKeys(input) as Input<Schema>, {
        requestId,
        deadline,
        logger,
        functionKey,
      });
      return toJsonResponse(status, body, requestId);
    };
    const response = await raceSignal(answer(), deadline.signal).catch((error: unknown) =>
      toProblemResponse(toProblem(error, deadline.signal, logger), requestId),
    );
    const durationMs = Math.round((performance.now() - started) * 10) / 10;
    dependencies.statistics().observe(name, durationMs);
    logger.info('request', { method: request.method, status: response.status, duration_ms: durationMs });
    return response;
  };
}

/** The caller's request id where it is a harmless one, else a new one. */
function toRequestId(given: string | null): string {
  return given && /^[A-Za-z0-9-]{8,64}$/.test(given) ? given : randomUUID();
}

function toJsonResponse(status: number, body: unknown, requestId: string): HttpResponseInit {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'x-request-id': requestId },
    body: JSON.stringify(snakeKeys(body)),
  };
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

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw misfit(parsed.error.issues.flatMap(toFieldErrors));
}

const misfit = (errors: FieldError[]) =>
  new ProblemError(
    400,
    `The request does not fit: ${errors.length} ${errors.length === 1 ? 'field' : 'fields'} to correct.`,
    errors,
  );

const unknownField = 'is not a field of this request';
/** A name that the caller made up is cut short: it may be long. */
const longestPath = 64;

function toFieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key.slice(0, longestPath)].join('.'), message: unknownField }));
  }
  return [{ path: path.join('.'), message: issue.message }];
}

/** The body or the query string, with the route's parameters, which nothing in the request may replace. */
async function readInput(request: HttpRequest, maxBytes: number): Promise<unknown> {
  const hasBody = request.method !== 'GET' && request.method !== 'DELETE';
  const given = hasBody ? await readJson(request, maxBytes) : readQuery(request.query);
  refuseFields(
    Object.keys(given).filter((name) => Object.hasOwn(request.params, name)),
    unknownField,
  );
  return { ...given, ...request.params };
}

function readQuery(query: URLSearchParams): object {
  query.delete('code'); // The function key, which the host has looked at.
  const names = [...query.keys()];
  refuseFields(
    names.filter((name, i) => names.indexOf(name) < i),
    'must be given once',
  );
  return Object.fromEntries(query);
}

function refuseFields(names: string[], message: string): void {
  if (names.length > 0) throw misfit(names.map((name) => ({ path: name.slice(0, longestPath), message })));
}

async function readJson(request: HttpRequest, maxBytes: number): Promise<object> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;|$)/i.test(type)) {
    throw new ProblemError(415, 'The body must be JSON: send it with content-type: application/json.');
  }
  const tooLarge = () => new ProblemError(413, `The body is larger than ${maxBytes / 1024} KiB.`);
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge();
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > maxBytes) throw tooLarge();
  const body = decodeJson(bytes);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ProblemError(400, 'The body must be a JSON object.');
  return body;
}

function decodeJson(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ProblemError(400, 'The body is not valid JSON in UTF-8.');
  }
}

import type { HttpHandler, HttpRequest, HttpResponseInit } from '@azure/functions';
import type { CamelCasedPropertiesDeep } from 'type-fest';
import type { z } from 'zod';
import {
  type AnsweringOptions,
  answering,
  type EndpointDependencies,
  type RequestContext,
  readBody,
} from './answering';
import { camelKeys, snakeKeys } from './case';
import type { ServerEvent } from './event-stream';
import { longestPath, toFieldErrors, unknownField } from './field-errors';
import { misfit, ProblemError } from './problem';

/** A door's answer: camelCase values that leave as snake_case JSON. */
export interface Reply {
  status: number;
  body: unknown;
}

export const reply = (status: number, body: unknown): Reply => ({ status, body });

interface EndpointOptions extends AnsweringOptions {
  /** The largest body taken; 256 KiB unless told, 2 MiB on bulk routes. */
  maxBytes?: number;
  /** Whether fields may stand in the query string beside a body, too. */
  readsQuery?: boolean;
}

/** What a handler gets: the schema's output with camelCase names; `metadata` and `lead_data` stay as the caller wrote them. */
export type Input<Schema extends z.ZodType> = Omit<
  CamelCasedPropertiesDeep<z.output<Schema>>,
  'metadata' | 'leadData'
> &
  (z.output<Schema> extends { metadata?: infer M } ? { metadata?: M } : unknown) &
  (z.output<Schema> extends { lead_data: infer L } ? { leadData: L } : unknown);

/**
 * Turns a strict schema and a service call into an HTTP handler. The input is the JSON body (or the query string of a GET or
 * DELETE) together with the route's parameters. Answers 400 listing every field that does not fit, 413, 415, and what `answering` does.
 * A handler that gives back events streams them. Never rejects.
 */
export function endpoint<Schema extends z.ZodType>(
  dependencies: EndpointDependencies,
  name: string,
  schema: Schema,
  handle: (input: Input<Schema>, context: RequestContext) => Promise<Reply | AsyncIterable<ServerEvent>>,
  { maxBytes = 256 * 1024, readsQuery = false, ...options }: EndpointOptions = {},
): HttpHandler {
  const answer = async (request: HttpRequest, context: RequestContext) => {
    const input = parse(schema, await readInput(request, context.params, { maxBytes, readsQuery }));
    const answered = await handle(camelKeys(input) as Input<Schema>, context);
    return 'status' in answered ? toJsonResponse(answered) : answered;
  };
  return answering(dependencies, name, answer, options);
}

const toJsonResponse = ({ status, body }: Reply): HttpResponseInit => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: JSON.stringify(snakeKeys(body)),
});

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw misfit(toFieldErrors(parsed.error));
}

/** The body or the query string, with the route's parameters, which nothing in the request may replace. */
async function readInput(
  request: HttpRequest,
  params: Record<string, string>,
  { maxBytes, readsQuery }: Required<Pick<EndpointOptions, 'maxBytes' | 'readsQuery'>>,
): Promise<unknown> {
  const hasBody = request.method !== 'GET' && request.method !== 'DELETE';
  const given = hasBody ? await readJson(request, maxBytes) : {};
  const asked = !hasBody || readsQuery ? readQuery(request.query) : {};
  refuseFields(
    Object.keys({ ...given, ...asked }).filter((name) => Object.hasOwn(params, name)),
    unknownField,
  );
  refuseFields(
    Object.keys(asked).filter((name) => Object.hasOwn(given, name)),
    'must be given once',
  );
  return { ...given, ...asked, ...params };
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
  const body = decodeJson(await readBody(request, maxBytes));
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new ProblemError(400, 'The body must be a JSON object.');
  return body;
}

/** The JSON in a body. Throws the 400 for what is none. */
export function decodeJson(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new ProblemError(400, 'The body is not valid JSON in UTF-8.');
  }
}

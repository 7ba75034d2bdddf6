import {
  type HttpHandler,
  HttpRequest,
  type HttpRequestInit,
  HttpResponse,
  type HttpResponseInit,
  InvocationContext,
} from '@azure/functions';
import type { EndpointDependencies } from '../../shared/http/answering';
import { createLogger } from '../../shared/telemetry/logger';

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed where it is JSON, else its text. */
  body: unknown;
}

/** Calls a handler as the Functions host does, and reads its answer. */
export async function call(handler: HttpHandler, init: HttpRequestInit): Promise<Answer> {
  const request = new HttpRequest({ url: 'http://localhost/api/test', ...init });
  const result = (await handler(request, new InvocationContext())) as HttpResponseInit;
  const response = new HttpResponse(result);
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  const body = isJson ? await response.json() : await response.text();
  return { status: response.status, headers: response.headers, body };
}

/** What an endpoint needs of the container, with what it logged and timed. */
export function createTestDependencies() {
  const lines: string[] = [];
  const observed: [name: string, milliseconds: number][] = [];
  const logger = createLogger('debug', (line) => lines.push(line));
  const dependencies: EndpointDependencies = {
    logger: () => logger,
    statistics: () => ({ observe: (name, milliseconds) => observed.push([name, milliseconds]) }),
  };
  return { dependencies, lines, observed };
}

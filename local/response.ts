import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { HttpResponse, type HttpResponseInit } from '@azure/functions';

/**
 * Sends what a function returned: nothing is a 204; a body that is a stream leaves piece by piece and is cancelled when the
 * caller goes away; any other body leaves whole with its length. Cookies are not served. Rejects where the result is no
 * response, or its stream fails; the connection is then broken off once the head is out.
 */
export async function send(result: unknown, requestId: string, response: ServerResponse): Promise<void> {
  const { status, headers, body } = await toParts(result);
  response.statusCode = status;
  for (const [name, value] of headers) response.setHeader(name, value);
  if (!headers.has('x-request-id')) response.setHeader('x-request-id', requestId);
  if (body instanceof Readable) {
    response.flushHeaders();
    await pipeline(body, response);
  } else {
    if (body) response.setHeader('content-length', body.length);
    response.end(body);
  }
}

async function toParts(
  result: unknown,
): Promise<{ status: number; headers: Headers; body: Readable | Buffer | undefined }> {
  if (result === undefined || result === null) return { status: 204, headers: new Headers(), body: undefined };
  if (typeof result !== 'object') throw new TypeError('A function with an HTTP trigger returns an object or nothing');
  if (isText(result)) return fromText(result);
  const response = result instanceof HttpResponse ? result : new HttpResponse(result as HttpResponseInit);
  const { status, headers } = response;
  if (!response.body) return { status, headers, body: undefined };
  const streams = result === response || isStream(result as HttpResponseInit);
  const body = streams ? Readable.fromWeb(response.body as ReadableStream) : Buffer.from(await response.arrayBuffer());
  return { status, headers, body };
}

function isStream({ body, jsonBody }: HttpResponseInit): boolean {
  if (jsonBody !== undefined || typeof body !== 'object' || body === null) return false;
  return Symbol.asyncIterator in body;
}

/** Nearly every answer: no stream has to be made of it and read again. */
function isText(result: object): result is HttpResponseInit & { body: string } {
  return !(result instanceof HttpResponse) && 'body' in result && typeof result.body === 'string';
}

function fromText({ status = 200, headers: given, body }: HttpResponseInit & { body: string }) {
  const headers = new Headers(given as Record<string, string>);
  if (!headers.has('content-type')) headers.set('content-type', 'text/plain;charset=UTF-8');
  return { status, headers, body: Buffer.from(body) };
}

import { subscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Tells when a caller hangs up on an answer that streams. The Functions worker reads such an answer to its end, whoever is there: it
 * never cancels the body ("sendProxyResponse" of @azure/functions 4.16). What it forwards carries the invocation's id, and Node says
 * of every request that a server of this process takes ("http.server.request.start", Node.js diagnostics channels).
 */
const invocationHeader = 'x-ms-invocation-id';
const open = new Map<string, ServerResponse>();

/** Begins to watch. To be called before the first request arrives. */
export function watchCallers(): void {
  subscribe('http.server.request.start', (message) => {
    const { request, response } = message as { request: IncomingMessage; response: ServerResponse };
    const id = request.headers[invocationHeader];
    if (typeof id !== 'string') return;
    open.set(id, response);
    response.once('close', () => open.delete(id));
  });
}

/** Calls `leave` where the caller of an invocation hangs up before its answer is out. Where nobody watches, never. */
export function whenCallerLeft(invocationId: string, leave: () => void): void {
  const response = open.get(invocationId);
  response?.once('close', () => !response.writableFinished && leave());
}

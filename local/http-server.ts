import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { ProblemError, toProblemResponse } from '../shared/http/problem';
import { describeError, type Logger } from '../shared/telemetry/logger';
import { isAuthorised } from './function-key';
import { invoke } from './invoke';
import { pathOf, refuseDeclaredTooLarge, toHttpRequest } from './request';
import { send } from './response';
import { createRoutes, type HttpFunction } from './routes';

export interface HttpServerOptions {
  functions: HttpFunction[];
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** The key asked for by functions that are not anonymous; none is asked for where it is undefined. */
  functionKey: string | undefined;
  logger: Logger;
}

export interface HttpServer {
  /** Where it listens, without a slash at the end. */
  url: string;
  /** Takes no new request and resolves once those in flight are answered, or are cut off after `drainMs`. */
  close(drainMs: number): Promise<void>;
}

/** Serves functions over HTTP. Rejects when it cannot listen, for example with `EADDRINUSE`. Throws as `createRoutes` does. */
export async function serveHttp({
  functions,
  host,
  port,
  functionKey,
  logger,
}: HttpServerOptions): Promise<HttpServer> {
  const match = createRoutes(functions);
  let closing = false;

  const targetOf = (message: IncomingMessage) => {
    const found = match(message.method ?? '', pathOf(message));
    if (found.kind === 'none') throw new ProblemError(404, 'There is nothing at this address.');
    if (found.kind === 'wrong method') {
      const allow = found.allow.join(', ');
      throw new ProblemError(405, `This address takes ${allow}.`, undefined, { allow });
    }
    if (!isAuthorised(message, found.target.authLevel, functionKey)) {
      throw new ProblemError(401, 'This address needs a key: send it as x-functions-key.');
    }
    return found;
  };

  const answer = async (message: IncomingMessage, response: ServerResponse, beforeBody = () => {}) => {
    const requestId = randomUUID();
    let name: string | undefined;
    // A connection kept alive after its last answer would hold a closing server open.
    if (closing) response.setHeader('connection', 'close');
    response.on('close', () => closing && server.closeIdleConnections());
    try {
      const { target, params } = targetOf(message);
      name = target.registration.name;
      beforeBody();
      const request = await toHttpRequest(message, params);
      await send(await invoke(target.registration, requestId, request), requestId, response);
    } catch (error) {
      if (isCallerGone(error, message, response)) return;
      if (!(error instanceof ProblemError)) {
        logger.error('function failed', { function: name, request_id: requestId, ...describeError(error) });
      }
      if (response.headersSent) response.destroy();
      else await send(toProblemResponse(toProblem(error), requestId), requestId, response);
    }
  };

  const server = createServer({ requestTimeout: 60_000 }, (message, response) => void answer(message, response));
  server.on('checkContinue', (message: IncomingMessage, response: ServerResponse) => {
    // Whether the body follows an early refusal is the caller's choice, so the connection cannot be used again.
    response.setHeader('connection', 'close');
    void answer(message, response, () => {
      refuseDeclaredTooLarge(message);
      response.writeContinue();
    });
  });
  server.on('clientError', refuseMalformed);
  await listen(server, port, host);

  const close = async (drainMs: number) => {
    closing = true;
    const cutOff = setTimeout(() => server.closeAllConnections(), drainMs);
    await new Promise((resolve) => server.close(resolve));
    clearTimeout(cutOff);
  };
  return { url: urlOf(server, host), close };
}

const toProblem = (error: unknown) =>
  error instanceof ProblemError
    ? error
    : new ProblemError(500, 'Something went wrong on our side. The request_id finds it in the log.');

/** The caller hung up while its request was read or its answer streamed; a function may throw the very same codes. */
function isCallerGone(error: unknown, message: IncomingMessage, response: ServerResponse): boolean {
  if (!response.headersSent) return message.destroyed && !message.complete;
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/** Answers what is not HTTP; there is no request yet that a response could belong to. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, detail] = malformed[error.code ?? ''] ?? [400, 'The request is not valid HTTP.'];
  const { headers, body } = toProblemResponse(new ProblemError(status, detail), randomUUID());
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(String(body)), connection: 'close' });
  const head = [`HTTP/1.1 ${status} ${status}`, ...lines.map(([name, value]) => `${name}: ${value}`)];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

const malformed: Record<string, [status: number, detail: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request took too long to arrive.'],
};

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function urlOf(server: Server, host: string): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`;
}

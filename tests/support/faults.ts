import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/**
 * What goes wrong with a request. `applied`: it took effect all the same, and only its reply is lost. `slow`: it takes effect, and
 * is answered, after `ms`, whether or not the caller still waits. `stalled`: its reply begins and never ends.
 */
export type Fault =
  | { kind: 'status'; status: number; retryAfterSeconds?: number; applied?: boolean }
  | { kind: 'nonsense' | 'silent' | 'stalled' | 'reset'; applied?: boolean }
  | { kind: 'slow'; ms: number };

export interface LoopbackRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  /** Parsed JSON; undefined where there was none. */
  // biome-ignore lint/suspicious/noExplicitAny: what a client sends is looked at field by field.
  body: any;
}

export interface LoopbackReply {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
}

export interface LoopbackServer {
  url: string;
  /** Every request so far, in the order in which they came. */
  requests: LoopbackRequest[];
  /** Decides about each request; null lets it through. */
  fault: (request: LoopbackRequest) => Fault | null;
  /** Stops listening: connections are cut, and new ones refused. */
  close(): Promise<void>;
  /** Listens again after `close`, at the same address. */
  reopen(): Promise<void>;
}

/** A vendor on loopback that can go wrong in every way; `handle` is the vendor when it does not. With a certificate it speaks TLS. */
export async function createLoopbackServer(
  handle: (request: LoopbackRequest) => LoopbackReply,
  certificate?: { key: string; cert: string },
): Promise<LoopbackServer> {
  const answer = async (incoming: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://loopback');
    const request: LoopbackRequest = {
      method: incoming.method ?? 'GET',
      path: pathname,
      query: searchParams,
      headers: incoming.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
    server.requests.push(request);
    const fault = server.fault(request);
    if (fault?.kind === 'slow') await new Promise((resolve) => setTimeout(resolve, fault.ms).unref());
    const takesEffect = !fault || fault.kind === 'slow' || fault.applied;
    const reply = takesEffect ? handle(request) : { status: 500, body: { error: 'Nothing was done' } };
    switch (fault?.kind) {
      case 'silent':
        return;
      case 'stalled':
        return void response.writeHead(200, { 'content-type': 'application/json' }).write('{"');
      case 'reset':
        return void incoming.socket.resetAndDestroy();
      case 'nonsense':
        return void response.writeHead(200, { 'content-type': 'application/json' }).end('<html>Welcome</html>');
      case 'status': {
        const { status, retryAfterSeconds } = fault;
        const headers = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
        const quoted = { error: `Failed at ${text}` };
        return void response
          .writeHead(status, { 'content-type': 'application/json', ...headers })
          .end(JSON.stringify(quoted));
      }
      default:
        response
          .writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
          .end(JSON.stringify(reply.body));
    }
  };

  const take: RequestListener = (incoming, response) => {
    answer(incoming, response).catch(() => incoming.socket.destroy());
  };
  const listener = certificate ? createTlsServer(certificate, take) : createServer(take);
  const listen = (port: number) => new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = listener.address() as AddressInfo;
  const server: LoopbackServer = {
    url: `${certificate ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests: [],
    fault: () => null,
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        listener.closeAllConnections();
      }),
    reopen: () => listen(port),
  };
  return server;
}

/** Numbers that look like chance and are the same in every run: from 0 up to 1. */
export function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of `faults` for a share of the requests. */
export function faultsAtRandom(faults: Fault[], share: number, seed: number): () => Fault | null {
  const random = createRandom(seed);
  return () => (random() < share ? (faults[Math.floor(random() * faults.length)] ?? null) : null);
}

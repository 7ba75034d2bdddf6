import type { ServerResponse } from 'node:http';
import { pause } from '../../shared/resilience/pause';
import type { ModelCall } from './model-server';
import { createChunks, type ModelReply, statusError, toCompletion } from './model-server-format';

/**
 * What the model does with a request. A reply comes token by token where it is asked for as a stream; arguments of calls come in pieces,
 * too, and a string among them is sent as it is, JSON or not.
 */
export type ModelAnswer = (ModelReply & Pace) | Refused | Broken | { fault: 'silent' | 'reset' | 'html' };

interface Refused {
  fault: 'status';
  status: number;
  code?: string;
  retryAfterSeconds?: number;
}

/** Begins as a reply does. The last four go wrong in the middle: cut off, silent from there on, without an end, or with an error. */
interface Broken {
  fault: 'no-json' | 'no-completion' | 'half' | 'stall' | 'endless' | 'error-chunk';
  text?: string;
}

interface Pace {
  /** Before the first token, and between two of them. */
  firstMs?: number;
  everyMs?: number;
  /** What comes after the first token waits for it. */
  held?: Promise<unknown>;
}

/** Answers a request; ends early where the client has left. */
export async function carryOut(
  answer: ModelAnswer,
  call: ModelCall,
  response: ServerResponse,
  left: AbortSignal,
): Promise<void> {
  if (!('fault' in answer))
    return call.body.stream ? stream(answer, call, response, left) : whole(answer, call, response, left);
  switch (answer.fault) {
    case 'status': {
      const { status, code, retryAfterSeconds } = answer;
      const headers = retryAfterSeconds === undefined ? undefined : { 'retry-after': String(retryAfterSeconds) };
      return send(response, status, { error: statusError(status, code, JSON.stringify(call.body.messages)) }, headers);
    }
    case 'silent':
      return;
    case 'reset':
      return void response.socket?.resetAndDestroy();
    case 'html':
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome</html>');
    default:
      return call.body.stream ? breakStream(answer, call, response, left) : breakWhole(answer.fault, response, left);
  }
}

export function send(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

async function whole(reply: ModelReply & Pace, call: ModelCall, response: ServerResponse, left: AbortSignal) {
  if (reply.firstMs && !(await pause(reply.firstMs, left))) return;
  call.firstTokenAt = performance.now();
  send(response, 200, toCompletion(reply, call.body));
  call.endedAt = performance.now();
}

async function stream(reply: ModelReply & Pace, call: ModelCall, response: ServerResponse, left: AbortSignal) {
  const { firstMs = 0, everyMs = 0, held } = reply;
  const { opening, tokens, closing } = createChunks(reply, call);
  const write = startStream(response);
  for (const chunk of opening) write(chunk);
  for (const [i, chunk] of tokens.entries()) {
    if (i === 1) await held;
    const waitMs = i === 0 ? firstMs : everyMs;
    if (waitMs > 0 && !(await pause(waitMs, left))) return;
    call.firstTokenAt ??= performance.now();
    write(chunk);
  }
  for (const chunk of closing) write(chunk);
  response.end('data: [DONE]\n\n');
  call.endedAt = performance.now();
}

function startStream(response: ServerResponse): (chunk: unknown) => void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' });
  return (chunk) => response.write(`data: ${JSON.stringify(chunk)}\n\n`);
}

async function breakStream(answer: Broken, call: ModelCall, response: ServerResponse, left: AbortSignal) {
  const { text = 'One two three four.' } = answer;
  const { opening, tokens } = createChunks({ text }, call);
  const write = startStream(response);
  if (answer.fault === 'no-json') return void response.end('data: {"id": oh\n\n');
  if (answer.fault === 'no-completion') return void response.end('data: {"hello":"there"}\n\ndata: [DONE]\n\n');
  const half = [...opening, ...tokens.slice(0, Math.ceil(tokens.length / 2))];
  for (const chunk of half) write(chunk);
  call.firstTokenAt = performance.now();
  if (answer.fault === 'error-chunk') {
    write({ error: statusError(500, null, JSON.stringify(call.body.messages)) });
    response.end('data: [DONE]\n\n');
  }
  // What was written is on its way before the connection is cut.
  if (answer.fault === 'half') setImmediate(() => response.destroy());
  while (answer.fault === 'endless' && (await pause(1, left))) for (const chunk of tokens) write(chunk);
}

async function breakWhole(fault: Broken['fault'], response: ServerResponse, left: AbortSignal) {
  if (fault === 'no-completion' || fault === 'error-chunk') return send(response, 200, { hello: 'there' });
  response.writeHead(200, { 'content-type': 'application/json' });
  if (fault === 'no-json') return void response.end('{"id": oh');
  response.write('{"id": "');
  if (fault === 'half') setImmediate(() => response.destroy());
  while (fault === 'endless' && (await pause(1, left))) response.write('x'.repeat(10_000));
}

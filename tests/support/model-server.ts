import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { carryOut, type ModelAnswer, send } from './model-server-answers';
import { invalidKey, misuseOf } from './model-server-format';

/** One request as it came, and what a script wants to know of it. */
export interface ModelCall {
  path: string;
  query: URLSearchParams;
  headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: what a client sends is looked at field by field.
  body: any;
  isAzure: boolean;
  /** The system message; empty where there is none. */
  system: string;
  /** What the person said last. */
  said: string;
  /** What tools gave since then, oldest first, each parsed. */
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  results: { name: string; result: any }[];
  /** Resolves when the client hangs up before the answer is complete. */
  left: Promise<void>;
  hasLeft: boolean;
  /** By `performance.now()`; when the first token and the last byte were sent, null before that. */
  receivedAt: number;
  firstTokenAt: number | null;
  endedAt: number | null;
}

export interface ModelServer {
  /** For CHAT_BASE_URL, with CHAT_PROVIDER `openai-compatible`, and with `azure`. */
  url: string;
  azureUrl: string;
  /** Empty: none is asked for. */
  apiKey: string;
  model: string;
  /** Every request that was let in, in the order in which they came. */
  requests: ModelCall[];
  /** The script: decides about each request. */
  answer: (call: ModelCall) => ModelAnswer | Promise<ModelAnswer>;
  /** Stops listening: connections are cut, and new ones refused. */
  close(): Promise<void>;
  /** Listens again after `close`, at the same address. */
  reopen(): Promise<void>;
}

/**
 * A chat model on loopback that says what the test tells it to, after OpenAI's API reference, "Create chat completion", and Azure's v1
 * API, which differs in the key's header and in its first chunk. Refuses, as they do, what is no valid request.
 */
export async function createModelServer(): Promise<ModelServer> {
  const handle = async (incoming: IncomingMessage, response: ServerResponse) => {
    const receivedAt = performance.now();
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const { pathname: path, searchParams: query } = new URL(incoming.url ?? '/', 'http://loopback');
    const refuse = (status: number, error: object) => send(response, status, { error });
    const isAzure = path.startsWith('/openai/v1/');
    if (incoming.method !== 'POST' || !/^\/(?:openai\/)?v1\/chat\/completions$/.test(path))
      return refuse(404, { message: 'Not found', type: 'invalid_request_error', param: null, code: null });
    const { 'api-key': azureKey, authorization } = incoming.headers;
    const isOpen =
      server.apiKey === '' || (isAzure ? azureKey : authorization?.slice('Bearer '.length)) === server.apiKey;
    if (!isOpen) return refuse(401, invalidKey(isAzure));
    const body = JSON.parse(text);
    const misuse = misuseOf(body, server.model);
    if (misuse) return refuse(misuse.status, misuse.error);

    const leaving = new AbortController();
    const call: ModelCall = {
      ...{ path, query, headers: incoming.headers, body, isAzure, ...readMessages(body.messages) },
      left: new Promise((resolve) => leaving.signal.addEventListener('abort', () => resolve(), { once: true })),
      hasLeft: false,
      ...{ receivedAt, firstTokenAt: null, endedAt: null },
    };
    response.once('close', () => {
      call.hasLeft = !response.writableFinished;
      if (call.hasLeft) leaving.abort();
    });
    server.requests.push(call);
    const answer = await server.answer(call);
    await carryOut(answer, call, response, leaving.signal);
  };

  const listener = createServer((incoming, response) => {
    handle(incoming, response).catch((error) => {
      console.error('The script of the model failed:', error);
      response.destroy();
    });
  });
  const listen = (port: number) => new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = listener.address() as AddressInfo;
  const server: ModelServer = {
    url: `http://127.0.0.1:${port}/v1`,
    azureUrl: `http://127.0.0.1:${port}/openai/v1`,
    apiKey: 'sk-test-key',
    model: 'test-model',
    requests: [],
    answer: () => ({ text: 'Hello.' }),
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        listener.closeAllConnections();
      }),
    reopen: () => listen(port),
  };
  return server;
}

/** What a script wants to know of a conversation, in OpenAI's form. */
// biome-ignore lint/suspicious/noExplicitAny: what a client sends is looked at field by field.
function readMessages(messages: any[]): Pick<ModelCall, 'system' | 'said' | 'results'> {
  const last = messages.findLastIndex(({ role }) => role === 'user');
  const made: { id: string; function: { name: string } }[] = messages.flatMap(({ tool_calls = [] }) => tool_calls);
  const nameOf = (callId: string) => made.find(({ id }) => id === callId)?.function.name ?? '';
  return {
    system: messages.find(({ role }) => role === 'system' || role === 'developer')?.content ?? '',
    said: last < 0 ? '' : toText(messages[last].content),
    results: messages
      .slice(last + 1)
      .filter(({ role }) => role === 'tool')
      .map(({ tool_call_id, content }) => ({ name: nameOf(tool_call_id), result: parsed(toText(content)) })),
  };
}

const toText = (content: string | { text?: string }[]): string =>
  typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('');

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

import { HttpRequest, type HttpResponseInit, InvocationContext } from '@azure/functions';
import { z } from 'zod';
import type { RequestContext } from '../../shared/http/answering';
import { endpoint } from '../../shared/http/endpoint';
import type { ServerEvent } from '../../shared/http/event-stream';
import { ProblemError } from '../../shared/http/problem';
import { createTestDependencies } from '../support/endpoint';

type Answer = (context: RequestContext) => AsyncIterable<ServerEvent>;

/** Calls an endpoint that answers with these events. */
async function open(answer: Answer, options?: Parameters<typeof endpoint>[4]) {
  const { dependencies, lines, observed } = createTestDependencies();
  const schema = z.strictObject({});
  const handler = endpoint(dependencies, 'talk', schema, async (_, context) => answer(context), options);
  const headers = { accept: 'text/event-stream, application/json', 'x-request-id': 'request-0001' };
  const request = new HttpRequest({ method: 'GET', url: 'http://localhost/api/talk', headers });
  const response = (await handler(request, new InvocationContext())) as HttpResponseInit;
  return { response, lines, observed, read: () => new Response(response.body as ReadableStream).text() };
}

const token = (text: string): ServerEvent => ({ event: 'token', data: { text } });

describe('an answer that streams', () => {
  it('sends each event by its name, with its data as one line of snake_case JSON', async () => {
    const { response, observed, read } = await open(async function* ({ wantsEvents }) {
      yield token('one\ntwo');
      yield { event: 'done', data: { memoriesUsed: [], wantsEvents } };
    });
    expect(response).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-request-id': 'request-0001' },
    });
    expect(observed).toEqual([]);
    expect(await read()).toBe(
      'event: token\ndata: {"text":"one\\ntwo"}\n\nevent: done\ndata: {"memories_used":[],"wants_events":true}\n\n',
    );
    expect(observed).toEqual([['talk', expect.any(Number)]]);
  });

  it('sends each event as soon as it is there', async () => {
    let go = () => {};
    const { response } = await open(async function* () {
      yield token('first');
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      yield token('second');
    });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toContain('first');
    go();
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toContain('second');
  });

  it('answers what fails before the first event with its own status', async () => {
    // biome-ignore lint/correctness/useYield: it fails before there is anything to say.
    const { response } = await open(async function* () {
      throw new ProblemError(503, 'Nobody can be asked.');
    });
    expect(response.status).toBe(503);
    expect(JSON.parse(String(response.body))).toMatchObject({ detail: 'Nobody can be asked.' });
  });

  it.each([
    ['what the caller can act on', new ProblemError(503, 'Nobody can be asked.'), 'Nobody can be asked.'],
    ['a bug of ours, without its words', new Error('ana said so'), 'Something went wrong on our side.'],
  ])('tells %s as its last event', async (_, error, detail) => {
    const { read, lines } = await open(async function* () {
      yield token('Hello');
      throw error;
    });
    const [first, last, nothing] = (await read()).split('\n\n');
    expect(first).toContain('Hello');
    expect(last).toMatch(new RegExp(`^event: error\ndata: \\{.*"detail":"${detail}.*"request_id":"request-0001"`));
    expect(nothing).toBe('');
    expect(lines.join()).not.toContain('ana said so');
  });

  it('ends the deadline of a caller who goes away, and counts the request once', async () => {
    let signal: AbortSignal | undefined;
    let isOver = false;
    const { response, observed } = await open(async function* ({ deadline }) {
      signal = deadline.signal;
      try {
        for (;;) yield token('and on');
      } finally {
        isOver = true;
      }
    });
    const body = response.body as ReadableStream;
    const reader = body.getReader();
    await reader.read();
    expect(signal?.aborted).toBe(false);
    await reader.cancel();
    expect(signal?.aborted).toBe(true);
    expect(isOver).toBe(true);
    expect(observed).toHaveLength(1);
  });

  it('takes its budget from a function, asked with each request', async () => {
    let budgetMs = 0;
    const answer: Answer = async function* ({ deadline }) {
      yield { event: 'left', data: Math.round(deadline.remainingMs() / 1_000) };
    };
    budgetMs = 40_000;
    const { read } = await open(answer, { budgetMs: () => budgetMs });
    expect(await read()).toBe('event: left\ndata: 40\n\n');
  });
});

describe('the parameters of a route', () => {
  it('are those that the route names, whatever else the host puts beside them', async () => {
    const { dependencies } = createTestDependencies();
    const schema = z.strictObject({ user_id: z.string(), text: z.string() });
    const handler = endpoint(dependencies, 'talk', schema, async (input) => ({ status: 200, body: input }));
    const request = new HttpRequest({
      method: 'POST',
      url: 'http://localhost/api/users/ana/notes',
      params: { user_id: 'ana', text: 'from the body', sys: 'x' },
      headers: { 'content-type': 'application/json' },
      body: { string: '{"text":"from the body"}' },
    });
    const trigger = { type: 'httpTrigger', name: 'request', route: 'users/{user_id}/notes' };
    const response = await handler(request, new InvocationContext({ options: { trigger } }));
    expect(JSON.parse(String((response as HttpResponseInit).body))).toEqual({ user_id: 'ana', text: 'from the body' });
  });
});

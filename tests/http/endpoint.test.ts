import type { HttpRequestInit } from '@azure/functions';
import { z } from 'zod';
import type { RequestContext } from '../../shared/http/answering';
import { endpoint, reply } from '../../shared/http/endpoint';
import * as fields from '../../shared/http/fields';
import { ProblemError } from '../../shared/http/problem';
import { call, createTestDependencies } from '../support/endpoint';

const json = { 'content-type': 'application/json' };
const post = (body: unknown, headers: Record<string, string> = json): HttpRequestInit => ({
  method: 'POST',
  headers,
  body: { string: typeof body === 'string' ? body : JSON.stringify(body) },
});

const schema = z.strictObject({
  user_id: fields.userId,
  session_id: fields.label().optional(),
  metadata: fields.metadata.optional(),
  turns: z.array(z.strictObject({ sent_at: fields.moment.optional(), content: fields.message })).optional(),
});

/** An endpoint that answers with the input its handler got. */
const echo = (options?: Parameters<typeof endpoint>[4]) => {
  const { dependencies, lines, observed } = createTestDependencies();
  const handler = endpoint(dependencies, 'echo', schema, async (input) => reply(200, { input }), options);
  return { handler, lines, observed };
};

const problem = (status: number, title: string) => ({
  type: 'about:blank',
  title,
  status,
  detail: expect.any(String),
  request_id: expect.any(String),
});

describe('an endpoint', () => {
  it('hands on camelCase, answers in snake_case, and leaves metadata as it was', async () => {
    const metadata = { user_id: 1, userId: 2, deep: { Session_Id: [{ a_b: null }] } };
    const input: unknown[] = [];
    const { dependencies } = createTestDependencies();
    const handler = endpoint(dependencies, 'test', schema, async (given) => {
      input.push(given);
      return reply(201, {
        memoryId: 'x',
        nested: [{ createdAt: new Date(0), metadata: given.metadata }],
        gone: undefined,
      });
    });
    const answer = await call(
      handler,
      post({ user_id: 'ana', metadata, turns: [{ sent_at: '2026-03-01T08:30:00+02:00', content: 'ñ' }] }),
    );
    expect(input).toEqual([
      { userId: 'ana', metadata, turns: [{ sentAt: new Date('2026-03-01T06:30:00Z'), content: 'ñ' }] },
    ]);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.body).toEqual({ memory_id: 'x', nested: [{ created_at: '1970-01-01T00:00:00.000Z', metadata }] });
  });

  it('lists every field that does not fit', async () => {
    const turns = [{ content: ' ' }, { content: 'fine', extra: 1, sent_at: 'noon' }];
    const answer = await call(echo().handler, post({ session_id: 7, metadata: [], turns, mood: 1 }));
    expect(answer.status).toBe(400);
    const { errors, ...rest } = answer.body as { errors: { path: string; message: string }[] };
    expect(rest).toEqual({ ...problem(400, 'Bad request'), detail: 'The request does not fit: 7 fields to correct.' });
    expect(errors.map(({ path }) => path).sort()).toEqual(
      ['metadata', 'mood', 'session_id', 'turns.0.content', 'turns.1.extra', 'turns.1.sent_at', 'user_id'].sort(),
    );
  });

  it.each([
    '{"user_id":"ana","__proto__":{"admin":true}}',
    '{"user_id":"ana","turns":[{"content":"a","__proto__":1}]}',
  ])('refuses the prototype key in %s', async (body) => {
    const { status, body: answer } = await call(echo().handler, post(body));
    expect(status).toBe(400);
    expect(answer).toMatchObject({
      errors: [{ path: expect.stringMatching(/__proto__$/), message: 'is not a field of this request' }],
    });
  });

  it('cuts short a key that the caller made up', async () => {
    const { body } = await call(echo().handler, post({ user_id: 'ana', ['k'.repeat(5_000)]: 1 }));
    expect(body).toMatchObject({ errors: [{ path: 'k'.repeat(64) }] });
  });

  it.each([
    ['the number of a query string', 'GET', 'limit=5', { limit: 5, user_id: 'ana' }],
    ['defaults', 'GET', '', { limit: 10, user_id: 'ana' }],
    ['nothing of the function key', 'DELETE', 'code=secret&limit=7', { limit: 7, user_id: 'ana' }],
  ])('takes %s', async (_, method, query, expected) => {
    const { dependencies } = createTestDependencies();
    const paged = z.strictObject({ ...fields.person, ...fields.paging });
    const handler = endpoint(dependencies, 'paged', paged, async (input) => reply(200, input));
    const url = `http://localhost/api/test?${query}`;
    expect((await call(handler, { method, url, params: { user_id: 'ana' } })).body).toEqual(expected);
  });

  it.each([
    ['a name given twice', 'limit=5&limit=6', 'limit'],
    ["a route's parameter given again", 'user_id=ben', 'user_id'],
    ['an unknown name', 'sort=up', 'sort'],
    ['a prototype key', '__proto__=1', '__proto__'],
  ])('refuses %s in the query', async (_, query, path) => {
    const { dependencies } = createTestDependencies();
    const paged = z.strictObject({ ...fields.person, ...fields.paging });
    const handler = endpoint(dependencies, 'paged', paged, async (input) => reply(200, input));
    const answer = await call(handler, {
      method: 'GET',
      url: `http://localhost/api/test?${query}`,
      params: { user_id: 'ana' },
    });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ errors: [{ path }] });
  });

  it("refuses a body that names a route's parameter again", async () => {
    const answer = await call(echo().handler, { ...post({ user_id: 'ben' }), params: { user_id: 'ana' } });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ errors: [{ path: 'user_id', message: 'is not a field of this request' }] });
  });
});

describe('a body', () => {
  it.each(['application/json', 'APPLICATION/JSON; charset=utf-8', 'application/merge-patch+json'])(
    'may be %s',
    async (type) => {
      expect((await call(echo().handler, post({ user_id: 'ana' }, { 'content-type': type }))).status).toBe(200);
    },
  );

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/jsonp',
    'text/json',
    'multipart/form-data; boundary=json',
  ])('of %s is a 415', async (type) => {
    const answer = await call(echo().handler, post({ user_id: 'ana' }, { 'content-type': type }));
    expect(answer.body).toEqual(problem(415, 'Unsupported media type'));
  });

  it('without a type is a 415', async () => {
    const answer = await call(echo().handler, { method: 'POST', body: { bytes: Buffer.from('{"user_id":"ana"}') } });
    expect(answer.status).toBe(415);
  });

  it('of exactly the limit is taken, one byte more is a 413, also where its length is not declared', async () => {
    const { handler } = echo({ maxBytes: 1024 });
    const sized = (bytes: number) => `{"user_id":"ana"${' '.repeat(bytes - 17)}}`;
    expect((await call(handler, post(sized(1024)))).status).toBe(200);
    const answer = await call(handler, post(sized(1025)));
    expect(answer.body).toEqual({ ...problem(413, 'Content too large'), detail: 'The body is larger than 1 KiB.' });
    expect((await call(handler, post('{}', { ...json, 'content-length': '1025' }))).status).toBe(413);
  });

  it.each([
    ['nothing', ''],
    ['half an object', '{"user_id":"an'],
    ['a comment', '{} // mine'],
    ['a list', '[]'],
    ['null', 'null'],
    ['a text', '"ana"'],
  ])('that is %s is a 400', async (_, body) => {
    expect((await call(echo().handler, post(body))).body).toEqual(problem(400, 'Bad request'));
  });

  it('that is not UTF-8 is a 400', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"user_id":"ana","session_id":"'),
      Buffer.from([0xc3, 0x28]),
      Buffer.from('"}'),
    ]);
    const answer = await call(echo().handler, { method: 'POST', headers: json, body: { bytes } });
    expect(answer.body).toEqual({ ...problem(400, 'Bad request'), detail: 'The body is not valid JSON in UTF-8.' });
  });
});

describe('a request id', () => {
  it('is the caller’s where it is harmless, and stands in answer, problem and log', async () => {
    const { handler, lines } = echo();
    const good = await call(handler, post({ user_id: 'ana' }, { ...json, 'x-request-id': 'bot-0123456789' }));
    const bad = await call(handler, post({}, { ...json, 'x-request-id': 'bot-9876543210' }));
    expect(good.headers.get('x-request-id')).toBe('bot-0123456789');
    expect(bad.headers.get('x-request-id')).toBe('bot-9876543210');
    expect(bad.body).toMatchObject({ request_id: 'bot-9876543210' });
    expect(lines.map((line) => JSON.parse(line).request_id)).toEqual(['bot-0123456789', 'bot-9876543210']);
  });

  it.each(['short', 'with space in it', 'x'.repeat(65), 'semi;colon;id', 'ünïcödé-id'])(
    'is a new one instead of "%s"',
    async (given) => {
      const { handler } = echo();
      const answer = await call(handler, post({ user_id: 'ana' }, { ...json, 'x-request-id': given }));
      expect(answer.headers.get('x-request-id')).toMatch(/^[\da-f]{8}-[\da-f-]{27}$/);
    },
  );
});

describe('a handler', () => {
  const failing = (fail: (context: RequestContext) => Promise<never>, options?: Parameters<typeof endpoint>[4]) => {
    const { dependencies, lines, observed } = createTestDependencies();
    const handler = endpoint(dependencies, 'failing', z.strictObject({}), (_, context) => fail(context), options);
    return { handler, lines, observed };
  };
  const canary = 'canary-5b7e';

  it('that hangs is cut off at the budget, with a 503 that may be sent again', async () => {
    const { handler, observed } = failing(() => new Promise(() => undefined), { budgetMs: 20 });
    const answer = await call(handler, post({}));
    expect(answer.body).toEqual(problem(503, 'Service unavailable'));
    expect(observed).toEqual([['failing', expect.any(Number)]]);
  });

  it('sees its signal abort at the budget', async () => {
    const { handler } = failing(
      ({ deadline }) =>
        new Promise((_, reject) => deadline.signal.addEventListener('abort', () => reject(deadline.signal.reason))),
      { budgetMs: 20 },
    );
    expect((await call(handler, post({}))).status).toBe(503);
  });

  it('whose failure comes after the budget harms nobody', async () => {
    let fail = (_: Error) => {};
    const late = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const { handler } = failing(() => late, { budgetMs: 20 });
    expect((await call(handler, post({}))).status).toBe(503);
    fail(new Error(canary));
    await expect(late).rejects.toThrow(canary);
  });

  it('that throws a bug becomes a 500 without detail, in the answer and in the log', async () => {
    const { handler, lines } = failing(async () => {
      throw new TypeError(`cannot store ${canary}`);
    });
    const answer = await call(handler, post({}));
    expect(answer.body).toEqual(problem(500, 'Internal error'));
    expect(JSON.stringify(answer.body)).not.toContain(canary);
    expect(lines.join()).not.toContain(canary);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      level: 'error',
      function: 'failing',
      error: 'TypeError',
      at: expect.stringContaining('endpoint.test.ts'),
    });
  });

  it.each([undefined, null, 'words', { status: 418 }])('that throws %p becomes a 500', async (thrown) => {
    const { handler } = failing(() => Promise.reject(thrown));
    expect((await call(handler, post({}))).body).toEqual(problem(500, 'Internal error'));
  });

  it('that throws a problem answers with it and its headers', async () => {
    const { handler, lines } = failing(async () => {
      throw new ProblemError(429, 'Slower, please.', undefined, { 'retry-after': '7' });
    });
    const answer = await call(handler, post({}));
    expect(answer.body).toEqual({ ...problem(429, 'Too many requests'), detail: 'Slower, please.' });
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(['info']);
  });

  it('gets the key as a header before the one of the query', async () => {
    const keys: (string | null)[] = [];
    const { dependencies } = createTestDependencies();
    const handler = endpoint(dependencies, 'keys', z.strictObject({}), async (_, { functionKey }) => {
      keys.push(functionKey);
      return reply(200, {});
    });
    const url = 'http://localhost/api/test?code=query';
    await call(handler, { method: 'GET', url, headers: { 'x-functions-key': 'header' } });
    await call(handler, { method: 'GET', url });
    await call(handler, { method: 'GET' });
    expect(keys).toEqual(['header', 'query', null]);
  });

  it('is logged by name, method, status and time, and by nothing of its input', async () => {
    const { handler, lines, observed } = echo();
    await call(handler, post({ user_id: canary, session_id: canary, metadata: { [canary]: canary } }));
    const request = { level: 'info', event: 'request', function: 'echo', method: 'POST', status: 200 };
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { ...request, request_id: expect.any(String), duration_ms: expect.any(Number) },
    ]);
    expect(lines.join()).not.toContain(canary);
    expect(observed).toHaveLength(1);
  });
});

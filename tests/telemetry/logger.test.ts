import { createLogger, describeError, type LogLevel } from '../../shared/telemetry/logger';

const canary = 'canary-3c9a';

describe('a logger', () => {
  it.each<[LogLevel, string[]]>([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
    ['silent', []],
  ])('at %s writes %p', (level, expected) => {
    const lines: string[] = [];
    const logger = createLogger(level, (line) => lines.push(line));
    for (const method of ['debug', 'info', 'warn', 'error'] as const) logger[method]('event');
    expect(lines.map((line) => JSON.parse(line).level)).toEqual(expected);
  });

  it('writes one JSON object a line, whatever is in it', () => {
    const lines: string[] = [];
    createLogger('info', (line) => lines.push(line)).info('two\nlines', {
      text: '"\u2028\n',
      count: 1,
      none: undefined,
    });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('\n');
    expect(JSON.parse(lines[0] ?? '')).toEqual({ level: 'info', event: 'two\nlines', text: '"\u2028\n', count: 1 });
  });

  it('adds its own fields, and the newest of a name wins', () => {
    const lines: string[] = [];
    const logger = createLogger('info', (line) => lines.push(line)).with({ a: 1, b: 1 });
    logger.with({ b: 2, c: 2 }).info('inner', { c: 3 });
    logger.info('outer');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 'info', event: 'inner', a: 1, b: 2, c: 3 },
      { level: 'info', event: 'outer', a: 1, b: 1 },
    ]);
  });
});

describe('what is said of an error', () => {
  it('is its class, its code and where it was thrown', () => {
    const error = Object.assign(new RangeError(canary), { code: '23505', detail: canary });
    expect(describeError(error)).toEqual({
      error: 'RangeError',
      code: '23505',
      at: expect.stringContaining('logger.test.ts'),
    });
  });

  it.each([`${canary}\n    at ${canary} (/app/${canary}.ts:1:1)`, `\n    at ${canary}`, `two\n${canary}\nlines`])(
    'is nothing of its message %j',
    (message) => {
      const described = describeError(new Error(message));
      expect(JSON.stringify(described)).not.toContain(canary);
      expect(described.at).toContain('logger.test.ts');
    },
  );

  it('is nothing of the stack where the message was changed afterwards', () => {
    const error = new Error(`\n    at ${canary}`);
    error.message = 'another';
    expect(JSON.stringify(describeError(error))).not.toContain(canary);
  });

  it.each([canary, { message: canary }, null, undefined, 7])('is the type alone of %p', (thrown) => {
    expect(describeError(thrown)).toEqual({ error: typeof thrown });
  });

  it('is nothing of its cause, nor of a code that is no text', () => {
    const error = Object.assign(new Error(canary, { cause: new Error(canary) }), { code: { text: canary } });
    expect(JSON.stringify(describeError(error))).not.toContain(canary);
  });
});

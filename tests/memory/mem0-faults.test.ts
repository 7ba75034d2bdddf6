import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Mem0Provider } from '../../shared/memory/mem0';
import { ProviderError } from '../../shared/memory/provider';
import { createTestClock } from '../support/clock';
import type { Fault } from '../support/faults';
import { createTestMem0 } from '../support/mem0-provider';
import { aNewMemory } from '../support/memories';

const { now } = createTestClock();
const signal = new AbortController().signal;

type TestMem0 = Awaited<ReturnType<typeof createTestMem0>>;
const opened: TestMem0[] = [];
const open = async (...options: [env?: NodeJS.ProcessEnv, changes?: Parameters<typeof createTestMem0>[2]]) => {
  const mem0 = await createTestMem0(now, ...options);
  opened.push(mem0);
  return mem0;
};
afterAll(() => Promise.all(opened.map(({ server }) => server.close())));

/** Short where it is waited for. */
const timeoutFor = (fault: Fault, seconds = 0.1) => ({ MEM0_TIMEOUT: fault.kind === 'silent' ? seconds : 10 });

const failureOf = async (call: Promise<unknown>): Promise<ProviderError> => {
  const error = await call.then(
    () => new Error('It went well.'),
    (reason: unknown) => reason,
  );
  if (error instanceof ProviderError) return error;
  throw error;
};

describe('an upstream failure', () => {
  let mem0: TestMem0;
  beforeAll(async () => {
    mem0 = await open();
  });
  beforeEach(() => {
    mem0.server.fault = () => null;
  });

  const id = '11111111-1111-4111-8111-111111111111';
  const reads: [string, (provider: Mem0Provider) => Promise<unknown>][] = [
    ['get', (provider) => provider.get(id, signal)],
    ['list', (provider) => provider.list('ana', { limit: 5, cursor: null }, signal)],
    ['search', (provider) => provider.search('ana', 'locker', 5, signal)],
    ['history', (provider) => provider.history(id, signal)],
    ['users', (provider) => provider.users({ limit: 5, cursor: null }, signal)],
    ['find', (provider) => provider.find('ana', id, { sentAt: now(), arrivesUntil: now(), eventId: id }, signal)],
  ];
  const writes: [string, (provider: Mem0Provider) => Promise<unknown>][] = [
    ['add', (provider) => provider.add(aNewMemory(), signal)],
    ['delete', (provider) => provider.delete(id, signal)],
    ['deleteMany', (provider) => provider.deleteMany([id], signal)],
    ['deleteUser', (provider) => provider.deleteUser('ana', signal)],
  ];
  const faults: [Fault, ProviderError['code'], boolean, boolean, number | undefined][] = [
    [{ kind: 'status', status: 400 }, 'refused', false, false, undefined],
    [{ kind: 'status', status: 401 }, 'refused', true, true, 60_000],
    [{ kind: 'status', status: 402 }, 'quota', true, true, 600_000],
    [{ kind: 'status', status: 413 }, 'quota', false, false, undefined],
    [{ kind: 'status', status: 429, retryAfterSeconds: 7 }, 'rate_limited', true, true, 7_000],
    [{ kind: 'status', status: 500 }, 'unavailable', true, true, undefined],
    [{ kind: 'status', status: 503, retryAfterSeconds: 9 }, 'unavailable', true, true, 9_000],
    [{ kind: 'nonsense' }, 'unavailable', true, true, undefined],
    [{ kind: 'reset' }, 'unavailable', true, true, undefined],
    [{ kind: 'silent' }, 'timeout', true, true, undefined],
  ];
  const table = faults.flatMap(([fault, ...expected]) =>
    [...reads, ...writes].map(([name, call]) => ({
      ...{ name, fault, call, expected, writes: writes.some(([write]) => write === name) },
      what: fault.kind === 'status' ? fault.status : fault.kind,
    })),
  );

  it.each(table)('($what) of $name says what may be done about it', async (entry) => {
    const { provider, server } = await open({}, timeoutFor(entry.fault));
    server.fault = () => entry.fault;
    const [code, retryable, outcomeUnknown, retryAfterMs] = entry.expected;
    const error = await failureOf(entry.call(provider));
    expect({ ...error.options, code: error.code, cause: undefined }).toEqual({
      ...{ code, retryable, retryAfterMs, cause: undefined },
      outcomeUnknown: outcomeUnknown && entry.writes,
    });
    expect(server.requests).toHaveLength(1);
  });

  it('is no failure where Mem0 knows no such thing, but one where that cannot be', async () => {
    mem0.server.fault = () => ({ kind: 'status', status: 404 });
    expect(await mem0.provider.get(id, signal)).toBeNull();
    expect(await mem0.provider.update(id, { text: 'x' }, signal)).toBeNull();
    expect(await mem0.provider.delete(id, signal)).toBe(false);
    const list = await failureOf(mem0.provider.list('ana', { limit: 5, cursor: null }, signal));
    expect(list).toMatchObject({ code: 'unavailable', options: { retryable: true, outcomeUnknown: false } });
    const add = await failureOf(mem0.provider.add(aNewMemory(), signal));
    expect(add).toMatchObject({ code: 'unavailable', options: { retryable: true, outcomeUnknown: true } });
  });

  it('knows that nothing arrived where nobody listens', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => closed.once('listening', resolve));
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const { provider } = await open({ MEM0_BASE_URL: `http://127.0.0.1:${port}` });
    const error = await failureOf(provider.add(aNewMemory(), signal));
    expect(error).toMatchObject({ code: 'unavailable', options: { retryable: true, outcomeUnknown: false } });
  });

  it('ends with the caller’s budget, and leaves open what became of the write', async () => {
    mem0.server.fault = () => ({ kind: 'silent', applied: true });
    const userId = 'budget';
    const error = await failureOf(mem0.provider.add(aNewMemory({ userId }), AbortSignal.timeout(400)));
    expect(error).toMatchObject({ code: 'timeout', options: { retryable: true, outcomeUnknown: true } });
    expect(mem0.server.store.rows.filter(({ user_id }) => user_id === userId)).toHaveLength(1);
    const gone = await failureOf(mem0.provider.add(aNewMemory({ userId }), AbortSignal.abort()));
    expect(gone).toMatchObject({ code: 'timeout', options: { outcomeUnknown: false } });
  });

  it('repeats nothing of what was said', async () => {
    const text = 'My secret is 4711.';
    for (const [fault] of faults) {
      const { provider, server, lines } = await open({}, timeoutFor(fault));
      server.fault = () => fault;
      const errors = [
        await failureOf(provider.add(aNewMemory({ text, userId: 'ana-7' }), signal)),
        await failureOf(provider.search('ana-7', text, 5, signal)),
      ];
      const told = errors.flatMap((error) => [error.message, error.stack, error.options.cause]);
      expect(`${told.map(String).join()} ${lines.join()}`).not.toMatch(/4711|ana-7/);
    }
  });
});

describe('retries', () => {
  /** A Mem0 whose next `times` requests meet `fault`. */
  const failing = async (fault: Fault, times: number) => {
    const mem0 = await open({ MEM0_MAX_RETRIES: '2' }, timeoutFor(fault, 0.5));
    let left = times;
    mem0.server.fault = () => (left-- > 0 ? fault : null);
    const failNext = (count: number) => {
      left = count;
    };
    return { ...mem0, failNext };
  };

  it.each<Fault>([
    { kind: 'status', status: 500 },
    { kind: 'status', status: 429, retryAfterSeconds: 0 },
    { kind: 'nonsense' },
    { kind: 'reset' },
    { kind: 'silent' },
  ])('a read and a change get over %j', async (fault) => {
    const { provider, failNext } = await failing(fault, 0);
    const receipt = await provider.add(aNewMemory(), signal);
    const [memory] = receipt.status === 'stored' ? receipt.memories : [];
    const id = memory?.id ?? '';
    failNext(2);
    expect(await provider.get(id, signal)).toEqual(memory);
    failNext(1);
    expect(await provider.update(id, { text: 'Changed.' }, signal)).toMatchObject({ text: 'Changed.' });
    failNext(1);
    expect(await provider.delete(id, signal)).toBe(true);
  });

  it('an add that may have arrived is not sent again: whoever sends it has to look first', async () => {
    const statuses = [401, 404, 429, 502].map((status) => ({ kind: 'status', status, retryAfterSeconds: 0 }));
    for (const fault of [{ kind: 'reset' }, { kind: 'nonsense' }, ...statuses] as Fault[]) {
      const broken = await failing({ ...fault, applied: true } as Fault, 1);
      await failureOf(broken.provider.add(aNewMemory(), signal));
      expect(broken.server.requests).toHaveLength(1);
      expect(broken.server.store.rows).toHaveLength(1);
    }
  });

  it('a deletion whose reply was lost was a deletion', async () => {
    const { provider, server, failNext } = await failing({ kind: 'reset', applied: true }, 0);
    await provider.add(aNewMemory(), signal);
    failNext(1);
    expect(await provider.delete(server.store.rows[0]?.id ?? '', signal)).toBe(true);
    expect(server.store.rows).toEqual([]);
  });

  it('a vendor that asks for more patience than a call has is not waited for', async () => {
    const { provider, server } = await failing({ kind: 'status', status: 429, retryAfterSeconds: 60 }, 1);
    expect(await failureOf(provider.add(aNewMemory(), signal))).toMatchObject({ code: 'rate_limited' });
    expect(server.requests).toHaveLength(1);
  });
});

describe('the circuit', () => {
  it('opens after five outages, is told to the log, and then costs nothing', async () => {
    const { provider, server, lines, counts } = await open();
    server.fault = () => ({ kind: 'status', status: 503 });
    for (let i = 0; i < 5; i++) await failureOf(provider.get('a', signal));
    expect(provider.circuit()).toBe('open');
    const error = await failureOf(provider.add(aNewMemory(), signal));
    expect(error).toMatchObject({ code: 'unavailable', options: { retryable: true, outcomeUnknown: false } });
    expect(server.requests).toHaveLength(5);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 'warn', event: 'circuit changed', vendor: 'mem0', circuit: 'open' },
    ]);
    expect(counts).toEqual({ 'mem0.circuit.open': 1, 'mem0.unavailable': 6 });
  });

  it('stays closed over refusals and rate limits', async () => {
    const { provider, server } = await open();
    for (const status of [400, 401, 402, 429]) {
      server.fault = () => ({ kind: 'status', status });
      for (let i = 0; i < 5; i++) await failureOf(provider.get('a', signal));
    }
    expect(provider.circuit()).toBe('closed');
  });
});

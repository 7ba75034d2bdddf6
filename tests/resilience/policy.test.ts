import {
  CallTimeoutError,
  CircuitOpenError,
  createPolicy,
  type PolicyOptions,
  type Verdict,
} from '../../shared/resilience/policy';

class VendorError extends Error {
  constructor(readonly verdict: Verdict) {
    super('failed');
  }
}

const fail =
  (verdict: Partial<Verdict> = {}) =>
  () =>
    Promise.reject(new VendorError({ retryable: true, outcomeUnknown: false, isOutage: false, ...verdict }));
const answer = (value: unknown) => () => Promise.resolve(value);
const isSilent = (signal: AbortSignal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

type Work = (signal: AbortSignal, earlier: number) => Promise<unknown>;

/** Work that goes through `steps`, and stays with the last one. */
function sequence(...steps: Work[]) {
  const earlier: number[] = [];
  const work: Work = (signal, before) => {
    earlier.push(before);
    const step = steps[Math.min(earlier.length, steps.length) - 1];
    return step ? step(signal, before) : Promise.reject(new Error('There are no steps.'));
  };
  return { work, earlier };
}

const create = (options: Partial<PolicyOptions> = {}) =>
  createPolicy({
    ...{
      vendor: 'somebody',
      attemptMs: 5_000,
      maxRetries: 2,
      firstPauseMs: 1,
      longestPauseMs: 20,
      breakAfter: 3,
      openMs: 1_000,
    },
    judge: (error) => (error as VendorError).verdict,
    ...options,
  });

const forever = new AbortController().signal;

describe('retries', () => {
  it('sends a call again that may succeed later, and says how many went before', async () => {
    const { work, earlier } = sequence(fail(), fail(), answer('done'));
    expect(await create().run(work, { signal: forever })).toBe('done');
    expect(earlier).toEqual([0, 1, 2]);
  });

  it('gives up after so many retries, with the last error', async () => {
    const { work, earlier } = sequence(fail());
    await expect(create().run(work, { signal: forever })).rejects.toThrow(VendorError);
    expect(earlier).toHaveLength(3);
    const none = sequence(fail());
    await expect(create({ maxRetries: 0 }).run(none.work, { signal: forever })).rejects.toThrow(VendorError);
    expect(none.earlier).toHaveLength(1);
  });

  it('sends what may have arrived again only where that does no harm', async () => {
    const first = sequence(fail({ outcomeUnknown: true }), answer('done'));
    await expect(create().run(first.work, { signal: forever })).rejects.toThrow(VendorError);
    expect(first.earlier).toHaveLength(1);
    const second = sequence(fail({ outcomeUnknown: true }), answer('done'));
    expect(await create().run(second.work, { signal: forever, repeatable: true })).toBe('done');
  });

  it('does not repeat what was refused', async () => {
    const { work, earlier } = sequence(fail({ retryable: false }), answer('done'));
    await expect(create().run(work, { signal: forever, repeatable: true })).rejects.toThrow(VendorError);
    expect(earlier).toHaveLength(1);
  });

  it('waits as long as the vendor asks, but not longer than is worth it', async () => {
    const started = performance.now();
    const soon = sequence(fail({ retryAfterMs: 20 }), answer('done'));
    expect(await create().run(soon.work, { signal: forever })).toBe('done');
    expect(performance.now() - started).toBeGreaterThanOrEqual(19);
    const late = sequence(fail({ retryAfterMs: 21 }), answer('done'));
    await expect(create().run(late.work, { signal: forever })).rejects.toThrow(VendorError);
    expect(late.earlier).toHaveLength(1);
  });

  it('stops waiting when the caller’s budget ends, and says what went wrong', async () => {
    const { work, earlier } = sequence(fail({ retryAfterMs: 60_000 }), answer('done'));
    const policy = create({ longestPauseMs: 60_000 });
    const started = performance.now();
    await expect(policy.run(work, { signal: AbortSignal.timeout(20) })).rejects.toThrow(VendorError);
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(earlier).toHaveLength(1);
  });

  it('does not call for a caller who is gone', async () => {
    const { work, earlier } = sequence(answer('done'));
    await expect(create().run(work, { signal: AbortSignal.abort() })).rejects.toThrow(DOMException);
    expect(earlier).toEqual([]);
  });
});

describe('deadlines', () => {
  it('ends an attempt that is not answered, and tries again', async () => {
    const { work, earlier } = sequence(isSilent, answer('done'));
    const policy = create({ attemptMs: 10 });
    expect(await policy.run(work, { signal: forever, repeatable: true })).toBe('done');
    expect(earlier).toHaveLength(2);
  });

  it('does not repeat on its own what timed out and may have arrived', async () => {
    const { work, earlier } = sequence(isSilent, answer('done'));
    await expect(create({ attemptMs: 10 }).run(work, { signal: forever })).rejects.toThrow(CallTimeoutError);
    expect(earlier).toHaveLength(1);
  });

  it('does not wait for work that ignores its signal', async () => {
    const deaf = () => new Promise(() => undefined);
    await expect(create({ attemptMs: 10 }).run(deaf, { signal: forever })).rejects.toThrow(CallTimeoutError);
  });

  it('ends with the caller’s budget', async () => {
    const { work, earlier } = sequence(isSilent);
    const call = { signal: AbortSignal.timeout(10), repeatable: true };
    await expect(create().run(work, call)).rejects.toThrow(CallTimeoutError);
    expect(earlier).toHaveLength(1);
  });
});

describe('the circuit', () => {
  beforeEach(() => {
    // cockatiel reads Date; everything else stays as it is.
    jest.useFakeTimers({
      doNotFake: ['setTimeout', 'clearTimeout', 'performance', 'nextTick', 'queueMicrotask', 'setImmediate'],
    });
  });
  afterEach(() => jest.useRealTimers());
  const outage = fail({ retryable: false, isOutage: true });
  const pass = (milliseconds: number) => jest.setSystemTime(Date.now() + milliseconds);
  const call = (policy: ReturnType<typeof create>, work: Work, budgetMs = 5_000) =>
    policy.run(work, { signal: AbortSignal.timeout(budgetMs) }).catch((error: Error) => error.name);

  it('opens after so many outages in a row, and then asks nobody', async () => {
    const policy = create();
    await call(policy, outage);
    await call(policy, outage);
    await call(policy, answer('done'));
    await call(policy, outage);
    await call(policy, outage);
    expect(policy.circuit()).toBe('closed');
    await call(policy, outage);
    expect(policy.circuit()).toBe('open');
    const { work, earlier } = sequence(answer('done'));
    await expect(policy.run(work, { signal: forever })).rejects.toThrow(CircuitOpenError);
    expect(earlier).toEqual([]);
  });

  it('stays closed while some of many calls at a time fail first, and opens once all of them fail', async () => {
    const policy = create({ maxRetries: 0 });
    let release: () => void = () => undefined;
    const later = new Promise<string>((resolve) => {
      release = () => resolve('done');
    });
    const others = Array.from({ length: 8 }, () => call(policy, () => later));
    for (let i = 0; i < 7; i++) await call(policy, outage);
    expect(policy.circuit()).toBe('closed');
    release();
    await Promise.all(others);
    await Promise.all(Array.from({ length: 8 }, () => call(policy, outage)));
    expect(policy.circuit()).toBe('open');
  });

  it('stays closed over refusals and rate limits', async () => {
    const policy = create({ maxRetries: 0 });
    for (let i = 0; i < 10; i++) await call(policy, fail({ retryAfterMs: 1_000 }));
    expect(policy.circuit()).toBe('closed');
  });

  it('opens over silence, however short the callers’ time: their calls go on without them', async () => {
    let opened: () => void = () => undefined;
    const isOpen = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const policy = create({ fairMs: 300, onCircuit: () => opened() });
    for (let i = 0; i < 3; i++) expect(await call(policy, isSilent, 2)).toBe('CallTimeoutError');
    expect(policy.circuit()).toBe('closed');
    await isOpen;
    expect(policy.circuit()).toBe('open');
  });

  it('stays closed over a vendor that is only slower than its callers', async () => {
    const policy = create({ breakAfter: 1, fairMs: 10_000 });
    let reply: (value: unknown) => void = () => undefined;
    let wasEnded = false;
    const slow = (signal: AbortSignal) => {
      signal.addEventListener('abort', () => {
        wasEnded = true;
      });
      return new Promise((resolve) => {
        reply = resolve;
      });
    };
    expect(await call(policy, slow, 2)).toBe('CallTimeoutError');
    reply('late');
    await new Promise(setImmediate);
    expect([policy.circuit(), wasEnded]).toEqual(['closed', false]);
  });

  it('ends what is left of a call when the vendor had a fair time', async () => {
    const policy = create({ fairMs: 20 });
    const ended = new Promise((resolve) => {
      const work = (signal: AbortSignal) => {
        signal.addEventListener('abort', resolve);
        return new Promise(() => undefined);
      };
      call(policy, work, 2);
    });
    await ended;
  });

  it('lets one call find out after a while, and the others not wait for it', async () => {
    const seen: string[] = [];
    const policy = create({ onCircuit: (circuit) => seen.push(circuit) });
    for (let i = 0; i < 3; i++) await call(policy, outage);
    pass(999);
    expect(await call(policy, answer('done'))).toBe('CircuitOpenError');
    pass(1);
    let release: () => void = () => undefined;
    const first = call(
      policy,
      () =>
        new Promise<string>((resolve) => {
          release = () => resolve('back');
        }),
    );
    expect(policy.circuit()).toBe('half-open');
    expect(await call(policy, answer('done'))).toBe('CircuitOpenError');
    release();
    expect(await first).toBe('back');
    expect(await call(policy, answer('done'))).toBe('done');
    expect(seen).toEqual(['open', 'half-open', 'closed']);
  });

  it('opens again where that call fails, each time for twice as long up to the longest', async () => {
    const policy = create({ firstOpenMs: 300, openMs: 1_000 });
    for (let i = 0; i < 3; i++) await call(policy, outage);
    for (const openMs of [300, 600, 1_000, 1_000]) {
      pass(openMs - 1);
      expect(await call(policy, answer('done'))).toBe('CircuitOpenError');
      pass(1);
      expect(await call(policy, outage)).toBe('Error');
      expect(policy.circuit()).toBe('open');
    }
    pass(1_000);
    expect(await call(policy, answer('done'))).toBe('done');
    for (let i = 0; i < 3; i++) await call(policy, outage);
    pass(300);
    expect(await call(policy, answer('done'))).toBe('done');
  });

  it('asks by the probe, in the background, where there is one: no call waits', async () => {
    const probes = sequence(outage, answer('back'));
    const policy = create({ probe: (signal) => probes.work(signal, 0) });
    for (let i = 0; i < 3; i++) await call(policy, outage);
    expect(await call(policy, answer('done'))).toBe('CircuitOpenError');
    expect(probes.earlier).toHaveLength(0);
    for (const [probed, then] of [
      [1, 'CircuitOpenError'],
      [2, 'done'],
    ] as const) {
      pass(1_000);
      expect(await call(policy, answer('done'))).toBe('CircuitOpenError');
      expect(probes.earlier).toHaveLength(probed);
      await new Promise(setImmediate);
      expect(await call(policy, answer('done'))).toBe(then);
    }
  });
});

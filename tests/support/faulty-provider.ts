import { createDatabase, type Database } from '../../shared/database/client';
import { createLocalProvider } from '../../shared/memory/local';
import { type MemoryProvider, ProviderError } from '../../shared/memory/provider';
import { freshHome } from './home';

/**
 * What goes wrong with a call. `unavailable`: it does not arrive. `dies before` and `dies after`: the line breaks before or after
 * it took effect, and nobody can tell which. `hangs`: it takes effect once `release` is called. `refused`: never to be taken.
 * `bug`: an error of no known kind, whose message quotes the call.
 */
export type Fault = 'unavailable' | 'dies before' | 'dies after' | 'hangs' | 'rate limited' | 'refused' | 'bug';

type Method = Exclude<keyof MemoryProvider, 'name'>;

interface Call {
  method: Method;
  args: unknown[];
}

export interface FaultyProvider extends MemoryProvider {
  /** Decides about each call; null lets it through. */
  fault: (method: Method, args: unknown[]) => Fault | null;
  /** Every call so far, and those of them that took effect. */
  calls: Call[];
  done: Call[];
  /** Lets what hangs go on. */
  release(): void;
  close(): Promise<void>;
}

export const retryAfterMs = 60_000;

/** The local provider, which stands for a vendor that can go wrong in every way: over a database of its own, or over `shared`, which costs less. */
export function createFaultyProvider(now: () => Date, shared?: Database): FaultyProvider {
  const database = shared ?? createDatabase({ home: freshHome(), url: undefined });
  const real = createLocalProvider(database, now);
  const held: (() => void)[] = [];

  const failure = (code: ProviderError['code'], options: Partial<ProviderError['options']> = {}) =>
    new ProviderError('local', code, { retryable: true, outcomeUnknown: false, ...options });

  const call = async (method: Method, args: unknown[]): Promise<unknown> => {
    faulty.calls.push({ method, args });
    const fault = faulty.fault(method, args);
    if (fault === 'unavailable') throw failure('unavailable');
    if (fault === 'dies before') throw failure('unavailable', { outcomeUnknown: true });
    if (fault === 'rate limited') throw failure('rate_limited', { retryAfterMs });
    if (fault === 'refused') throw failure('refused', { retryable: false });
    if (fault === 'bug') throw new Error(`failed at ${JSON.stringify(args)}`);
    if (fault === 'hangs') await new Promise<void>((resolve) => held.push(resolve));
    const result = await (real[method] as (...args: unknown[]) => Promise<unknown>)(...args);
    faulty.done.push({ method, args });
    if (fault === 'dies after') throw failure('unavailable', { outcomeUnknown: true });
    return result;
  };

  const methods = Object.keys(real).filter((name) => name !== 'name') as Method[];
  const faulty = {
    name: real.name,
    ...Object.fromEntries(methods.map((method) => [method, (...args: unknown[]) => call(method, args)])),
    fault: () => null,
    calls: [],
    done: [],
    release: () => {
      for (const resolve of held.splice(0)) resolve();
    },
    close: async () => {
      if (!shared) await database.close();
    },
  } as unknown as FaultyProvider;
  return faulty;
}

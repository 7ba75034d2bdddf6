import { ZodError, type ZodType } from 'zod';
import type { Secrets } from '../config/secrets';
import type { Settings } from '../config/settings';
import { CallTimeoutError, type CircuitName, CircuitOpenError, createPolicy, type Verdict } from '../resilience/policy';
import type { Logger } from '../telemetry/logger';
import type { Statistics } from '../telemetry/statistics';
import { loadMem0Client, type Mem0Client, nonsense } from './mem0-client';
import { ProviderError } from './provider';

export interface Mem0Dependencies {
  settings: Pick<Settings, 'MEM0_API_KEY' | 'MEM0_BASE_URL' | 'MEM0_TIMEOUT' | 'MEM0_MAX_RETRIES' | 'MEM0_BATCH_SIZE'>;
  secrets?: Pick<Secrets, 'renew'>;
  statistics: Pick<Statistics, 'observe' | 'count'>;
  logger: Logger;
  now: () => Date;
  /** How often a deletion under way is asked about. */
  pollMs?: number;
}

/** How a call may be treated. `write`: sending it twice does no harm. `add`: it does. */
export type CallKind = 'read' | 'write' | 'add';

export interface Mem0Gateway {
  /**
   * One call under the policy, its reply read by `schema`; null where Mem0 knows no such thing. `request` is told how many attempts
   * went before. Rejects with `ProviderError` and nothing else.
   */
  call<T>(
    name: string,
    kind: CallKind,
    request: (client: Mem0Client, earlier: number) => Promise<unknown>,
    schema: ZodType<T>,
    signal: AbortSignal,
  ): Promise<T | null>;
  circuit(): CircuitName;
}

const judge = (error: unknown): Verdict =>
  error instanceof ProviderError
    ? { ...error.options, isOutage: error.code === 'unavailable' || error.code === 'timeout' }
    : { retryable: false, outcomeUnknown: true, isOutage: false };

/** The client, loaded when it is first needed, under one policy for all of Mem0. Without a key no call goes through, which is said once. */
export function createMem0Gateway({ settings, secrets, statistics, logger }: Mem0Dependencies): Mem0Gateway {
  const { MEM0_BASE_URL: host, MEM0_TIMEOUT, MEM0_MAX_RETRIES: maxRetries } = settings;
  const isOn = () => settings.MEM0_API_KEY !== undefined;
  if (!isOn()) logger.warn('mem0 is off', { setting: 'MEM0_API_KEY' });
  let loading: Promise<Mem0Client> | undefined;
  const load = async (): Promise<Mem0Client> => {
    if (!isOn()) throw new ProviderError('mem0', 'unavailable', { retryable: true, outcomeUnknown: false });
    loading ??= loadMem0Client({ settings, secrets }, host);
    return loading;
  };

  const policy = createPolicy({
    vendor: 'mem0',
    attemptMs: MEM0_TIMEOUT * 1000,
    maxRetries,
    judge,
    probe: async (signal) => (await load()).within(signal).check(),
    onCircuit: (circuit) => {
      logger.warn('circuit changed', { vendor: 'mem0', circuit });
      statistics.count(`mem0.circuit.${circuit}`);
    },
  });

  const toProviderError = (error: unknown, kind: CallKind, signal: AbortSignal): ProviderError => {
    const outcomeUnknown = kind !== 'read';
    const fail = (code: ProviderError['code'], isUnknown: boolean) =>
      new ProviderError('mem0', code, { retryable: true, outcomeUnknown: isUnknown, cause: error });
    if (error instanceof ProviderError) {
      const { code, options } = error;
      return new ProviderError('mem0', code, { ...options, outcomeUnknown: options.outcomeUnknown && outcomeUnknown });
    }
    if (error instanceof CallTimeoutError) return fail('timeout', outcomeUnknown);
    if (error instanceof CircuitOpenError) return fail('unavailable', false);
    // The caller was gone before anything was sent.
    if (error === signal.reason) return fail('timeout', false);
    throw error;
  };

  return {
    circuit: () => (isOn() ? policy.circuit() : 'open'),
    call: async (name, kind, request, schema, signal) => {
      const started = performance.now();
      try {
        const client = await load();
        const work = async (attemptSignal: AbortSignal, earlier: number) => {
          const reply = await request(client.within(attemptSignal), earlier);
          return reply === null ? null : schema.parse(reply);
        };
        const read = (attemptSignal: AbortSignal, earlier: number) =>
          work(attemptSignal, earlier).catch((error) => {
            throw error instanceof ZodError ? nonsense(error) : error;
          });
        const value = await policy.run(read, { signal, repeatable: kind !== 'add', name: `mem0.${name}` });
        statistics.observe(`mem0.${name}`, performance.now() - started);
        return value;
      } catch (error) {
        const failure = toProviderError(error, kind, signal);
        statistics.count(`mem0.${failure.code}`);
        throw failure;
      }
    },
  };
}

import { ZodError, type ZodType } from 'zod';
import { CallTimeoutError, type CircuitName, CircuitOpenError, createPolicy, type Verdict } from '../resilience/policy';
import type { Logger } from '../telemetry/logger';
import type { Statistics } from '../telemetry/statistics';
import { ProviderError } from './provider';
import { createVendorFailures } from './vendor-failure';

/** How a call may be treated. `write`: sending it twice does no harm. `add`: it does. */
export type CallKind = 'read' | 'write' | 'add';

/** A vendor's client, each of whose requests ends with a signal. Its calls reject with `ProviderError` or the signal's reason. */
interface Client {
  within(signal: AbortSignal): this;
  /** Whether it answers, and takes our key. */
  check(): Promise<unknown>;
}

export interface ProviderGateway<C extends Client> {
  /**
   * One call under the policy, its reply read by `schema`; null where the vendor knows no such thing. `request` is told how many
   * attempts went before. Rejects with `ProviderError` and nothing else.
   */
  call<T>(
    name: string,
    kind: CallKind,
    request: (client: C, earlier: number) => Promise<unknown>,
    schema: ZodType<T>,
    signal: AbortSignal,
  ): Promise<T | null>;
  circuit(): CircuitName;
}

export interface GatewayOptions<C extends Client> {
  vendor: 'mem0' | 'zep';
  /** The setting that has the vendor's key, and whether it has one now. */
  keySetting: string;
  hasKey(): boolean;
  load(): Promise<C>;
  attemptMs: number;
  maxRetries: number;
  statistics: Pick<Statistics, 'observe' | 'count'>;
  logger: Logger;
}

const judge = (error: unknown): Verdict =>
  error instanceof ProviderError
    ? { ...error.options, isOutage: error.code === 'unavailable' || error.code === 'timeout' }
    : { retryable: false, outcomeUnknown: true, isOutage: false };

/** A client, loaded when it is first needed, under one policy for all of its vendor. Without a key no call goes through, which is said once. */
export function createProviderGateway<C extends Client>(options: GatewayOptions<C>): ProviderGateway<C> {
  const { vendor, hasKey, attemptMs, maxRetries, statistics, logger } = options;
  const { nonsense } = createVendorFailures(vendor);
  if (!hasKey()) logger.warn(`${vendor} is off`, { setting: options.keySetting });
  let loading: Promise<C> | undefined;
  const load = async (): Promise<C> => {
    if (!hasKey()) throw new ProviderError(vendor, 'unavailable', { retryable: true, outcomeUnknown: false });
    loading ??= options.load();
    return loading;
  };

  const policy = createPolicy({
    ...{ vendor, attemptMs, maxRetries, judge },
    probe: async (signal) => (await load()).within(signal).check(),
    onCircuit: (circuit) => {
      logger.warn('circuit changed', { vendor, circuit });
      statistics.count(`${vendor}.circuit.${circuit}`);
    },
  });

  const toProviderError = (error: unknown, kind: CallKind, signal: AbortSignal): ProviderError => {
    const outcomeUnknown = kind !== 'read';
    const fail = (code: ProviderError['code'], isUnknown: boolean) =>
      new ProviderError(vendor, code, { retryable: true, outcomeUnknown: isUnknown, cause: error });
    if (error instanceof ProviderError) {
      const { code, options } = error;
      return new ProviderError(vendor, code, { ...options, outcomeUnknown: options.outcomeUnknown && outcomeUnknown });
    }
    if (error instanceof CallTimeoutError) return fail('timeout', outcomeUnknown);
    if (error instanceof CircuitOpenError) return fail('unavailable', false);
    // The caller was gone before anything was sent.
    if (error === signal.reason) return fail('timeout', false);
    throw error;
  };

  return {
    circuit: () => (hasKey() ? policy.circuit() : 'open'),
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
        const value = await policy.run(read, { signal, repeatable: kind !== 'add', name: `${vendor}.${name}` });
        statistics.observe(`${vendor}.${name}`, performance.now() - started);
        return value;
      } catch (error) {
        const failure = toProviderError(error, kind, signal);
        statistics.count(`${vendor}.${failure.code}`);
        throw failure;
      }
    },
  };
}

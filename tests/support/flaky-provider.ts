import { type MemoryProvider, ProviderError } from '../../shared/memory/provider';

/** A provider that can be down, or lose its answers. */
export function createFlaky(real: MemoryProvider) {
  const flaky = { isDown: false, losesAnswers: false };
  const call = async (method: string, work: (...args: unknown[]) => Promise<unknown>, args: unknown[]) => {
    const failure = (outcomeUnknown: boolean) =>
      new ProviderError(real.name, 'unavailable', { retryable: true, outcomeUnknown });
    if (flaky.isDown && !flaky.losesAnswers) throw failure(false);
    const result = await work(...args);
    if (flaky.isDown && /^(add|update|delete)/.test(method)) throw failure(true);
    return result;
  };
  const methods = Object.entries(real).filter(([name, part]) => typeof part === 'function' && name !== 'circuit');
  const provider = Object.fromEntries(
    methods.map(([name, work]) => [name, (...args: unknown[]) => call(name, work, args)]),
  );
  return { flaky, provider: { ...real, ...provider, circuit: () => 'closed' } as unknown as MemoryProvider };
}

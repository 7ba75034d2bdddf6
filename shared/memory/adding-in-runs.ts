import { type AddReceipt, type NewMemory, ProviderError } from './provider';
import { toRuns } from './runs';

/** The same failure, that also names what was stored before it. */
export const withReceipts = (error: unknown, receipts: AddReceipt[]) =>
  error instanceof ProviderError
    ? new ProviderError(error.provider, error.code, { ...error.options, receipts })
    : error;

/**
 * Adds in their order, neighbours that are alike together. Rejects as the first run that fails does, with the receipts of those before
 * it and its own.
 */
export async function addInRuns(
  memories: NewMemory[],
  isAlike: (one: NewMemory, other: NewMemory) => boolean,
  add: (run: [NewMemory, ...NewMemory[]]) => Promise<AddReceipt[]>,
): Promise<AddReceipt[]> {
  const receipts: AddReceipt[] = [];
  for (const run of toRuns(memories, ([first], memory) => isAlike(first, memory))) {
    const adding = add(run).catch((error) => {
      const own = error instanceof ProviderError ? (error.options.receipts ?? []) : [];
      throw withReceipts(error, [...receipts, ...own]);
    });
    receipts.push(...(await adding));
  }
  return receipts;
}

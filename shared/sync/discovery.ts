import type { FactReconcile } from '../brain/reconcile-facts';
import { pagesOf } from '../memory/cursor';
import { type MemoryProvider, ProviderError } from '../memory/provider';
import { raceSignal } from '../resilience/deadline';
import { IndexError, type SearchIndex } from '../search/index';
import { failureCode } from './failure-code';
import { overlapMs } from './people';
import type { SyncState } from './sync-state';

/**
 * Notes in `syncState` whose memories changed since the last complete run began; in a full run everybody, and who is left over in the index, or has facts.
 * Resolves with null, or with why the vendor could not say; what it said until then is noted. Rejects only when the database cannot be reached.
 */
export async function discover(
  {
    provider,
    index,
    syncState,
    factReconcile,
  }: {
    provider: MemoryProvider;
    index: SearchIndex;
    syncState: SyncState;
    factReconcile: Pick<FactReconcile, 'owners'>;
  },
  isFull: boolean,
  signal: AbortSignal,
): Promise<string | null> {
  const { complete } = await syncState.runs();
  const since = isFull || !complete ? null : new Date(complete.startedAt.getTime() - overlapMs);
  const list = (cursor: string | null) => provider.changedPeople(since, { limit: peopleAPage, cursor }, signal);
  const note = async () => {
    for await (const page of pagesOf(list)) await syncState.note(page);
    if (!isFull) return;
    const others = [...(await index.people(signal)), ...(await factReconcile.owners())];
    await syncState.note(others.map((userId) => ({ userId, changedAt: new Date(0) })));
  };
  try {
    await raceSignal(note(), signal);
    return null;
  } catch (error) {
    if (!(error instanceof ProviderError || error instanceof IndexError || signal.aborted)) throw error;
    return failureCode(error, signal);
  }
}

const peopleAPage = 200;

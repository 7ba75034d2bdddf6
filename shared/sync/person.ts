import type { FactReconcile } from '../brain/reconcile-facts';
import { pagesOf } from '../memory/cursor';
import { brainType, type Memory } from '../memory/memory';
import type { Outbox } from '../memory/outbox-contract';
import type { MemoryProvider } from '../memory/provider';
import type { Tombstones } from '../memory/tombstones';
import { contentHash } from '../search/content-hash';
import type { SearchIndex } from '../search/index';
import type { PointBuilder } from '../search/points';
import { findOrphans, planChanges } from './plan';

export interface PersonSyncDependencies {
  provider: MemoryProvider;
  index: SearchIndex;
  points: PointBuilder;
  outbox: Outbox;
  tombstones: Tombstones;
  factReconcile: FactReconcile;
  now: () => Date;
}

/** What was done to people's points, and why: points that were missing, said something else, or stood for nothing. */
export interface SyncWork {
  written: number;
  removed: number;
  missing: number;
  changed: number;
  orphaned: number;
  /** The same of facts: rows without a memory, with another value than theirs, and memories without a row. */
  factsMissing: number;
  factsChanged: number;
  factsOrphaned: number;
  /** Time spent waiting for the provider, the model and the index. */
  providerMs: number;
  embedMs: number;
  indexMs: number;
}

export const noWork: SyncWork = {
  ...{ written: 0, removed: 0, missing: 0, changed: 0, orphaned: 0 },
  ...{ factsMissing: 0, factsChanged: 0, factsOrphaned: 0 },
  ...{ providerMs: 0, embedMs: 0, indexMs: 0 },
};

export function addWork(a: SyncWork, b: SyncWork): SyncWork {
  const sum = { ...a };
  for (const key of Object.keys(sum) as (keyof SyncWork)[]) sum[key] += b[key];
  return sum;
}

/** The provider shows a memory by its id that it left out of its list: nothing is deleted on the word of that list. */
export class IncompleteListError extends Error {
  override readonly name = 'IncompleteListError';
}

const pageSize = 200;
/** Memories that are embedded and written together; what is written stays written, should the time run out after it. */
const batchSize = 64;
/** Orphans that are looked up one by one before they are removed; of more, so many by chance. */
const lookedUp = 20;

/**
 * Brings one person's points up to what the provider has: the memories changed at `since` or later, or all of them. `isFull` also
 * removes the points that the provider has no memory for. Resolves with what it did, the latest change it saw, and whether nothing is left of the person on either side. Rejects
 * with `ProviderError`, `IndexError`, `EmbeddingError`, `IncompleteListError`, or as the database does; what was written until then stays.
 */
export async function syncPerson(
  { provider, index, points, outbox, tombstones, factReconcile, now }: PersonSyncDependencies,
  { userId, since, isFull }: { userId: string; since: Date | null; isFull: boolean },
  signal: AbortSignal,
): Promise<{ work: SyncWork; latest: Date | null; isGone: boolean }> {
  const done = { ...noWork };
  const timed = async <T>(stage: 'providerMs' | 'embedMs' | 'indexMs', wait: Promise<T>): Promise<T> => {
    const started = performance.now();
    return wait.finally(() => {
      done[stage] += performance.now() - started;
    });
  };
  const marksOf = (ids: string[] | 'all') => timed('indexMs', index.marks(userId, ids, signal));
  // Before the provider is asked: what is added meanwhile is then in its list, or no orphan.
  const all = since === null || isFull ? await marksOf('all') : null;
  const held = heldBy(await outbox.unsent(userId));
  const factRows = isFull ? await factReconcile.begin(userId) : null;
  const facts: Memory[] = [];
  const known = new Set<string>();
  const rewritten: string[] = [];
  let latest: Date | null = null;

  const write = async (memories: Memory[]) => {
    for (let i = 0; i < memories.length; i += batchSize) {
      signal.throwIfAborted();
      const batch = memories.slice(i, i + batchSize);
      const made = await timed('embedMs', Promise.all(batch.map((memory) => points.toPoint(memory, false))));
      await timed('indexMs', index.upsert(userId, made, signal));
      done.written += batch.length;
      rewritten.push(...batch.map(({ id }) => id));
    }
  };
  const remove = async (ids: string[]) => {
    await timed('indexMs', index.remove(userId, ids, signal));
    done.removed += ids.length;
  };

  const filter = { includeHidden: true, ...(!isFull && since && { changedSince: since }) };
  const list = (cursor: string | null) =>
    timed('providerMs', provider.list(userId, { limit: pageSize, cursor, ...filter }, signal));
  for await (const page of pagesOf(list)) {
    const marks = all ?? (await marksOf(page.map(({ id }) => id)));
    const hashed = page.map((memory) => ({ memory, hash: contentHash(memory) }));
    const plan = planChanges(hashed, marks, held, now());
    done.missing += plan.missing;
    done.changed += plan.write.length - plan.missing;
    await write(plan.write);
    await remove(plan.remove);
    if (factRows) facts.push(...page.filter(({ type }) => type === brainType));
    for (const { id, updatedAt } of page) {
      known.add(id);
      if (!latest || updatedAt > latest) latest = updatedAt;
    }
  }
  if (all && isFull) {
    const orphans = await confirmGone(provider, findOrphans(all, known, held), signal);
    done.orphaned = orphans.length;
    await tombstones.set(userId, orphans, null);
    await remove(orphans);
  }
  if (factRows) Object.assign(done, await timed('providerMs', factReconcile.finish(userId, factRows, facts, signal)));
  const isGone = isFull && known.size === 0 && held.size === 0 && done.factsMissing === 0;
  if (isGone && done.orphaned > 0) await index.erase(userId, signal);
  // What was deleted after it was read, and before it was written.
  const deleted = await tombstones.among(userId, rewritten);
  await remove(deleted);
  return { work: done, latest, isGone };
}

/** Memories that a write on its way is about. */
const heldBy = (writes: Awaited<ReturnType<Outbox['unsent']>>) =>
  new Set(
    writes.flatMap((write) => [
      write.kind === 'add' ? write.memory.operationId : write.memoryId,
      ...(write.sheltered ?? []),
    ]),
  );

/** The ids that the provider does not know by themselves either. A vendor whose lists come back short, or empty, must not empty the index. */
async function confirmGone(provider: MemoryProvider, ids: string[], signal: AbortSignal): Promise<string[]> {
  const step = Math.max(1, ids.length / lookedUp);
  const asked = Array.from({ length: Math.min(lookedUp, ids.length) }, (_, i) => ids[Math.floor(i * step)] ?? '');
  const found = await Promise.all(asked.map(async (id) => ((await provider.get(id, signal)) ? id : null)));
  const present = found.filter((id) => id !== null);
  if (present.length === 0) return ids;
  if (ids.length > lookedUp) throw new IncompleteListError();
  // A page that moved on while it was read; the next run sees them.
  return ids.filter((id) => !present.includes(id));
}

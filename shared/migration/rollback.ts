import type { MemoryProvider } from '../memory/provider';
import { atATime, flat } from './at-a-time';
import type { Checkpoints, Held, ItemRow } from './checkpoints';
import type { Progress } from './migration-contract';
import type { Pace } from './pace';

export interface RollbackOptions {
  held: Held;
  checkpoints: Checkpoints;
  target: MemoryProvider;
  pace: Pace;
  concurrency: number;
  now: () => Date;
  onProgress: Progress;
}

/** What is noted together. */
const together = 100;

/**
 * Takes out of the target what the run put there, each person's newest first. What was under way is looked up, since it may be there. What an
 * earlier run had brought stays, and so does what was set aside. Rejects with `OutageError` where the target is away; what was taken out is noted.
 */
export async function rollBack(options: RollbackOptions, signal: AbortSignal): Promise<void> {
  const { held, checkpoints, target, pace, concurrency, now, onProgress } = options;
  const { run } = held;
  let done = 0;

  const idsOf = async (row: ItemRow): Promise<string[]> => {
    // What is planned with an id is an earlier run's, and was to be changed.
    if (row.state === 'planned') return [];
    if (row.state !== 'sent') return row.targetIds;
    const attempt = { sentAt: row.sentAt ?? now(), arrivesUntil: now(), eventId: null };
    const find = (within: AbortSignal) => target.find(row.userId, row.operationId, attempt, within);
    const found = await pace.insist(find, signal);
    return found?.status === 'stored' ? found.memories.map(({ id }) => id) : [];
  };

  const undo = async (userId: string) => {
    const rows = await checkpoints.itemsOf(run.id, userId);
    const brought = rows.filter(({ state }) => ['planned', 'sent', 'stored', 'done'].includes(state)).reverse();
    for (let from = 0; from < brought.length; from += together) {
      const group = brought.slice(from, from + together);
      for (const row of group)
        for (const id of await idsOf(row)) await pace.insist((within) => target.delete(id, within), signal);
      await held.mark(group.map(({ sourceId }) => ({ userId, sourceId, state: 'rolled_back' })));
      done += group.length;
      onProgress({ done, total: done, what: 'items' });
    }
  };

  await atATime(flat(checkpoints.peopleOf(run.id)), concurrency, undo);
}

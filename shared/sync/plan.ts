import type { Memory } from '../memory/memory';
import type { PointMark } from '../search/index';

/** What has to happen to an index. `missing` of `write` are not there yet; the others say something else there. */
export interface Plan {
  write: Memory[];
  remove: string[];
  missing: number;
}

/**
 * Compares memories as the provider has them with their marks in the index, by content hash: the new and the changed are
 * written, the expired removed, all others left as they are. A replaced memory stays: ranking puts it below the one that replaced it.
 * `held` are ids of memories with a write that the provider has not taken yet: what the index shows of them is newer. Pure.
 */
export function planChanges(
  memories: readonly { memory: Memory; hash: string }[],
  marks: ReadonlyMap<string, PointMark>,
  held: ReadonlySet<string>,
  now: Date,
): Plan {
  const plan: Plan = { write: [], remove: [], missing: 0 };
  for (const { memory, hash } of memories) {
    const { id, expiresAt } = memory;
    const mark = marks.get(id);
    if (held.has(id)) continue;
    if (expiresAt && expiresAt <= now) {
      if (mark) plan.remove.push(id);
    } else if (!mark || mark.provisional || mark.hash !== hash) {
      plan.write.push(memory);
      if (!mark) plan.missing++;
    }
  }
  return plan;
}

/** Points of nothing that the provider has, of which no write is on its way either. `known` are the ids of all its memories. Pure. */
export function findOrphans(
  marks: ReadonlyMap<string, PointMark>,
  known: ReadonlySet<string>,
  held: ReadonlySet<string>,
): string[] {
  return [...marks.keys()].filter((id) => !known.has(id) && !held.has(id));
}

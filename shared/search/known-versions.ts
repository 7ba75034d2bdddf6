import { LRUCache } from 'lru-cache';
import type { Database } from '../database/client';

/** How far a person's points have come, and when the person was first heard of, in ms since 1970. */
export interface Version {
  since: number;
  version: number;
}

/** Versions that need not be asked for. */
export interface KnownVersions {
  /** The person's version as it is known, or as `ask` gives it; null for one who was never heard of. */
  read(userId: string, ask: () => Promise<Version | null>): Promise<Version | null>;
  /** The person's points were written, or may have been. */
  forget(userId: string): void;
}

const nobody: KnownVersions = { read: (_, ask) => ask(), forget: () => undefined };
const byDatabase = new WeakMap<Database, KnownVersions>();
const maxPeople = 10_000;

/**
 * The embedded database belongs to one process, and all that writes points into it says so here: between two writes a search can
 * do without the question, which is a sixth of its time. On a server others write, too, and every search asks.
 */
export function knownVersions(database: Database): KnownVersions {
  if (database.engine !== 'pglite') return nobody;
  const known = byDatabase.get(database) ?? createKnownVersions();
  byDatabase.set(database, known);
  return known;
}

function createKnownVersions(): KnownVersions {
  const versions = new LRUCache<string, Version>({ max: maxPeople });
  let writes = 0;
  return {
    read: async (userId, ask) => {
      const known = versions.get(userId);
      if (known) return known;
      const earlier = writes;
      const latest = await ask();
      // An answer from before a write that has ended since then would stand for good.
      if (latest && writes === earlier) versions.set(userId, latest);
      return latest;
    },
    forget: (userId) => {
      writes++;
      versions.delete(userId);
    },
  };
}

import { pagesOf } from '../memory/cursor';
import type { Memory } from '../memory/memory';
import type { MemoryProvider } from '../memory/provider';
import type { SourceRecord } from './mapping';
import type { MigrationRequest, SourceProblem } from './migration-contract';
import type { Pace } from './pace';

/** Where records come from. Methods reject with `ProviderError`, `OutageError` or `MigrationError` where they cannot be read. */
export interface Source {
  /** Everybody it has records of, some at a time, each once. */
  people(signal: AbortSignal): AsyncIterable<string[]>;
  /** One person's records, oldest first, some at a time. */
  recordsOf(userId: string, signal: AbortSignal): AsyncIterable<SourceRecord[]>;
  /** The texts of the person's that its own search finds, best first; null where it has no search. */
  search(userId: string, query: string, limit: number, signal: AbortSignal): Promise<string[] | null>;
  /** What could not be used: how many by code, and the first of them. */
  problems(): { counts: Record<string, number>; first: SourceProblem[] };
  close(): Promise<void>;
}

const pageSize = 200;
const noProblems = { counts: {}, first: [] };
const byTime = (a: Memory, b: Memory) => a.createdAt.getTime() - b.createdAt.getTime();

export type Selection = Pick<MigrationRequest, 'users' | 'sessionId' | 'since'>;

/** Whether a record is asked for. */
export const isSelected = ({ sessionId, since }: Selection, record: Pick<Memory, 'sessionId' | 'updatedAt'>): boolean =>
  (sessionId === undefined || record.sessionId === sessionId) && (since === undefined || record.updatedAt >= since);

/**
 * A provider's memories, the expired and the replaced among them. A person's are read whole: providers list the newest first. `chosen`:
 * of these people, where nobody is named, those who are asked for.
 */
export function createProviderSource(
  provider: MemoryProvider,
  pace: Pace,
  selection: Selection,
  chosen: (userIds: string[]) => Promise<string[]> = async (userIds) => userIds,
): Source {
  const { users, since: changedSince } = selection;
  const listed = async (userId: string, signal: AbortSignal) => {
    const filter = { limit: pageSize, includeHidden: true, ...(changedSince && { changedSince }) };
    const found: Memory[] = [];
    const list = (cursor: string | null) =>
      pace.insist((attempt) => provider.list(userId, { ...filter, cursor }, attempt), signal);
    for await (const page of pagesOf(list)) found.push(...page);
    return found;
  };
  return {
    people: async function* (signal) {
      if (users) return yield users;
      const list = (cursor: string | null) =>
        pace.insist((attempt) => provider.users({ limit: pageSize, cursor }, attempt), signal);
      for await (const page of pagesOf(list)) yield chosen(page.map(({ userId }) => userId));
    },
    recordsOf: async function* (userId, signal) {
      // A memory that is changed while the pages are read may come twice.
      const once = new Map((await listed(userId, signal)).map((memory) => [memory.id, memory]));
      const wanted = [...once.values()].filter((memory) => isSelected(selection, memory));
      yield wanted
        .reverse()
        .sort(byTime)
        .map((memory) => ({ ...memory, role: null }));
    },
    search: async (userId, query, limit, signal) => {
      const found = await pace.insist((attempt) => provider.search(userId, query, limit, attempt), signal);
      return found.map(({ text }) => text);
    },
    problems: () => noProblems,
    close: async () => undefined,
  };
}

/** Records that a caller holds, all of one person's, oldest first. */
export function createGivenSource(records: SourceRecord[]): Source {
  return {
    people: async function* () {
      yield [...new Set(records.map(({ userId }) => userId))];
    },
    recordsOf: async function* () {
      yield records;
    },
    search: async () => null,
    problems: () => noProblems,
    close: async () => undefined,
  };
}

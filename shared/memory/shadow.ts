import { lt } from 'drizzle-orm';
import type { Database } from '../database/client';
import { shadowReads } from '../database/schema-migration';
import { raceSignal } from '../resilience/deadline';
import { describeError, type Logger } from '../telemetry/logger';
import type { Aliases } from './aliases';
import type { Memory } from './memory';
import { type AddReceipt, type MemoryProvider, type NewMemory, ProviderError } from './provider';

type Kind = (typeof shadowReads.$inferSelect)['kind'];

/** Writes that wait for it, and reads that are under way at once: what is more is left out, and counted as such. */
const mostWrites = 1_000;
const mostReads = 4;
const keptMs = 30 * 86_400_000;
const clearEveryMs = 3_600_000;

/** How many of the first one's best so many are looked for among the second's. */
const best = 10;

/**
 * A second provider that is asked along, behind everybody's back: nothing waits for it, and nothing that it says is shown. What it has of
 * the first one's results, how long both took and how it failed is kept in `shadow_reads`, without a word.
 */
export interface Shadow {
  readonly name: MemoryProvider['name'];
  /** The first one, whose writes the second one is sent, too, in their order. */
  writing(first: MemoryProvider): MemoryProvider;
  /** What the first one read. */
  compare(kind: 'search' | 'list', found: Memory[], firstMs: number, ask: Ask): void;
  /** Resolves once nothing is under way; what waits then is left out. */
  stop(): Promise<void>;
}

type Ask = (second: MemoryProvider, signal: AbortSignal) => Promise<Memory[]>;

export interface ShadowDependencies {
  second: MemoryProvider;
  aliases: Aliases;
  database: Database;
  logger: Logger;
  now: () => Date;
  /** One call of the second provider. */
  callMs?: number;
}

/** Words as they are, whatever their case and white space: two providers name the same memory by two ids. */
const toWords = ({ text }: Memory) => text.toLowerCase().replace(/\s+/g, ' ').trim();

/** How many percent of `first`'s ten best are among `second`'s; 100 where there were none to be found. */
export function overlapOf(first: Memory[], second: Memory[]): number {
  const wanted = first.slice(0, best).map(toWords);
  const there = new Set(second.slice(0, best).map(toWords));
  return wanted.length === 0
    ? 100
    : Math.round((100 * wanted.filter((words) => there.has(words)).length) / wanted.length);
}

/** Why a call of the second one came to nothing. */
class MissedError extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

export function createShadow(dependencies: ShadowDependencies): Shadow {
  const { second, aliases, database, logger, now, callMs = 10_000 } = dependencies;
  let isStopped = false;
  let waiting = 0;
  let writes: Promise<void> = Promise.resolve();
  const reads = new Set<Promise<void>>();
  let clearedAt = 0;

  const record = async (row: typeof shadowReads.$inferInsert): Promise<void> => {
    try {
      const db = await database.open();
      await db.insert(shadowReads).values(row);
      if (now().getTime() - clearedAt < clearEveryMs) return;
      clearedAt = now().getTime();
      await db.delete(shadowReads).where(lt(shadowReads.at, new Date(clearedAt - keptMs)));
    } catch (error) {
      logger.warn('shadow not recorded', describeError(error));
    }
  };

  /** Asks the second one, and records how that went. */
  const watch = async (kind: Kind, firstMs: number, call: (signal: AbortSignal) => Promise<number | null>) => {
    const at = now();
    const started = performance.now();
    const row = { at, kind, firstMs: Math.round(firstMs) };
    const took = () => Math.round(performance.now() - started);
    try {
      const signal = AbortSignal.timeout(callMs);
      const overlap = await raceSignal(call(signal), signal);
      await record({ ...row, overlap, secondMs: took() });
    } catch (error) {
      const isKnown = error instanceof ProviderError || error instanceof MissedError;
      const code = isKnown ? error.code : error instanceof DOMException ? 'timeout' : 'failed';
      await record({ ...row, error: code, secondMs: took() });
    }
  };

  const write = (kind: Kind, firstMs: number, call: (signal: AbortSignal) => Promise<unknown>) => {
    if (isStopped || waiting >= mostWrites) {
      void record({ at: now(), kind, firstMs: Math.round(firstMs), error: 'left_out' });
      return;
    }
    waiting++;
    writes = writes.then(async () => {
      if (!isStopped) await watch(kind, firstMs, (signal) => call(signal).then(() => null));
      waiting--;
    });
  };

  const timed = async <T>(call: Promise<T>): Promise<[T, number]> => {
    const started = performance.now();
    return [await call, performance.now() - started];
  };

  const addSecond = async (memory: NewMemory, receipt: AddReceipt | undefined, signal: AbortSignal) => {
    const made = await second.add(memory, signal);
    if (receipt?.status !== 'stored' || made.status !== 'stored') return;
    const pairs = receipt.memories.flatMap(({ id: alias }, i) => {
      const memoryId = made.memories[i]?.id;
      return memoryId ? [{ alias, memoryId }] : [];
    });
    await aliases.keep(second.name, memory.userId, pairs);
  };

  /** Calls with the second one's id of a memory. */
  const known = async <T>(id: string, call: (id: string) => Promise<T | null | false>): Promise<T> => {
    const done = await call((await aliases.of(second.name, id)) ?? id);
    if (done === null || done === false) throw new MissedError('unknown_memory');
    return done;
  };

  return {
    name: second.name,
    writing: (first) => {
      const { addAll } = first;
      const wrapped: MemoryProvider = {
        ...first,
        add: async (memory, signal) => {
          const [receipt, ms] = await timed(first.add(memory, signal));
          write('add', ms, (within) => addSecond(memory, receipt, within));
          return receipt;
        },
        update: async (id, change, signal) => {
          const [memory, ms] = await timed(first.update(id, change, signal));
          if (memory) write('update', ms, (within) => known(id, (own) => second.update(own, change, within)));
          return memory;
        },
        delete: async (id, signal) => {
          const [existed, ms] = await timed(first.delete(id, signal));
          if (existed) write('delete', ms, (within) => known(id, (own) => second.delete(own, within)));
          return existed;
        },
      };
      if (!addAll) return wrapped;
      return {
        ...wrapped,
        addAll: async (memories, signal) => {
          const [receipts, ms] = await timed(addAll(memories, signal));
          for (const [i, memory] of memories.entries())
            write('add', ms / memories.length, (within) => addSecond(memory, receipts[i], within));
          return receipts;
        },
      };
    },
    compare: (kind, found, firstMs, ask) => {
      if (isStopped || reads.size >= mostReads) return;
      const read = watch(kind, firstMs, async (signal) => overlapOf(found, await ask(second, signal))).finally(() =>
        reads.delete(read),
      );
      reads.add(read);
    },
    stop: async () => {
      isStopped = true;
      await Promise.all([writes, ...reads]);
    },
  };
}

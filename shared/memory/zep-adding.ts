import { addInRuns, withReceipts } from './adding-in-runs';
import type { Memory } from './memory';
import { type AddReceipt, type NewMemory, ProviderError } from './provider';
import type { NewEvent, ZepId, ZepMap } from './zep-map';
import { type Draft, type Piece, toDraftPieces, toDrafts } from './zep-mapping';
import type { ZepReading } from './zep-reading';
import type { ZepWriting } from './zep-writing';

/** How memories get to Zep. Methods reject with `ProviderError`. */
export interface ZepAdding {
  addAll(writes: NewMemory[], signal: AbortSignal): Promise<AddReceipt[]>;
  /** Attempts of earlier writes that turn out to be there, as rows that say so. */
  arrived(userId: string, rows: ZepId[], signal: AbortSignal): Promise<ZepId[]>;
}

export interface ZepAddingOptions {
  map: ZepMap;
  reading: ZepReading;
  writing: ZepWriting;
  now: () => Date;
  /** What the history says of a memory that is new. */
  added(memory: Memory): NewEvent;
}

const toReceipt = (drafts: Draft[]): AddReceipt => ({
  status: 'stored',
  memories: drafts.map(({ memory }) => memory),
});

export function createZepAdding({ map, reading, writing, now, added }: ZepAddingOptions): ZepAdding {
  const arrived: ZepAdding['arrived'] = async (userId, rows, signal) => {
    const sending = rows.filter(({ state }) => state === 'sending');
    if (sending.length === 0) return [];
    const found = await reading.lookUp(userId, sending, signal);
    return found.map((row) => ({ ...row, state: 'stored' as const }));
  };

  /** Notes the memories of which every piece is at Zep, and gives their ids. Of those never sent nothing need be looked for. */
  const note = async (drafts: Draft[], pieces: Piece[]): Promise<Set<string>> => {
    const left = new Set(pieces.flatMap(({ row }) => (row.zepId === null ? row.memoryId : [])));
    const isDone = ({ memory }: Draft) => !left.has(memory.id);
    const rows = pieces.flatMap(({ row }) => (left.has(row.memoryId) ? [] : [{ ...row, state: 'stored' as const }]));
    const sent = new Set(pieces.flatMap(({ wasSent, row }) => (wasSent ? row.memoryId : [])));
    const unsent = [...left].filter((id) => !sent.has(id));
    await map.put(
      rows,
      drafts.filter(isDone).map(({ memory }) => added(memory)),
      unsent,
    );
    return new Set(drafts.filter(isDone).map(({ memory }) => memory.id));
  };

  /** Sends what is not there yet, and notes what is; a later failure takes nothing of that back. */
  const addOfOne = async (userId: string, writes: NewMemory[], signal: AbortSignal): Promise<AddReceipt[]> => {
    const made = writes.map((write) => toDrafts(write, now()));
    const drafts = made.flat();
    const pieces = drafts.flatMap((draft) => toDraftPieces(draft));
    const known = await map.begin(pieces.map(({ row }) => row));
    const earlier = new Set(known.flatMap(({ state, memoryId }) => (state === 'sending' ? [] : memoryId)));
    const there = await arrived(userId, known, signal);
    const fresh = drafts.filter(({ memory }) => !earlier.has(memory.id));
    const toSend = pieces.filter(({ row }) => !earlier.has(row.memoryId));
    for (const piece of toSend) {
      const { row } = piece;
      row.zepId = there.find((each) => each.memoryId === row.memoryId && each.piece === row.piece)?.zepId ?? null;
      piece.wasSent = known.some(({ memoryId }) => memoryId === row.memoryId);
    }
    try {
      await writing.send(
        userId,
        toSend.filter(({ row }) => row.zepId === null),
        signal,
      );
    } catch (error) {
      const done = await note(fresh, toSend).catch(() => new Set<string>());
      const firstLeft = made.findIndex((write) => !write.every(({ memory }) => done.has(memory.id)));
      throw withReceipts(error, made.slice(0, firstLeft).map(toReceipt));
    }
    await note(fresh, toSend);
    // What was there before may have been changed since.
    const before = await reading.memoriesOf(userId, [...earlier], signal);
    return made.map((write) => ({
      status: 'stored',
      memories: write.flatMap(({ memory }) =>
        earlier.has(memory.id) ? before.filter(({ id }) => id === memory.id) : memory,
      ),
    }));
  };

  return {
    arrived,
    addAll: async (writes, signal) => {
      if (signal.aborted) throw new ProviderError('zep', 'timeout', { retryable: true, outcomeUnknown: false });
      return addInRuns(
        writes,
        (one, other) => one.userId === other.userId,
        (run) => addOfOne(run[0].userId, run, signal),
      );
    },
  };
}

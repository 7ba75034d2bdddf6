import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { and, eq, sql } from 'drizzle-orm';
import type { Database, Db } from '../database/client';
import { actAsApp, actAsService, asService } from '../database/row-security';
import type { Room } from '../memory/rooms';
import type { Memory } from '../memory/memory';
import { insertWrites } from '../memory/outbox';
import type { AcceptedWrite } from '../memory/outbox-contract';
import type { Owner } from './brain-contract';
import { readFact, toWrite } from './fact-memory';
import { type FactEvent, type FactRow, factsOf, kinds } from './fact-tables';
import { toEvents, writeEvents } from './save-facts';

/** A fact's row as it was when somebody began to look at its memory. */
export interface Watched {
  owner: Owner;
  rowId: string;
  operationId: string;
}

/** Facts' rows as those see them who write to the provider, or hear of it. Methods reject when the database cannot be reached. */
export interface FactRoom extends Required<Room> {
  /** Whose memory this is. To be asked before the provider is. */
  watch(memoryId: string): Promise<Watched | null>;
  /** Makes a row say what its memory says; not where the row has changed since, or has a value on its way: that is newer. */
  reflect(memory: Memory, watched: Watched, source: FactEvent['source']): Promise<boolean>;
}

/** A row with what its memory says, in a transaction that sees it; whether there was anything to change. */
export async function reflectRow(
  tx: Db,
  { kind }: Pick<Owner, 'kind'>,
  before: FactRow,
  memory: Memory,
  { source, at }: { source: FactEvent['source']; at: Date },
): Promise<boolean> {
  // Of a memory that lost its mark, its words are what is left.
  const { category, metadata } = readFact(memory)?.fact ?? {
    category: before.category,
    metadata: before.extraMetadata,
  };
  const value = { category, content: memory.text, extraMetadata: metadata };
  if (isDeepStrictEqual({ ...before, ...value }, before)) return false;
  const facts = factsOf(kind);
  // Under another operation: whoever looked at the memory before this one has seen something older.
  const row = { ...before, ...value, operationId: randomUUID(), updatedAt: at };
  await tx.update(facts).set(row).where(eq(facts.id, before.id));
  await writeEvents(tx, kind, toEvents([{ row, before }], source));
  return true;
}

/** Has a row's memory made once more, in a transaction that sees it: gives the write that does it. */
export async function makeAnew(tx: Db, owner: Owner, row: FactRow): Promise<AcceptedWrite> {
  const facts = factsOf(owner.kind);
  const operationId = randomUUID();
  const anew = { ...row, memoryId: null, state: 'pending' as const, addedBy: operationId, operationId };
  await tx.update(facts).set(anew).where(eq(facts.id, row.id));
  return toWrite(owner, anew);
}

export function createFactRoom(database: Database, now: () => Date): FactRoom {
  const watch: FactRoom['watch'] = async (memoryId) =>
    asService(await database.open(), async (tx) => {
      for (const kind of kinds) {
        const facts = factsOf(kind);
        const [row] = await tx.select().from(facts).where(eq(facts.memoryId, memoryId));
        if (row) return { owner: { kind, id: row.ownerId }, rowId: row.id, operationId: row.operationId };
      }
      return null;
    });

  const reflect: FactRoom['reflect'] = async (memory, { owner, rowId, operationId }, source) =>
    asService(await database.open(), async (tx) => {
      const facts = factsOf(owner.kind);
      const isAsWatched = and(eq(facts.id, rowId), eq(facts.operationId, operationId), eq(facts.state, 'synced'));
      const [before] = await tx.select().from(facts).where(isAsWatched).for('update');
      return before ? reflectRow(tx, owner, before, memory, { source, at: now() }) : false;
    });

  return {
    watch,
    reflect,
    arrived: async (arrived) => {
      const memories = [...arrived].flatMap(([operation_id, [memory]]) => (memory ? [{ operation_id, memory }] : []));
      await asService(await database.open(), async (tx) => {
        for (const kind of kinds) {
          const facts = factsOf(kind);
          const given = memories
            .filter(({ memory }) => readFact(memory)?.owner.kind === kind)
            .map(({ operation_id, memory }) => ({ operation_id, memory_id: memory.id }));
          if (given.length === 0) continue;
          const rows = sql`json_to_recordset(${JSON.stringify(given)}::json) as given(operation_id uuid, memory_id text)`;
          const isLatest = sql`${facts.operationId} = given.operation_id`;
          await tx
            .update(facts)
            .set({
              memoryId: sql`given.memory_id`,
              state: sql`case when ${isLatest} then 'synced' else ${facts.state} end`,
            })
            .from(rows)
            .where(sql`${isLatest} or (${facts.addedBy} = given.operation_id and ${facts.memoryId} is null)`);
        }
      });
    },
    ended: async (operationId, why) => {
      const db = await database.open();
      await db.transaction(async (tx) => {
        for (const kind of kinds) {
          await actAsService(tx);
          const facts = factsOf(kind);
          const [row] = await tx.select().from(facts).where(eq(facts.operationId, operationId)).for('update');
          if (!row) continue;
          if (why === 'refused')
            return void (await tx.update(facts).set({ state: 'failed' }).where(eq(facts.id, row.id)));
          const write = await makeAnew(tx, { kind, id: row.ownerId }, row);
          await actAsApp(tx);
          return insertWrites(tx, [write], now());
        }
      });
    },
    changed: async (memory) => {
      const watched = readFact(memory) && (await watch(memory.id));
      if (watched) await reflect(memory, watched, 'us');
    },
  };
}

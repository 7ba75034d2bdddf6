import { randomUUID } from 'node:crypto';
import { asc, desc, eq } from 'drizzle-orm';
import { v7 } from 'uuid';
import type { Database, Db } from '../database/client';
import { actAsApp, actAsService, asService } from '../database/row-security';
import { outbox } from '../database/schema';
import { brainOwners } from '../database/schema-brain';
import type { Memory } from '../memory/memory';
import { insertWrites } from '../memory/outbox';
import type { AcceptedWrite } from '../memory/outbox-contract';
import type { MemoryProvider } from '../memory/provider';
import type { Owner } from './brain-contract';
import { readFact, toRemoval, toWrite } from './fact-memory';
import { makeAnew, reflectRow } from './fact-room';
import { eventsOf, type FactRow, factsOf, lockOwners } from './fact-tables';
import { toEvents, writeEvents, writeRows } from './save-facts';

/** How rows and the provider's memories of facts differed. */
export interface FactDrift {
  /** Rows without a memory: it is made anew. */
  factsMissing: number;
  /** Rows whose memory says something else: they say it now, too. */
  factsChanged: number;
  /** Memories without a row: deleted, or, where nothing is known of their slug, kept as a row. */
  factsOrphaned: number;
}

/** An owner's rows before the provider was asked; what is changed after that is compared another time. */
export interface FactSnapshot {
  kind: Owner['kind'] | null;
  rows: FactRow[];
}

/** Brings rows and the provider's memories of facts back to one for one. Methods reject when the database cannot be reached. */
export interface FactReconcile {
  /** Everybody who has, or had, facts. */
  owners(): Promise<string[]>;
  begin(userId: string): Promise<FactSnapshot>;
  /**
   * Compares an owner's rows with `memories`, all that the provider has of type `brain` of them. What is to be written goes by the
   * outbox. Rejects with `ProviderError` where a memory cannot be looked up.
   */
  finish(userId: string, snapshot: FactSnapshot, memories: Memory[], signal: AbortSignal): Promise<FactDrift>;
}

const none: FactDrift = { factsMissing: 0, factsChanged: 0, factsOrphaned: 0 };

export function createFactReconcile({
  database,
  provider,
  now,
}: {
  database: Database;
  provider: Pick<MemoryProvider, 'get'>;
  now: () => Date;
}): FactReconcile {
  const readRows = (tx: Db, { kind, id }: Owner) => {
    const facts = factsOf(kind);
    return tx.select().from(facts).where(eq(facts.ownerId, id)).for('update');
  };

  /** Memories that the list left out: a page may have moved on while it was read. */
  const lookUp = async (ids: string[], signal: AbortSignal): Promise<Memory[]> => {
    const found: Memory[] = [];
    for (const id of ids) {
      const memory = await provider.get(id, signal);
      if (memory) found.push(memory);
    }
    return found;
  };

  /** The writes of the owner's that are on their way, and those that were refused, by their operations. */
  const outboxOf = async (tx: Db, userId: string) => {
    const { operationId, state } = outbox;
    const rows = await tx.select({ operationId, state }).from(outbox).where(eq(outbox.userId, userId));
    return new Map(rows.map((row) => [row.operationId, row.state]));
  };

  /** The slugs, of those given, that were deleted last. */
  const deletedOf = async (tx: Db, { kind, id }: Owner, slugs: string[]): Promise<Set<string>> => {
    const events = eventsOf(kind);
    const last = await tx
      .selectDistinctOn([events.slug], { slug: events.slug, event: events.event, ownerId: events.ownerId })
      .from(events)
      .where(eq(events.ownerId, id))
      .orderBy(asc(events.slug), desc(events.at), desc(events.id));
    return new Set(
      last.filter(({ slug, event }) => event === 'delete' && slugs.includes(slug)).map(({ slug }) => slug),
    );
  };

  const compare = async (tx: Db, owner: Owner, before: FactRow[], memories: Memory[]): Promise<FactDrift> => {
    const found = { ...none };
    const writes: AcceptedWrite[] = [];
    const at = now();
    const facts = factsOf(owner.kind);
    const seen = new Map(before.map(({ id, operationId }) => [id, operationId]));
    const atProvider = new Map(memories.map((memory) => [memory.id, memory]));
    const sent = await outboxOf(tx, owner.id);
    const isQuiet = [...sent.values()].every((state) => state === 'dead');
    await actAsService(tx);
    const rows = await readRows(tx, owner);

    for (const row of rows.filter(({ id, operationId }) => seen.get(id) === operationId)) {
      const memory = row.memoryId === null ? undefined : atProvider.get(row.memoryId);
      const state = sent.get(row.operationId);
      if (row.state === 'pending' && state === 'dead') {
        await tx.update(facts).set({ state: 'failed' }).where(eq(facts.id, row.id));
      } else if (row.state === 'pending' && state === undefined) {
        // Its write is gone without a word.
        const again = { ...row, operationId: randomUUID() };
        await writeRows(tx, owner.kind, { made: [], changed: [again] });
        writes.push(toWrite(owner, again));
        found.factsMissing++;
      } else if (row.state === 'synced' && !memory) {
        writes.push(await makeAnew(tx, owner, row));
        found.factsMissing++;
      } else if (row.state === 'synced' && memory) {
        if (await reflectRow(tx, owner, row, memory, { source: 'provider', at })) found.factsChanged++;
      }
    }

    // While something is on its way nobody can tell whose a memory is.
    const known = new Set(rows.map(({ memoryId }) => memoryId));
    const isOrphan = (memory: Memory) => !known.has(memory.id) && readFact(memory)?.owner.kind === owner.kind;
    const orphans = isQuiet ? memories.filter(isOrphan) : [];
    const bySlug = new Map(rows.map((row) => [row.slug, row]));
    const deleted = await deletedOf(tx, owner, orphans.map(slugOf));
    for (const memory of orphans.sort((a, b) => b.updatedAt.getTime() - a.updatedAt.getTime())) {
      const slug = slugOf(memory);
      if (!bySlug.has(slug) && !deleted.has(slug)) bySlug.set(slug, await adopt(tx, owner, memory));
      else writes.push(toRemoval(owner, memory.id, randomUUID()));
      found.factsOrphaned++;
    }
    await actAsApp(tx);
    await insertWrites(tx, writes, at);
    return found;
  };

  /** A row for a memory of whose slug nothing is known: our database is an older one. */
  const adopt = async (tx: Db, owner: Owner, memory: Memory): Promise<FactRow> => {
    const { slug = '', category = '', content = '', metadata = {} } = readFact(memory)?.fact ?? {};
    const operationId = randomUUID();
    const row: FactRow = {
      ...{ id: v7(), ownerId: owner.id, slug, category, content, extraMetadata: metadata, memoryId: memory.id },
      ...{ addedBy: operationId, operationId, state: 'synced', createdAt: memory.createdAt, updatedAt: now() },
    };
    await writeRows(tx, owner.kind, { made: [row], changed: [] });
    await writeEvents(tx, owner.kind, toEvents([{ row, before: null }], 'provider'));
    return row;
  };

  return {
    owners: async () => {
      const db = await database.open();
      return (await db.select({ userId: brainOwners.userId }).from(brainOwners)).map(({ userId }) => userId);
    },
    begin: async (userId) =>
      asService(await database.open(), async (tx) => {
        const [owner] = await tx.select().from(brainOwners).where(eq(brainOwners.userId, userId));
        return { kind: owner?.kind ?? null, rows: owner ? await readRows(tx, { kind: owner.kind, id: userId }) : [] };
      }),
    finish: async (userId, { kind: known, rows }, listed, signal) => {
      const said = listed.map((memory) => readFact(memory)?.owner.kind).find((kind) => kind !== undefined);
      const kind = known ?? said;
      if (!kind) return none;
      const owner: Owner = { kind, id: userId };
      const ids = new Set(listed.map(({ id }) => id));
      const unlisted = rows.flatMap(({ memoryId, state }) =>
        state === 'synced' && memoryId !== null && !ids.has(memoryId) ? [memoryId] : [],
      );
      const memories = [...listed, ...(await lookUp(unlisted, signal))];
      const db = await database.open();
      return db.transaction(async (tx) => {
        const owned = await lockOwners(tx, [owner]);
        return owned.get(userId) === kind ? compare(tx, owner, rows, memories) : none;
      });
    },
  };
}

const slugOf = (memory: Memory): string => readFact(memory)?.fact.slug ?? '';

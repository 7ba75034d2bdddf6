import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { v7 } from 'uuid';
import type { Db } from '../database/client';
import { givenColumns, rowsAsOne } from '../database/rows-as-one';
import { actAsApp } from '../database/row-security';
import { outbox } from '../database/schema';
import { insertWrites } from '../memory/outbox';
import type { Fact, Owner } from './brain-contract';
import { toWrite } from './fact-memory';
import {
  type Actor,
  actAsActor,
  eventsOf,
  type FactEvent,
  type FactRow,
  factsOf,
  kinds,
  lockOwners,
} from './fact-tables';

/** Facts of one owner, each slug once, as they are to be kept. */
export interface Entry {
  owner: Owner;
  facts: Fact[];
}

/** What became of them: rows that were made and changed. `isTaken`: nothing, because the id is another kind of owner's. */
export interface Saved {
  created: FactRow[];
  updated: FactRow[];
  isTaken: boolean;
}

/** A row, and what it was before. */
interface Change {
  row: FactRow;
  before: FactRow | null;
}

const keyOf = (ownerId: string, slug: string) => JSON.stringify([ownerId, slug]);

/** What a fact makes of the row there is; null where that says it already and is on its way, or arrived. */
function toChange(owner: Owner, fact: Fact, before: FactRow | undefined, at: Date): Change | null {
  const { slug, category, content } = fact;
  const operationId = randomUUID();
  if (!before) {
    const made = {
      id: v7(),
      ownerId: owner.id,
      slug,
      memoryId: null,
      operationId,
      addedBy: operationId,
      createdAt: at,
    };
    const value = { category, content, extraMetadata: fact.metadata ?? {}, state: 'pending' as const, updatedAt: at };
    return { row: { ...made, ...value }, before: null };
  }
  const value = { category, content, extraMetadata: fact.metadata ?? before.extraMetadata };
  if (before.state !== 'failed' && isDeepStrictEqual({ ...before, ...value }, before)) return null;
  return { row: { ...before, ...value, operationId, state: 'pending', updatedAt: at }, before };
}

/** The history that changes make: a value that is sent once more is none. */
export const toEvents = (changes: Change[], source: FactEvent['source']): FactEvent[] =>
  changes
    .filter(({ row, before }) => row.content !== before?.content)
    .map(({ row: { ownerId, slug, content, updatedAt: at }, before }) => {
      const event = before ? ('update' as const) : ('add' as const);
      return { id: v7(), ownerId, slug, event, source, previousContent: before?.content ?? null, content, at };
    });

/** Rows as they are now, in one statement however many there are. */
export async function writeRows(
  tx: Db,
  kind: Owner['kind'],
  rows: { made: FactRow[]; changed: FactRow[] },
): Promise<void> {
  const facts = factsOf(kind);
  const columns = givenColumns(facts);
  if (rows.made.length > 0) await tx.insert(facts).select(rowsAsOne(facts, columns, rows.made));
  if (rows.changed.length === 0) return;
  const given = sql`(${rowsAsOne(facts, columns, rows.changed)}) as given`;
  await tx
    .update(facts)
    .set({
      ...{ category: sql`given.category`, content: sql`given.content`, extraMetadata: sql`given.extra_metadata` },
      ...{ addedBy: sql`given.added_by`, operationId: sql`given.operation_id` },
      ...{ state: sql`given.state`, updatedAt: sql`given.updated_at` },
    })
    .from(given)
    .where(eq(facts.id, sql`given.id`));
}

export async function writeEvents(tx: Db, kind: Owner['kind'], events: FactEvent[]): Promise<void> {
  const table = eventsOf(kind);
  if (events.length > 0) await tx.insert(table).select(rowsAsOne(table, givenColumns(table), events));
}

/** The rows of these slugs, locked, by owner and slug. */
async function readRows(tx: Db, kind: Owner['kind'], entries: Entry[]): Promise<[key: string, FactRow][]> {
  if (entries.length === 0) return [];
  const facts = factsOf(kind);
  const ids = sql.param(entries.map(({ owner }) => owner.id));
  const slugs = sql.param([...new Set(entries.flatMap((entry) => entry.facts.map(({ slug }) => slug)))]);
  const rows = await tx
    .select()
    .from(facts)
    .where(and(sql`${facts.ownerId} = any(${ids}::text[])`, sql`${facts.slug} = any(${slugs}::text[])`))
    .for('update');
  return rows.map((row) => [keyOf(row.ownerId, row.slug), row]);
}

/** What the provider refused for good of these rows needs nobody's look any more: something newer takes its place. */
export async function forgetRefused(tx: Db, rows: FactRow[]): Promise<void> {
  const refused = rows.filter(({ state }) => state === 'failed').map(({ operationId }) => operationId);
  if (refused.length === 0) return;
  await tx.delete(outbox).where(and(eq(outbox.state, 'dead'), inArray(outbox.operationId, refused)));
}

/**
 * Keeps facts in a transaction of the caller's: rows, their history, and the writes that carry them to the provider. In the order of
 * `entries`. Rejects as the database does: among others where the actor may not see an owner's rows (Postgres 42501).
 */
export async function saveFacts(tx: Db, entries: Entry[], actor: Actor, at: Date): Promise<Saved[]> {
  const owned = await lockOwners(
    tx,
    entries.map(({ owner }) => owner),
  );
  await actAsActor(tx, actor);
  const isTaken = ({ owner }: Entry) => owned.get(owner.id) !== owner.kind;
  const ofKind = (kind: Owner['kind']) => entries.filter((entry) => entry.owner.kind === kind && !isTaken(entry));
  const known = new Map([
    ...(await readRows(tx, 'users', ofKind('users'))),
    ...(await readRows(tx, 'companies', ofKind('companies'))),
  ]);

  const changes: (Change & { owner: Owner })[] = [];
  const saved = entries.map((entry): Saved => {
    const { owner, facts } = entry;
    if (isTaken(entry)) return { created: [], updated: [], isTaken: true };
    const own = facts.flatMap((fact) => {
      const key = keyOf(owner.id, fact.slug);
      const change = toChange(owner, fact, known.get(key), at);
      if (!change) return [];
      known.set(key, change.row);
      return [{ ...change, owner }];
    });
    changes.push(...own);
    const [updated, created] = [own.filter(isUpdate), own.filter((change) => !isUpdate(change))];
    return { created: created.map(({ row }) => row), updated: updated.map(({ row }) => row), isTaken: false };
  });

  for (const kind of kinds) {
    const own = changes.filter(({ owner }) => owner.kind === kind);
    const made = own.filter((change) => !isUpdate(change)).map(({ row }) => row);
    await writeRows(tx, kind, { made, changed: own.filter(isUpdate).map(({ row }) => row) });
    await writeEvents(tx, kind, toEvents(own, 'us'));
  }
  await actAsApp(tx);
  await forgetRefused(
    tx,
    changes.flatMap(({ before }) => before ?? []),
  );
  await insertWrites(
    tx,
    changes.map(({ owner, row }) => toWrite(owner, row)),
    at,
  );
  return saved;
}

const isUpdate = ({ before }: Change) => before !== null;

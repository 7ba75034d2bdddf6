import { and, asc, count, eq, getTableColumns, gt, inArray, lt, sql } from 'drizzle-orm';
import type { Db } from '../database/client';
import { prepared } from '../database/prepared';
import { indexPoints, people } from '../database/schema';
import type { Memory } from '../memory/memory';
import type { IndexPoint, PointMark, SearchFilter } from './index';
import type { Version } from './known-versions';
import { type Point, toPoint as toLaidPoint } from './person-points';
import { toInt8 } from './sentence-vectors';

/** What the embedded index asks of Postgres. Nothing here catches: the index makes one error of all that can fail. */

const { version, deleted, provisional, hash, sentence, tokens, terms, ...memoryColumns } = getTableColumns(indexPoints);

/** What a living point is read with: its memory, and what scoring needs. */
const pointColumns = { memory: memoryColumns, ...{ version, deleted, provisional, sentence, tokens, terms } };
export type PointRow = StoredMemory &
  Pick<typeof indexPoints.$inferSelect, 'deleted' | 'sentence' | 'tokens' | 'terms'>;

const columns = Object.entries(getTableColumns(indexPoints));
const names = sql.join(
  columns.map(([, column]) => sql.identifier(column.name)),
  sql`, `,
);

/** All columns but the key, as an insert that finds its point there already replaces them. */
const replaced = Object.fromEntries(
  columns
    .filter(([key]) => key !== 'userId' && key !== 'id')
    .map(([key, column]) => [key, sql`excluded.${sql.identifier(column.name)}`]),
);

/** What stays of a point that was removed: nothing of what it said. */
const tombstone = {
  ...{ deleted: true, hash: '', text: '', topic: null, tags: [], metadata: {}, sessionId: null, speaker: null },
  ...{ sentence: new Uint8Array(), tokens: new Uint8Array(), terms: [] },
};

const own = (userId: string) => eq(indexPoints.userId, userId);
const living = (userId: string) => and(own(userId), eq(indexPoints.deleted, false));

/** A point, and whose it is. */
export interface OwnedPoint {
  userId: string;
  point: IndexPoint;
}

/** Stores points, in place of those of the same people with the same ids. */
export async function writePoints(db: Db, points: readonly OwnedPoint[]): Promise<void> {
  const latest = [...new Map(points.map((each) => [`${each.userId} ${each.point.memory.id}`, each])).values()];
  const userIds = [...new Set(points.map(({ userId }) => userId))];
  await db.transaction(async (tx) => {
    const next = await nextVersions(tx, userIds);
    const rows = JSON.stringify(latest.map(({ userId, point }) => toRow(userId, point, next.get(userId) ?? 0)));
    // As one parameter: a point has 22 columns, and PGlite and drizzle take longer over as many parameters than Postgres over the rest.
    await tx
      .insert(indexPoints)
      .select(sql`select ${names} from json_populate_recordset(null::${indexPoints}, ${rows}::json)`)
      .onConflictDoUpdate({ target: [indexPoints.userId, indexPoints.id], set: replaced });
  });
}

/** Empties points and marks them as deleted, so that readers learn of it by version. */
export async function buryPoints(db: Db, userId: string, ids: string[]): Promise<void> {
  await db.transaction(async (tx) => {
    const next = (await nextVersions(tx, [userId])).get(userId) ?? 0;
    await tx
      .update(indexPoints)
      .set({ ...tombstone, version: next })
      .where(and(own(userId), inArray(indexPoints.id, ids)));
  });
}

/** Removes every trace of a person. */
export async function erasePoints(db: Db, userId: string): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.delete(indexPoints).where(own(userId));
    await tx.delete(people).where(eq(people.userId, userId));
  });
}

/**
 * Counts a change of these people's points. Locks them until the end of the transaction, so that versions are committed in their order; in
 * one order, so that nobody waits for each other.
 */
async function nextVersions(tx: Pick<Db, 'insert'>, userIds: string[]): Promise<Map<string, number>> {
  const rows = await tx
    .insert(people)
    .values(userIds.sort().map((userId) => ({ userId, indexVersion: 1 })))
    .onConflictDoUpdate({ target: people.userId, set: { indexVersion: sql`${people.indexVersion} + 1` } })
    .returning({ userId: people.userId, version: people.indexVersion });
  return new Map(rows.map(({ userId, version: next }) => [userId, next]));
}

const versionQuery = prepared((db) =>
  db
    .select({ since: people.createdAt, version: people.indexVersion })
    .from(people)
    .where(eq(people.userId, sql.placeholder('userId')))
    .prepare('index_version'),
);

/** null for a person who was never heard of. */
export async function readVersion(db: Db, userId: string): Promise<Version | null> {
  const [row] = await versionQuery(db).execute({ userId });
  return row ? { since: row.since.getTime(), version: row.version } : null;
}

/** The points that were written after a version, deletions included; from the beginning (0) there is nothing to delete from. */
export async function readPoints(db: Db, userId: string, after: number): Promise<PointRow[]> {
  return db
    .select(pointColumns)
    .from(indexPoints)
    .where(after === 0 ? living(userId) : and(own(userId), gt(indexPoints.version, after)))
    .orderBy(indexPoints.version);
}

/** A memory as it stands in the index, and the version of the person's points that it came with. */
export interface StoredMemory {
  memory: Memory;
  provisional: boolean;
  version: number;
}

/** Memories by id; those that are gone by now are missing. */
export async function readMemories(db: Db, userId: string, ids: string[]): Promise<StoredMemory[]> {
  return db
    .select({ memory: memoryColumns, provisional, version })
    .from(indexPoints)
    .where(and(living(userId), sql`${indexPoints.id} = any(${sql.param(ids)}::uuid[])`));
}

/** The memory of this id, whosever it is. */
export async function findMemory(db: Db, id: string): Promise<Memory | null> {
  const [memory = null] = await db
    .select(memoryColumns)
    .from(indexPoints)
    .where(and(eq(indexPoints.id, id), eq(indexPoints.deleted, false)));
  return memory;
}

/** See `SearchIndex.marks`. */
export async function readMarks(db: Db, userId: string, ids: string[] | 'all'): Promise<Map<string, PointMark>> {
  const named = ids === 'all' ? undefined : sql`${indexPoints.id} = any(${sql.param(ids)}::uuid[])`;
  const rows = await db
    .select({ id: indexPoints.id, hash, provisional })
    .from(indexPoints)
    .where(and(living(userId), named));
  return new Map(rows.map(({ id, ...mark }) => [id, mark]));
}

/** Everybody who has points. */
export async function readPeople(db: Db): Promise<string[]> {
  const rows = await db
    .selectDistinct({ userId: indexPoints.userId })
    .from(indexPoints)
    .where(eq(indexPoints.deleted, false));
  return rows.map((row) => row.userId);
}

/** See `SearchIndex.olderThan`. */
export async function readOlder(db: Db, type: string, before: Date, limit: number) {
  const { id, userId, createdAt } = indexPoints;
  return db
    .select({ id, userId })
    .from(indexPoints)
    .where(and(eq(indexPoints.deleted, false), eq(indexPoints.type, type), lt(createdAt, before)))
    .orderBy(asc(createdAt), asc(id))
    .limit(limit);
}

/** How many memories there are of each type. */
export async function countTypes(db: Db): Promise<Record<string, number>> {
  const rows = await db
    .select({ type: indexPoints.type, memories: count() })
    .from(indexPoints)
    .where(eq(indexPoints.deleted, false))
    .groupBy(indexPoints.type);
  return Object.fromEntries(rows.map(({ type, memories }) => [type, memories]));
}

/** Ids of the points that pass the part of a filter that only the database can judge; null where it has none. */
export async function readPassing(
  db: Db,
  userId: string,
  { tags, metadata = {} }: SearchFilter,
): Promise<Set<string> | null> {
  const conditions = and(
    tags && sql`${indexPoints.tags} @> ${JSON.stringify(tags)}::jsonb`,
    ...Object.entries(metadata).map(
      ([key, value]) => sql`${indexPoints.metadata} -> ${key}::text = ${JSON.stringify(value)}::jsonb`,
    ),
  );
  if (!conditions) return null;
  const rows = await db
    .select({ id: indexPoints.id })
    .from(indexPoints)
    .where(and(living(userId), conditions));
  return new Set(rows.map(({ id }) => id));
}

/** A point under the names of its columns, as JSON takes it. */
function toRow(userId: string, { memory, provisional, hash, embedding, terms }: IndexPoint, next: number): object {
  const row: typeof indexPoints.$inferInsert = {
    ...memory,
    ...{ userId, version: next, deleted: false, provisional, hash },
    sentence: bytesOf(toInt8(embedding.sentence)),
    tokens: bytesOf(embedding.tokens.values),
    terms: [...terms],
  };
  const entries = columns.map(([key, column]): [string, unknown] => {
    const value = row[key as keyof typeof row];
    return [column.name, value instanceof Uint8Array ? toHex(value) : value];
  });
  return Object.fromEntries(entries);
}

/** As Postgres writes bytea. */
const toHex = (bytes: Uint8Array) =>
  `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`;

export const toPoint = ({ sentence, tokens, ...row }: PointRow): Point =>
  toLaidPoint({ ...row, sentence: int8Of(sentence), tokens: int8Of(tokens) });

const bytesOf = (values: Int8Array) => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
const int8Of = (bytes: Uint8Array) => new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

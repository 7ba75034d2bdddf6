import type { PgColumn, PgTable } from 'drizzle-orm/pg-core';
import type { Database } from '../database/client';
import type { Metadata } from '../memory/memory';
import { type FieldError, ProblemError } from '../http/problem';
import type { Redaction } from '../redaction/redaction';
import type { Counts } from '../redaction/redact';
import type { Owner } from './brain-contract';
import type { EntityIds } from './entity-id';
import { createRecordRows } from './record-rows';

/** What all records have beside the id of whom they are of. */
interface Kept {
  metadata: Metadata;
  updatedAt: Date;
}

/** A record as it is given: whole, under an id in any spelling. */
export type NewRecord<Row> = { id: string; record: Omit<Row, 'userId' | 'companyId' | 'updatedAt'> };

/**
 * Records of people or of companies, as the caller's own system has them: what loaders make facts from. Methods throw ProblemError 400 for
 * an id that cannot be one, and reject when the database cannot be reached.
 */
export interface Records<Row> {
  /** Replaces the record, whole: what is not in it is not known any more. With what was masked in it before it was stored. */
  put(given: NewRecord<Row>): Promise<{ record: Row; redacted?: Counts }>;
  /** The same of many, in one statement. Gives what is wrong with those that were not kept because their id cannot be one. */
  putAll(given: NewRecord<Row>[]): Promise<{ index: number; errors: FieldError[] }[]>;
  /** null where there is none. `asUser`: for whom it is read; a company's is there for people with a session that has not expired. */
  get(id: string, asUser?: string): Promise<Row | null>;
  /** The next records in the order of their ids, and how many there are. */
  page(after: string | null, limit: number): Promise<{ owner: Owner; record: Row }[]>;
  count(): Promise<number>;
}

export interface RecordDependencies {
  database: Database;
  entityIds: EntityIds;
  redaction: Redaction;
  now: () => Date;
}

/** Of one kind, in a table of its own. */
export function createRecords<Row extends Kept>(
  { database, entityIds, redaction, now }: RecordDependencies,
  { kind, table, key }: { kind: Owner['kind']; table: PgTable; key: PgColumn },
): Records<Row> {
  const rows = createRecordRows<Row>(database, table, key);
  const idName = kind === 'users' ? 'userId' : 'companyId';
  const idOf = (row: Row) => (row as Row & Record<typeof idName, string>)[idName];

  const toRow = ({ id, record }: NewRecord<Row>) => {
    const masking = redaction();
    const named = { [idName]: entityIds.normalise(kind, id), ...masking.deep(record), updatedAt: now() };
    return { record: named as unknown as Row, ...masking.report() };
  };

  return {
    put: async (given) => {
      const kept = toRow(given);
      await rows.put([kept.record]);
      return kept;
    },
    putAll: async (given) => {
      const wrong: { index: number; errors: FieldError[] }[] = [];
      const kept = given.flatMap((each, index) => {
        try {
          return [toRow(each).record];
        } catch (error) {
          if (!(error instanceof ProblemError)) throw error;
          wrong.push({ index, errors: error.errors ?? [] });
          return [];
        }
      });
      await rows.put(kept);
      return wrong;
    },
    get: async (id, asUser) => {
      const known = entityIds.normalise(kind, id);
      const own = kind === 'users' ? { userId: known } : { companyId: known };
      return rows.get(known, asUser === undefined ? own : { userId: entityIds.normalise('users', asUser, 'as_user') });
    },
    page: async (after, limit) =>
      (await rows.page(after, limit)).map((record) => ({ owner: { kind, id: idOf(record) }, record })),
    count: rows.count,
  };
}

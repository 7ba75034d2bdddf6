import { NoopLogger, type SQL, sql } from 'drizzle-orm';
import type { Db } from '../../shared/database/client';
import { actAs, actAsService, type Tenant } from '../../shared/database/row-security';

/** A statement as it went to the database, with what it was given. */
export interface Statement {
  text: string;
  params: unknown[];
}

/** Writes down every statement of every database of this process, each pair of text and parameters once, until `stop`. */
export function recordStatements() {
  const found = new Map<string, Statement>();
  // Drizzle tells its logger of each; the one that it has when nobody gives it another says nothing.
  const spy = jest.spyOn(NoopLogger.prototype, 'logQuery') as unknown as jest.SpyInstance<void, [string, unknown[]]>;
  spy.mockImplementation((text, params) => {
    found.set(JSON.stringify([text, params]), { text, params });
  });
  return {
    stop: (): Statement[] => {
      spy.mockRestore();
      return [...found.values()];
    },
  };
}

/** What a statement did: how many rows it gave that say something, and how many it changed; null where it was refused. */
export type Effect = number | null;

const saysNothing = (value: unknown): boolean =>
  value === null || value === '' || value === false || Number(value) === 0 || JSON.stringify(value) === '[]';

/** A statement with its parameters in their places, for drizzle. */
function toSql({ text, params }: Statement): SQL {
  const parts = text.split(/\$(\d+)/);
  return sql.join(parts.map((part, i) => (i % 2 === 0 ? sql.raw(part) : sql.param(params[Number(part) - 1]))));
}

class RolledBack extends Error {}

/** Does it again as a tenant, or as nobody in particular where there is none, and takes it back. */
export async function replay(db: Db, statement: Statement, tenant: Tenant | 'service'): Promise<Effect> {
  let effect: Effect = null;
  await db
    .transaction(async (tx) => {
      if (tenant === 'service') await actAsService(tx);
      else await actAs(tx, tenant);
      const done = (await tx.execute(toSql(statement))) as unknown as Done;
      const said = done.rows.filter((row) => !Object.values(row).every(saysNothing)).length;
      effect = said + (/^\s*select/i.test(statement.text) ? 0 : (done.affectedRows ?? done.rowCount ?? 0));
      throw new RolledBack();
    })
    .catch((error) => {
      const { code } = (error as { cause?: { code?: unknown } }).cause ?? {};
      // The service may say what cannot be said twice.
      if (!(error instanceof RolledBack) && code !== '42501' && tenant !== 'service') throw error;
    });
  return effect;
}

interface Done {
  rows: Record<string, unknown>[];
  affectedRows?: number;
  rowCount?: number | null;
}

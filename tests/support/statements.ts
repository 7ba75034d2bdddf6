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

/** A statement with its parameters in their places, for drizzle. */
function toSql({ text, params }: Statement): SQL {
  const parts = text.split(/\$(\d+)/);
  return sql.join(parts.map((part, i) => (i % 2 === 0 ? sql.raw(part) : sql.param(params[Number(part) - 1]))));
}

const saysNothing = (value: unknown): boolean =>
  value === null || value === '' || value === false || Number(value) === 0 || JSON.stringify(value) === '[]';

/** Whether it gives a row that says something, or changes one. */
async function hasEffect(tx: Db, statement: Statement): Promise<boolean> {
  const done = (await tx.execute(toSql(statement))) as unknown as {
    rows: Record<string, unknown>[];
    affectedRows?: number;
    rowCount?: number | null;
  };
  const changed = /^\s*\(?select/i.test(statement.text) ? 0 : (done.affectedRows ?? done.rowCount ?? 0);
  return changed > 0 || done.rows.some((row) => !Object.values(row).every(saysNothing));
}

class RolledBack extends Error {}

/** Those of the statements that give or change rows when somebody sends them again; nothing of it stays. A refusal by Postgres is no effect. */
export async function effective(db: Db, statements: Statement[], actor: Tenant | 'service'): Promise<Statement[]> {
  const found: Statement[] = [];
  const rest = [...statements];
  while (rest.length > 0) {
    const refused = await db
      .transaction(async (tx) => {
        await (actor === 'service' ? actAsService(tx) : actAs(tx, actor));
        for (let next = rest.shift(); next; next = rest.shift()) {
          if (!(await hasEffect(tx, next))) continue;
          found.push(next);
          // What it changed would be missing for the next one.
          break;
        }
        throw new RolledBack();
      })
      .catch((error) => error);
    const { code } = (refused as { cause?: { code?: unknown } }).cause ?? {};
    // The service may be told that what is there is not made again.
    if (!(refused instanceof RolledBack) && code !== '42501' && actor !== 'service') throw refused;
  }
  return found;
}

import { sql } from 'drizzle-orm';
import type { Db } from './client';
import { appRole, serviceRole, tenantRole } from './row-security';

/** Row-level security would not hold here, so nothing is read or written. Its message is for an operator: what is wrong, and what to run. */
export class RowSecurityError extends Error {
  override readonly name = 'RowSecurityError';
}

const roles = [appRole, tenantRole, serviceRole];
const names = sql.raw(`(values ${roles.map((role) => `('${role}')`).join(', ')}) as asked (role)`);

type Session = Pick<Db, 'execute'>;

/**
 * Makes the roles that are missing and lets this login act as them. Roles belong to the whole server: another database of ours may have
 * made them, or may be making them now. Throws `RowSecurityError` where that takes an administrator. "Role Attributes" and "GRANT",
 * PostgreSQL documentation: a login with CREATEROLE makes roles, and since version 16 has to grant itself to act as them.
 */
export async function prepareRoles(db: Session): Promise<void> {
  if (await canActAsAll(db)) return;
  const missing = await rowsOf<{ role: string }>(
    db,
    sql`select role from ${names} where role not in (select rolname from pg_roles)`,
  );
  const grant = sql`select format('grant ${sql.raw(roles.join(', '))} to %I', session_user) as statement`;
  const granting = await rowsOf<{ statement: string }>(db, grant);
  const statements = [
    ...missing.map(({ role }) => `create role ${role} nologin`),
    ...granting.map(({ statement }) => statement),
  ];
  // What another instance is doing at this moment fails here; whether it is enough is asked afterwards.
  for (const statement of statements) await db.execute(sql.raw(statement)).catch(() => undefined);
  if (await canActAsAll(db)) return;
  throw new RowSecurityError(
    `the app's login may not act as the roles of row-level security; as an administrator of the server run: ${statements.join('; ')}`,
  );
}

/** Codes for a role that is not there, and for one that this login may not act as. */
const noRole = /^(22023|42704|42501)$/;

/** To the end of this one statement. */
async function canActAsAll(db: Session): Promise<boolean> {
  try {
    await db.execute(sql`select set_config('role', role, true) from ${names}`);
    return true;
  } catch (error) {
    if (noRole.test(String(codeOf(error)))) return false;
    throw error;
  }
}

/**
 * Throws `RowSecurityError` unless statements act as the app's role, and none of the roles bypasses policies: a pooler may drop what a
 * connection asks for when it begins, and an administrator may have given a role more than it needs.
 */
export async function requireRowSecurity(db: Session): Promise<void> {
  const [found] = await rowsOf<{ actual: string; bypassing: string | null }>(
    db,
    sql`select current_user as actual, string_agg(rolname, ', ') filter (where rolsuper or rolbypassrls) as bypassing
      from pg_roles join ${names} on rolname = role`,
  );
  if (found?.actual !== appRole)
    throw new RowSecurityError(
      `statements do not act as ${appRole}: the address must be that of the server itself, or of a pooler that passes on the options of a connection`,
    );
  if (found.bypassing !== null)
    throw new RowSecurityError(
      `${found.bypassing} bypasses row-level security; as an administrator run "alter role … nosuperuser nobypassrls"`,
    );
}

/** A pooler's refusal of a connection that begins with options: protocol_violation. */
export const isRefusedOption = (error: unknown): boolean => codeOf(error) === '08P01';

function codeOf(error: unknown): unknown {
  const { code, cause } = error as { code?: unknown; cause?: { code?: unknown } };
  return code ?? cause?.code;
}

async function rowsOf<Row>(db: Session, query: ReturnType<typeof sql>): Promise<Row[]> {
  return ((await db.execute(query)) as unknown as { rows: Row[] }).rows;
}

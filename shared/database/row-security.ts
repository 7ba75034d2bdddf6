import { sql } from 'drizzle-orm';
import type { Db } from './client';

/**
 * Who may see which rows, held by Postgres itself (PostgreSQL documentation, "Row Security Policies"). Every connection acts as
 * `keepsake_app`, which is no superuser and bypasses no policy. It sees no row of a brain, a record or a session until a transaction
 * says for whom it acts:
 *
 * - as a tenant (`keepsake_tenant`): a person's own rows, and the rows of companies where the person has a session that has not
 *   expired; or one company's own rows;
 * - as the service (`keepsake_service`): everybody's, for work that goes over all of them.
 */
export type Tenant = { userId: string } | { companyId: string };

/** As who every connection acts, once the database is migrated. */
export const appRole = 'keepsake_app';
export const tenantRole = 'keepsake_tenant';
export const serviceRole = 'keepsake_service';

type Transaction = Pick<Db, 'execute'>;

const act = (tx: Transaction, role: string, { userId = '', companyId = '' }: { userId?: string; companyId?: string }) =>
  tx.execute(
    sql`select set_config('role', ${role}, true), set_config('keepsake.user_id', ${userId}, true), set_config('keepsake.company_id', ${companyId}, true)`,
  );

/** From here to the end of the transaction, or to the next of these calls, its statements see the tenant's rows alone. */
export const actAs = (tx: Transaction, tenant: Tenant) => act(tx, tenantRole, tenant);
/** From here on they see everybody's rows. */
export const actAsService = (tx: Transaction) => act(tx, serviceRole, {});
/** From here on they see what a connection sees by itself. */
export const actAsApp = (tx: Transaction) => act(tx, appRole, {});

/** Runs `work` in a transaction of its own that acts for one tenant. */
export const asTenant = <T>(db: Db, tenant: Tenant, work: (tx: Db) => Promise<T>): Promise<T> =>
  db.transaction(async (tx) => {
    await actAs(tx, tenant);
    return work(tx);
  });

/** Runs `work` in a transaction of its own that sees everybody's rows. */
export const asService = <T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> =>
  db.transaction(async (tx) => {
    await actAsService(tx);
    return work(tx);
  });

import { sql } from 'drizzle-orm';
import type { Db } from '../../shared/database/client';
import { actAs, asService, asTenant, type Tenant } from '../../shared/database/row-security';
import { companyBrain, companySessions, userBrain } from '../../shared/database/schema-brain';
import { overEachEngine } from '../support/databases';

const rowsOf = async <Row>(db: Pick<Db, 'execute'>, query: ReturnType<typeof sql>) =>
  ((await db.execute(query)) as unknown as { rows: Row[] }).rows;

/** Tables and views that Postgres shows to every tenant: without forced row-level security, or with a policy that asks for nobody. */
const openTables = async (db: Pick<Db, 'execute'>) => {
  const found = await rowsOf<{ name: string }>(
    db,
    sql`select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
      and not (relrowsecurity and relforcerowsecurity
        and exists (select from pg_policy where polrelid = pg_class.oid and polroles = array['keepsake_tenant'::regrole::oid])
        and not exists (select from pg_policy where polrelid = pg_class.oid
          and (polroles && array['keepsake_tenant'::regrole::oid, 0::oid])
          and coalesce(pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) not like '%current_setting(%'))
      order by 1`,
  );
  return found.map(({ name }) => name);
};

/** They have no owner: counters, runs and leases, and jobs that the service alone works on. */
const ownerless = ['jobs', 'leases', 'migration_runs', 'shadow_reads', 'stat_counters', 'sync_runs'];

const fact = (id: string, content: string) => ({
  ...{ id, slug: 'a_slug', category: 'test', content, addedBy: id, operationId: id, state: 'pending' as const },
  ...{ extraMetadata: {}, createdAt: new Date(), updatedAt: new Date() },
});
const uuid = (last: number) => `00000000-0000-4000-8000-00000000000${last}`;
const session = (userId: string, companyId: string, minutes: number) => ({
  ...{ userId, companyId, createdAt: new Date(), expiresAt: new Date(Date.now() + minutes * 60_000) },
});

describe('row-level security', () => {
  overEachEngine((database) => {
    let db: Db;
    beforeAll(async () => {
      db = await database().open();
      await asService(db, async (tx) => {
        await tx.insert(userBrain).values([
          { ...fact(uuid(1), 'of Ana'), ownerId: 'ana' },
          { ...fact(uuid(2), 'of Ben'), ownerId: 'ben' },
        ]);
        await tx.insert(companyBrain).values([
          { ...fact(uuid(3), 'of Acme'), ownerId: 'acme' },
          { ...fact(uuid(4), 'of Bolt'), ownerId: 'bolt' },
        ]);
        const sessions = [session('ana', 'acme', 60), session('ana', 'bolt', -1), session('ben', 'bolt', 60)];
        await tx.insert(companySessions).values(sessions);
      });
    });

    const seenBy = (tenant: Tenant) =>
      asTenant(db, tenant, async (tx) => {
        const people = await tx.select({ content: userBrain.content }).from(userBrain);
        const firms = await tx.select({ content: companyBrain.content }).from(companyBrain);
        const sessions = await tx.select().from(companySessions);
        return [
          ...[...people, ...firms].map(({ content }) => content),
          ...sessions.map(({ userId, companyId }) => `${userId} at ${companyId}`),
        ].sort();
      });

    it('is on every table with an owner, and a table without it is seen', async () => {
      expect(await openTables(db)).toEqual(ownerless);
      const columns = sql`select table_name from information_schema.columns where table_schema = 'public' and table_name = any(${sql.param(ownerless)}::text[]) and column_name in ('user_id', 'company_id', 'owner_id')`;
      expect(await rowsOf(db, columns)).toEqual([]);
      const rolledBack = new Error('rolled back');
      const trying = db.transaction(async (tx) => {
        await tx.execute(sql`set local role none`);
        await tx.execute(sql`create table later (user_id text)`);
        await tx.execute(sql`create view everybody as select * from user_brain`);
        await tx.execute(sql`create policy all_of_it on profiles to keepsake_tenant using (true)`);
        await tx.execute(sql`alter table goals no force row level security`);
        expect(await openTables(tx)).toEqual([...ownerless, 'everybody', 'goals', 'later', 'profiles'].sort());
        throw rolledBack;
      });
      await expect(trying).rejects.toBe(rolledBack);
    });

    it('shows a person their own rows, and those of companies where they have a session that has not expired', async () => {
      expect(await seenBy({ userId: 'ana' })).toEqual(['ana at acme', 'ana at bolt', 'of Acme', 'of Ana']);
      expect(await seenBy({ userId: 'ben' })).toEqual(['ben at bolt', 'of Ben', 'of Bolt']);
      expect(await seenBy({ companyId: 'acme' })).toEqual(['ana at acme', 'of Acme']);
    });

    it.each([
      ['somebody without a session', { userId: 'carl' }],
      ['nobody', { userId: '' }],
      ['no company', { companyId: '' }],
      ['a person of a company’s name', { userId: 'acme' }],
      ['a company of a person’s name', { companyId: 'ana' }],
      ['SQL that is always true', { userId: `x' OR '1'='1` }],
      ['SQL that gives up the role', { userId: `'; reset role; --` }],
      ['SQL that gives up the role of a company', { companyId: `'; set local role keepsake_service; --` }],
      ['the name of a table', { companyId: 'company_sessions' }],
    ])('shows nothing to %s', async (_, tenant) => {
      expect(await seenBy(tenant)).toEqual([]);
    });

    it('shows none of these rows to a statement that acts for nobody, nor after a transaction has ended', async () => {
      for (const tenant of [{ userId: 'ana' }, { companyId: 'acme' }]) await seenBy(tenant);
      expect(await db.select().from(userBrain)).toEqual([]);
      expect(await db.select().from(companyBrain)).toEqual([]);
      expect(await db.select().from(companySessions)).toEqual([]);
    });

    const refused = { cause: expect.objectContaining({ code: '42501' }) };

    it('lets nobody write for another, nor give themselves a session', async () => {
      const asAna = (work: (tx: Db) => Promise<unknown>) => asTenant(db, { userId: 'ana' }, work);
      await expect(
        asAna((tx) => tx.insert(userBrain).values({ ...fact(uuid(5), 'x'), ownerId: 'ben' })),
      ).rejects.toMatchObject(refused);
      await expect(
        asAna((tx) => tx.insert(companyBrain).values({ ...fact(uuid(5), 'x'), ownerId: 'bolt' })),
      ).rejects.toMatchObject(refused);
      await expect(asAna((tx) => tx.update(companyBrain).set({ ownerId: 'bolt' }))).rejects.toMatchObject(refused);
      await expect(
        asAna((tx) => tx.insert(companySessions).values(session('ana', 'cobalt', 60))),
      ).rejects.toMatchObject(refused);
      const prolong = { expiresAt: new Date(Date.now() + 60_000) };
      expect(await asAna((tx) => tx.update(companySessions).set(prolong).returning())).toEqual([]);
      expect(await asAna((tx) => tx.delete(companyBrain).returning())).toMatchObject([{ ownerId: 'acme' }]);
      expect(await seenBy({ companyId: 'bolt' })).toEqual(['ana at bolt', 'ben at bolt', 'of Bolt']);
    });

    it.each([
      "select user_id, name from person_names where trigrams && array['abc']",
      "select * from memories where user_id = 'ana' order by created_at desc limit 10",
      "select * from outbox o join goals g on g.user_id = o.user_id where o.user_id = 'ana'",
    ])('leaves the app the plan that there is without it: %s', async (query) => {
      const planFor = (role: string) =>
        db.transaction(async (tx) => {
          await tx.execute(sql.raw(`set local role ${role}`));
          await tx.execute(sql`set local enable_seqscan = off`);
          return rowsOf(tx, sql.raw(`explain (costs off) ${query}`));
        });
      expect(await planFor('keepsake_app')).toEqual(await planFor('none'));
      expect(JSON.stringify(await planFor('keepsake_tenant'))).toContain('keepsake.user_id');
    });

    it('keeps a tenant from tables without an owner', async () => {
      for (const table of ownerless)
        await expect(
          asTenant(db, { userId: 'ana' }, (tx) => tx.execute(sql`select from ${sql.identifier(table)}`)),
        ).rejects.toMatchObject(refused);
    });

    it('ends with its transaction also where that fails', async () => {
      const failed = db.transaction(async (tx) => {
        await actAs(tx, { userId: 'ana' });
        throw new Error('half-way');
      });
      await expect(failed).rejects.toThrow('half-way');
      expect(
        await rowsOf(db, sql`select current_user as name, current_setting('keepsake.user_id', true) as id`),
      ).toEqual([{ name: 'keepsake_app', id: expect.stringMatching(/^$/) }]);
    });
  });
});

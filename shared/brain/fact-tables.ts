import { sql } from 'drizzle-orm';
import type { Db } from '../database/client';
import { actAs, actAsService, type Tenant } from '../database/row-security';
import { brainOwners, companyBrain, companyBrainEvents, userBrain, userBrainEvents } from '../database/schema-brain';
import type { BrainEvent, BrainRow, Owner } from './brain-contract';

/** A row of either table. */
export type FactRow = typeof userBrain.$inferSelect;
export type FactEvent = typeof userBrainEvents.$inferSelect;

/** The two tables of facts, and those of their history, have the same columns under the same names: one type stands for both. */
export const factsOf = (kind: Owner['kind']) => (kind === 'users' ? userBrain : companyBrain) as typeof userBrain;
export const eventsOf = (kind: Owner['kind']) =>
  (kind === 'users' ? userBrainEvents : companyBrainEvents) as typeof userBrainEvents;

export const kinds: readonly Owner['kind'][] = ['users', 'companies'];

/** For whom a transaction acts: a person, the owner itself, or nobody in particular, where it goes over many owners. */
export type Actor = Tenant | 'service';
export const ownerAsActor = ({ kind, id }: Owner): Tenant => (kind === 'users' ? { userId: id } : { companyId: id });
export const actAsActor = (tx: Pick<Db, 'execute'>, actor: Actor) =>
  actor === 'service' ? actAsService(tx) : actAs(tx, actor);

/**
 * Locks owners until the transaction ends, those that are new to us, too; in the order of their ids, so that nobody waits for each other.
 * Gives what each of them is: another kind than was asked for where the id is taken.
 */
export async function lockOwners(tx: Pick<Db, 'insert'>, owners: Owner[]): Promise<Map<string, Owner['kind']>> {
  const given = JSON.stringify(owners.map(({ id, kind }) => ({ user_id: id, kind })));
  const rows = await tx
    .insert(brainOwners)
    .select(
      sql`select distinct on (user_id) user_id, kind from json_to_recordset(${given}::json) as given(user_id text, kind text) order by user_id`,
    )
    .onConflictDoUpdate({ target: brainOwners.userId, set: { kind: brainOwners.kind } })
    .returning();
  return new Map(rows.map(({ userId, kind }) => [userId, kind]));
}

export const toBrainRow = ({
  ownerId: _,
  addedBy: _by,
  operationId: _op,
  extraMetadata,
  ...row
}: FactRow): BrainRow => ({
  ...row,
  metadata: extraMetadata,
});

export const toBrainEvent = ({ slug, event, source, previousContent, content, at }: FactEvent): BrainEvent => ({
  ...{ slug, event, source, previousContent, content, at },
});

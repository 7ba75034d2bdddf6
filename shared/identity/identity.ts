import { randomUUID } from 'node:crypto';
import { and, eq, or, sql } from 'drizzle-orm';
import type { Database, Db } from '../database/client';
import { channelAddresses } from '../database/schema';
import { toAddress } from './address';
import type { Address, Channel, Identity } from './identity-contract';

const { kind, address, userId: owner } = channelAddresses;
type Claim = Parameters<Identity['claim']>[0][number];

const isAt = (one: Address) => and(eq(kind, one.kind), eq(address, one.address));
const keyOf = (one: Address) => `${one.kind} ${one.address}`;

export function createIdentity(database: Database, now: () => Date): Identity {
  /** Who has these addresses, by their key; those that nobody has are left out. */
  const ownersOf = async (db: Db, addresses: Address[]): Promise<Map<string, string>> => {
    if (addresses.length === 0) return new Map();
    const rows = await db
      .select()
      .from(channelAddresses)
      .where(or(...addresses.map(isAt)));
    return new Map(rows.map((row) => [keyOf(row), row.userId]));
  };

  /**
   * Who has these addresses from now on: who had them, else the person given. One statement, so that two first messages make one person,
   * and in one order, so that two of them never wait for each other.
   */
  const take = async (db: Pick<Db, 'insert'>, wanted: Map<string, Claim>): Promise<Map<string, string>> => {
    if (wanted.size === 0) return new Map();
    const rows = await db
      .insert(channelAddresses)
      .values(
        [...wanted.keys()].sort().map((key) => {
          const { address: claimed, userId } = wanted.get(key) as Claim;
          return { ...claimed, userId, createdAt: now() };
        }),
      )
      .onConflictDoUpdate({ target: [kind, address], set: { kind: sql`excluded.kind` } })
      .returning();
    return new Map(rows.map((row) => [keyOf(row), row.userId]));
  };

  const claimOne = async (db: Pick<Db, 'insert'>, claimed: Address, userId: string): Promise<string> => {
    const taken = await take(db, new Map([[keyOf(claimed), { address: claimed, userId }]]));
    return taken.get(keyOf(claimed)) ?? userId;
  };

  const claim: Identity['claim'] = async (claims) => {
    const db = await database.open();
    const owners = await ownersOf(
      db,
      claims.map((one) => one.address),
    );
    const free = new Map<string, Claim>();
    for (const one of claims) {
      const key = keyOf(one.address);
      if (!owners.has(key) && !free.has(key)) free.set(key, one);
    }
    const taken = await take(db, free);
    return claims.map(({ address: claimed, userId }) => {
      const key = keyOf(claimed);
      return owners.get(key) ?? taken.get(key) ?? userId;
    });
  };

  const resolve: Identity['resolve'] = async (channel) => {
    const [userId] = await claim([{ address: toAddress(channel), userId: randomUUID() }]);
    return userId as string;
  };

  const personOf = async (db: Db, userId: string) => {
    const own = await db
      .select({ kind, address })
      .from(channelAddresses)
      .where(eq(owner, userId))
      .orderBy(kind, address);
    return { userId, addresses: own };
  };

  const person: Identity['person'] = async ({ userId, channel }) => {
    if (userId !== undefined) return userId;
    if (channel) return resolve(channel);
    throw new Error('neither an id nor an address names the person');
  };

  const inGroup = async (sender: Channel, participants: Channel[]) => {
    const speaking = toAddress(sender, 'sender.address');
    const listed = participants.map((channel, i) => toAddress(channel, `participants.${i}.address`));
    const key = keyOf(speaking);
    const keys = listed.map(keyOf);
    const db = await database.open();
    const owners = await ownersOf(db, [speaking, ...listed]);
    if (keys.includes(key) && !owners.has(key)) owners.set(key, await claimOne(db, speaking, randomUUID()));
    const known = new Set(keys.flatMap((one) => owners.get(one) ?? []));
    const userId = owners.get(key);
    return { userId: userId !== undefined && known.has(userId) ? userId : null, participants: [...known] };
  };

  return {
    resolve,
    person,
    owners: async (addresses) => {
      const owners = await ownersOf(await database.open(), addresses);
      return addresses.map((one) => owners.get(keyOf(one)) ?? null);
    },
    claim,
    // The address of these two stands in the route.
    find: async (channel) => {
      const wanted = toAddress(channel, 'address');
      const db = await database.open();
      const userId = (await ownersOf(db, [wanted])).get(keyOf(wanted));
      return userId === undefined ? null : personOf(db, userId);
    },
    unlink: async (channel) => {
      const unlinked = toAddress(channel, 'address');
      const db = await database.open();
      const [row] = await db.delete(channelAddresses).where(isAt(unlinked)).returning({ userId: owner });
      return row ? personOf(db, row.userId) : null;
    },
    speaker: async ({ sender, participants, ...named }) =>
      sender && participants ? inGroup(sender, participants) : { userId: await person(named) },
    link: async (userId, channel) => {
      const linked = toAddress(channel);
      const db = await database.open();
      // The claim locks the row until the end of the transaction, so nobody takes it in between.
      const previous = await db.transaction(async (tx) => {
        const had = await claimOne(tx, linked, userId);
        if (had !== userId) await tx.update(channelAddresses).set({ userId }).where(isAt(linked));
        return had;
      });
      return { ...(await personOf(db, userId)), previousUserId: previous === userId ? null : previous };
    },
  };
}

import { randomUUID } from 'node:crypto';
import { and, eq, or } from 'drizzle-orm';
import type { Database, Db } from '../database/client';
import { channelAddresses } from '../database/schema';
import { toAddress } from './address';
import type { Address, Channel, Identity } from './identity-contract';

const { kind, address, userId: owner } = channelAddresses;
const isAt = (one: Address) => and(eq(kind, one.kind), eq(address, one.address));
const keyOf = (one: Address) => `${one.kind} ${one.address}`;

export function createIdentity(database: Database, now: () => Date): Identity {
  /** Who has the address from now on: who had it, else `userId`. One statement, so that two first messages make one person. */
  const claim = async (db: Pick<Db, 'insert'>, claimed: Address, userId: string): Promise<string> => {
    const [row] = await db
      .insert(channelAddresses)
      .values({ ...claimed, userId, createdAt: now() })
      .onConflictDoUpdate({ target: [kind, address], set: { kind: claimed.kind } })
      .returning({ userId: owner });
    if (!row) throw new Error('an upsert returned no row');
    return row.userId;
  };

  /** Who has these addresses, by their key; those that nobody has are left out. There must be one at least. */
  const ownersOf = async (db: Db, addresses: Address[]): Promise<Map<string, string>> => {
    const rows = await db
      .select()
      .from(channelAddresses)
      .where(or(...addresses.map(isAt)));
    return new Map(rows.map((row) => [keyOf(row), row.userId]));
  };

  const resolve: Identity['resolve'] = async (channel) => {
    const wanted = toAddress(channel);
    const db = await database.open();
    const owners = await ownersOf(db, [wanted]);
    return owners.get(keyOf(wanted)) ?? claim(db, wanted, randomUUID());
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
    if (keys.includes(key) && !owners.has(key)) owners.set(key, await claim(db, speaking, randomUUID()));
    const known = new Set(keys.flatMap((one) => owners.get(one) ?? []));
    const userId = owners.get(key);
    return { userId: userId !== undefined && known.has(userId) ? userId : null, participants: [...known] };
  };

  return {
    resolve,
    person,
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
        const had = await claim(tx, linked, userId);
        if (had !== userId) await tx.update(channelAddresses).set({ userId }).where(isAt(linked));
        return had;
      });
      return { ...(await personOf(db, userId)), previousUserId: previous === userId ? null : previous };
    },
  };
}

import { randomUUID } from 'node:crypto';
import { and, eq, lte } from 'drizzle-orm';
import type { Database } from '../database/client';
import { leases } from '../database/schema';

/** Work that one process at a time may do, over all instances. Methods reject when the database cannot be reached. */
export interface Leases {
  /** Gives the work to the caller for `forMs`, or until `free` is called; null while somebody else has it. */
  take(name: string, forMs: number): Promise<{ free(): Promise<void> } | null>;
}

export function createLeases(database: Database, now: () => Date): Leases {
  return {
    take: async (name, forMs) => {
      const db = await database.open();
      const at = now();
      const taken = { name, holder: randomUUID(), heldUntil: new Date(at.getTime() + forMs) };
      const rows = await db
        .insert(leases)
        .values(taken)
        .onConflictDoUpdate({ target: leases.name, set: taken, setWhere: lte(leases.heldUntil, at) })
        .returning({ holder: leases.holder });
      if (rows[0]?.holder !== taken.holder) return null;
      const free = async () => {
        await db.delete(leases).where(and(eq(leases.name, name), eq(leases.holder, taken.holder)));
      };
      return { free };
    },
  };
}

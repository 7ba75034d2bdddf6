import { randomUUID } from 'node:crypto';
import { and, asc, eq, inArray, isNull, lt, lte, or } from 'drizzle-orm';
import type { Database, Db } from '../database/client';
import { openWithFreedLeases } from '../database/freed-leases';
import { jobs } from '../database/schema-brain';

export type Job = typeof jobs.$inferSelect;

/** Thrown where another process has taken the job: what was done with it does not count. */
export class JobLostError extends Error {
  override readonly name = 'JobLostError';
}

/** Jobs as Postgres keeps them. Every method rejects when the database cannot be reached. */
export interface JobRows {
  add(job: Pick<Job, 'kind' | 'subject' | 'subjectId'>): Promise<Job>;
  get(id: string): Promise<Job | null>;
  /** Gives the caller the oldest job that is not done and that nobody works on; null where there is none. */
  take(): Promise<Job | null>;
  /** Notes how far it has come, in the caller's transaction, and keeps the job for a while longer. Rejects with `JobLostError` where it is another process's by now. */
  advance(tx: Pick<Db, 'update'>, job: Job, changes: Partial<Job>): Promise<Job>;
  /** Ends it, or leaves it to whoever takes it next, as its state says. */
  release(job: Job): Promise<void>;
}

/** How long a process may be silent before another one goes on with its job: longer than a page takes. */
const leaseMs = 60_000;
const keptMs = 30 * 86_400_000;

export function createJobRows(database: Database, now: () => Date): JobRows {
  const open = openWithFreedLeases(database, (db) => db.update(jobs).set({ leasedUntil: null }));
  const unfinished = inArray(jobs.state, ['queued', 'running']);
  const leased = () => ({ leasedUntil: new Date(now().getTime() + leaseMs), updatedAt: now() });
  /** A lease is told from the next one by its end. */
  const own = ({ id, leasedUntil }: Job) =>
    and(eq(jobs.id, id), leasedUntil ? eq(jobs.leasedUntil, leasedUntil) : isNull(jobs.leasedUntil));

  return {
    add: async (job) => {
      const db = await open();
      const at = now();
      await db.delete(jobs).where(lt(jobs.updatedAt, new Date(at.getTime() - keptMs)));
      const begun = { state: 'queued' as const, errors: {}, createdAt: at, updatedAt: at };
      const [row] = await db
        .insert(jobs)
        .values({ id: randomUUID(), ...job, ...begun })
        .returning();
      if (!row) throw new Error('Postgres kept no job');
      return row;
    },
    get: async (id) => {
      const [row] = await (await open()).select().from(jobs).where(eq(jobs.id, id));
      return row ?? null;
    },
    take: async () => {
      const db = await open();
      const next = db
        .select({ id: jobs.id })
        .from(jobs)
        .where(and(unfinished, or(isNull(jobs.leasedUntil), lte(jobs.leasedUntil, now()))))
        .orderBy(asc(jobs.createdAt), asc(jobs.id))
        .limit(1)
        .for('update', { skipLocked: true });
      const [row] = await db
        .update(jobs)
        .set({ state: 'running', ...leased() })
        .where(inArray(jobs.id, next))
        .returning();
      return row ?? null;
    },
    advance: async (tx, job, changes) => {
      const [row] = await tx
        .update(jobs)
        .set({ ...changes, ...leased() })
        .where(own(job))
        .returning();
      if (!row) throw new JobLostError();
      return row;
    },
    release: async (job) => {
      const db = await open();
      await db.update(jobs).set({ state: job.state, leasedUntil: null, updatedAt: now() }).where(own(job));
    },
  };
}

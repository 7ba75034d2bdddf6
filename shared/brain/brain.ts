import { randomUUID } from 'node:crypto';
import { and, asc, eq, type SQL } from 'drizzle-orm';
import type { Settings } from '../config/settings';
import type { Database, Db } from '../database/client';
import { actAsApp, asTenant } from '../database/row-security';
import { ProblemError } from '../http/problem';
import type { Delivery } from '../memory/delivery';
import { unavailable } from '../memory/durable-write';
import { insertWrites } from '../memory/outbox';
import { showUntilThen } from '../memory/shown';
import type { Tombstones } from '../memory/tombstones';
import type { Masking, Redaction } from '../redaction/redaction';
import { type Deadline, raceSignal } from '../resilience/deadline';
import { isDatabaseUnreachable } from '../resilience/unreachable';
import type { SearchIndex } from '../search/index';
import type { PointBuilder } from '../search/points';
import { describeError, type Logger } from '../telemetry/logger';
import type { Brain, Fact, Owner, SaveReport } from './brain-contract';
import { toDeletions } from './delete-facts';
import { createEntityIds } from './entity-id';
import { toNewMemory, toRemoval } from './fact-memory';
import {
  type Actor,
  actAsActor,
  eventsOf,
  type FactRow,
  factsOf,
  ownerAsActor,
  toBrainEvent,
  toBrainRow,
} from './fact-tables';
import { type Entry, forgetRefused, type Saved, saveFacts, writeEvents } from './save-facts';

export interface BrainDependencies {
  database: Database;
  delivery: Delivery;
  index: SearchIndex;
  points: PointBuilder;
  tombstones: Tombstones;
  redaction: Redaction;
  settings: Pick<Settings, 'ENTITY_ID'>;
  logger: Logger;
  now: () => Date;
}

/** How long a request waits for the provider; what is left of its budget for the answer. */
const waitMs = 1_500;
const answerMs = 200;

/** Facts by slug; see `Brain`. */
export function createBrain(dependencies: BrainDependencies): Brain {
  const { database, delivery, index, tombstones, redaction, settings, logger, now } = dependencies;
  const ids = createEntityIds(settings.ENTITY_ID);

  const toOwner = ({ kind, id }: Owner): Owner => ({ kind, id: ids.normalise(kind, id) });
  const toActor = (owner: Owner, asUser: string | undefined): Exclude<Actor, 'service'> =>
    asUser === undefined ? ownerAsActor(owner) : { userId: ids.normalise('users', asUser, 'user_id') };

  /** Each slug once, with the value that was given last, as it is to be kept. */
  const toEntry = (owner: Owner, facts: Fact[], masking: Masking): Entry => {
    const masked = facts.map((fact): [string, Fact] => {
      const { slug, category, content, metadata } = fact;
      return [slug, { slug, category, content: masking.text(content), metadata: metadata && masking.deep(metadata) }];
    });
    return { owner, facts: [...new Map(masked).values()] };
  };

  const keep = async <T>(entries: Entry[], actor: Actor, then: (saved: Saved[], tx: Db) => Promise<T>): Promise<T> => {
    const db = await database.open();
    return db.transaction(async (tx) => then(await saveFacts(tx, entries, actor, now()), tx));
  };

  /** Work that changes something, or 503: then nothing was changed. */
  const durably = async <T>(work: Promise<T>, deadline: Deadline): Promise<T> => {
    const { signal } = deadline.within(deadline.remainingMs() - answerMs);
    try {
      return await raceSignal(work, signal);
    } catch (error) {
      if (!isDatabaseUnreachable(error) && !signal.aborted) throw error;
      logger.error('brain not written', describeError(error));
      throw unavailable('Nothing could be kept just now: the database cannot be reached.');
    }
  };

  const waitOf = (deadline: Deadline) => Math.min(waitMs, deadline.remainingMs() / 3);

  const save = async (given: Owner, facts: Fact[], deadline: Deadline, asUser?: string): Promise<SaveReport> => {
    const owner = toOwner(given);
    const masking = redaction();
    const entry = toEntry(owner, facts, masking);
    const saving = keep([entry], toActor(owner, asUser), async (kept) => kept).catch((error) => {
      if (asUser !== undefined && isForbidden(error)) return null;
      throw error;
    });
    const saved = await durably(saving, deadline);
    if (!saved) return toReport(entry, null, allOf(entry, 'no_session'));
    const [one] = saved as [Saved];
    if (one.isTaken) throw taken(owner);
    const wait = waitOf(deadline);
    const outcomes = await Promise.all(
      [...one.created, ...one.updated].map(async (row) => {
        // What the index shows of a changed value is its memory's point, or that of the write that adds it.
        const shown = { ...toNewMemory(owner, row), operationId: row.memoryId ?? row.addedBy };
        const { status } = await delivery.outcomeOf(
          owner.id,
          row.operationId,
          wait,
          showUntilThen(dependencies, shown),
        );
        return status === 'refused' ? [{ slug: row.slug, code: 'refused' }] : [];
      }),
    );
    return { ...toReport(entry, one, outcomes.flat()), ...masking.report() };
  };

  const select = async <T>(owner: Owner, asUser: string | undefined, read: (tx: Db) => Promise<T>): Promise<T> =>
    asTenant(await database.open(), toActor(owner, asUser), read);

  const readRows = (given: Owner, asUser: string | undefined, more?: (facts: ReturnType<typeof factsOf>) => SQL) => {
    const owner = toOwner(given);
    const facts = factsOf(owner.kind);
    const rows = (tx: Db) =>
      tx
        .select()
        .from(facts)
        .where(and(eq(facts.ownerId, owner.id), more?.(facts)))
        .orderBy(asc(facts.slug));
    return select(owner, asUser, rows);
  };

  return {
    saveUserMemories: (id, facts, deadline) => save({ kind: 'users', id }, facts, deadline),
    saveCompanyMemories: (id, facts, deadline, asUser) => save({ kind: 'companies', id }, facts, deadline, asUser),
    saveAll: async (given, also) => {
      const entries = given.map(({ owner, facts }) => toEntry(toOwner(owner), facts, redaction()));
      return keep(entries, 'service', async (saved, tx) => {
        const reports = entries.map((entry, i) => {
          const one = saved[i] as Saved;
          return toReport(entry, one, one.isTaken ? allOf(entry, 'id_taken') : []);
        });
        await also?.(tx, reports);
        return reports;
      });
    },
    list: async (owner, asUser) => {
      const reading = readRows(owner, asUser);
      return reading.then(
        (rows) => rows.map(toBrainRow),
        (error) => {
          if (isDatabaseUnreachable(error)) return null;
          throw error;
        },
      );
    },
    get: async (owner, slug, asUser) => {
      const [row] = await readRows(owner, asUser, (facts) => eq(facts.slug, slug));
      return row ? toBrainRow(row) : null;
    },
    delete: async (given, slug, deadline, asUser) => {
      const owner = toOwner(given);
      const facts = factsOf(owner.kind);
      const operationId = randomUUID();
      const remove = async (): Promise<FactRow | null> => {
        const db = await database.open();
        return db.transaction(async (tx) => {
          await actAsActor(tx, toActor(owner, asUser));
          const [row] = await tx
            .delete(facts)
            .where(and(eq(facts.ownerId, owner.id), eq(facts.slug, slug)))
            .returning();
          if (!row) return null;
          await writeEvents(tx, owner.kind, toDeletions([row], 'us', now()));
          await actAsApp(tx);
          await forgetRefused(tx, [row]);
          await insertWrites(tx, [toRemoval(owner, row.memoryId ?? row.addedBy, operationId)], now());
          return row;
        });
      };
      const row = await durably(remove(), deadline);
      if (!row) return false;
      const memoryId = row.memoryId ?? row.addedBy;
      await delivery.outcomeOf(owner.id, operationId, waitOf(deadline), async (signal) => {
        await tombstones.set(owner.id, [memoryId], null);
        await index.remove(owner.id, [memoryId], signal);
      });
      return true;
    },
    history: async (given, slug, asUser) => {
      const owner = toOwner(given);
      const events = eventsOf(owner.kind);
      const rows = await select(owner, asUser, (tx) =>
        tx
          .select()
          .from(events)
          .where(and(eq(events.ownerId, owner.id), eq(events.slug, slug)))
          .orderBy(asc(events.at), asc(events.id)),
      );
      return rows.map(toBrainEvent);
    },
  };
}

const allOf = ({ facts }: Entry, code: string) => facts.map(({ slug }) => ({ slug, code }));

/** What was not kept, and what the provider will not take, is told by slug. */
const toReport = ({ facts }: Entry, saved: Saved | null, errors: SaveReport['errors']): SaveReport => ({
  success: errors.length === 0,
  savedCount: facts.length - errors.length,
  failedCount: errors.length,
  errors,
  created: saved?.created.length ?? 0,
  updated: saved?.updated.length ?? 0,
});

const names: Record<Owner['kind'], string> = { users: 'person', companies: 'company' };

const taken = ({ kind }: Owner) =>
  new ProblemError(
    409,
    `This id is taken by a ${names[kind === 'users' ? 'companies' : 'users']}: their memories would mix. Give the ${names[kind]} another one.`,
  );

/** What Postgres says of a row that a policy does not let through: insufficient_privilege. */
function isForbidden(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return code === '42501' || isForbidden(cause);
}

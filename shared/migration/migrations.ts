import { ProblemError } from '../http/problem';
import { createDeadline, type Deadline } from '../resilience/deadline';
import type { Leases } from '../sync/leases';
import { describeError, type Logger } from '../telemetry/logger';
import {
  type Endpoint,
  MigrationError,
  type MigrationRequest,
  type MigrationStatus,
  type Migrator,
} from './migration-contract';

/** What is asked for over HTTP: providers by their names alone, for a file would be one of the server's. */
export interface MigrationOrder extends Omit<MigrationRequest, 'from' | 'to' | 'dryRun' | 'mapping'> {
  from: Extract<Endpoint, string>;
  to: Extract<Endpoint, string>;
  /** `incremental`: only what was made or changed since the pair's last run that is done began. */
  mode: 'full' | 'incremental';
}

/**
 * Migrations that nobody waits for: they run behind the reply, and a timer goes on with those that a crash left, or a vendor that was
 * away. Methods reject with `ProblemError` for what the caller can put right, and as the database does.
 */
export interface Migrations {
  /** Notes the run and begins it; 409 while another one of the pair is under way, 400 where a provider is not set up. */
  start(order: MigrationOrder): Promise<MigrationStatus>;
  /** Counts and estimates, and writes nothing; 503 where that takes longer than there is time. */
  estimate(order: MigrationOrder, deadline: Deadline): Promise<MigrationStatus>;
  /** With the report once it has ended; null where there is none of this id. */
  find(id: string): Promise<{ status: MigrationStatus; report: string | null } | null>;
  /** Goes on with what is to be gone on with, one run after the other, within `budgetMs`. Rejects only as the database does. */
  run(budgetMs: number): Promise<void>;
  /** Leaves what runs here at its next checkpoint to whoever runs next, and resolves once it has. */
  stop(): Promise<void>;
}

export interface MigrationsDependencies {
  migrator: Migrator;
  leases: Leases;
  logger: Logger;
}

/** Behind a reply: below host.json's functionTimeout. */
const behindReplyMs = 270_000;
const startMs = 10_000;
/** Runs among which another one of the pair is looked for. */
const latest = 20;
const statuses: Partial<Record<MigrationError['code'], number>> = { unknown_run: 404, busy: 409 };

export function createMigrations({ migrator, leases, logger }: MigrationsDependencies): Migrations {
  const stopping = new AbortController();
  const under = new Set<Promise<void>>();

  /** A run is never `paused` by this end: the deadline's is that of a time that is up, see `Migrator.resume`. */
  const goOn = async (id: string, deadline: Deadline): Promise<void> => {
    try {
      await migrator.resume(id, undefined, deadline.signal);
    } catch (error) {
      const reason = error instanceof MigrationError ? error.code : null;
      logger.warn('migration not gone on with', { reason, ...(reason === null && describeError(error)) });
    }
  };
  const behindReply = (id: string): void => {
    const running = goOn(id, createDeadline(behindReplyMs, stopping.signal)).finally(() => under.delete(running));
    under.add(running);
  };

  const latestOf = async ({ from, to }: MigrationOrder) =>
    (await migrator.runs(latest)).filter((run) => run.from === from && run.to === to);

  const toRequest = async ({ mode, ...order }: MigrationOrder): Promise<MigrationRequest> => {
    if (mode === 'full') return order;
    const last = (await latestOf({ mode, ...order })).find(({ state }) => state === 'done');
    return { ...order, since: last?.startedAt };
  };

  return {
    start: async (order) => {
      const starting = await leases.take(`migration ${order.from} ${order.to}`, startMs);
      if (!starting) throw busy();
      try {
        const other = (await latestOf(order)).find(({ state }) => state === 'running');
        if (other) throw busy(other.id);
        const id = await asProblem(toRequest(order).then(migrator.plan));
        const status = await migrator.status(id);
        if (!status) throw new Error('A run that was planned is not there');
        behindReply(id);
        return status;
      } finally {
        await starting.free();
      }
    },
    estimate: async (order, { signal }) => {
      const request = await asProblem(toRequest(order));
      return asProblem(migrator.run({ ...request, dryRun: true }, undefined, signal)).catch((error) => {
        if (!signal.aborted) throw error;
        throw new ProblemError(503, 'There is too much to be counted in one request: name users, or use the command.');
      });
    },
    find: async (id) => {
      const status = await migrator.status(id);
      if (!status) return null;
      const hasEnded = status.state !== 'running' && status.state !== 'paused';
      return { status, report: hasEnded ? (await migrator.report(id)).markdown : null };
    },
    run: async (budgetMs) => {
      const deadline = createDeadline(budgetMs, stopping.signal);
      for (const id of await migrator.unfinished()) {
        if (deadline.signal.aborted) return;
        await goOn(id, deadline);
      }
    },
    stop: async () => {
      stopping.abort(new DOMException('This process ends.', 'TimeoutError'));
      await Promise.all(under);
    },
  };
}

const busy = (id?: string) =>
  new ProblemError(
    409,
    `A migration of this pair is under way${id ? `: GET /api/migrations/${id} tells how far` : ''}.`,
  );

/** What the caller can put right, as a problem. */
const asProblem = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error) => {
    if (error instanceof MigrationError) throw new ProblemError(statuses[error.code] ?? 400, error.message);
    throw error;
  });

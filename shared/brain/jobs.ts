import { setImmediate } from 'node:timers/promises';
import type { Settings } from '../config/settings';
import { notFound } from '../http/views';
import { createBulkDelivery } from '../memory/bulk-delivery';
import type { Delivery } from '../memory/delivery';
import type { MemoryProvider } from '../memory/provider';
import { createDeadline, raceSignal } from '../resilience/deadline';
import { isCutOff } from '../resilience/policy';
import { describeError, type Logger } from '../telemetry/logger';
import type { Owner } from './brain-contract';
import type { EntityIds } from './entity-id';
import { type Job, JobLostError } from './job-rows';
import { createLoadPage, type LoadPageDependencies } from './load-page';

export interface JobsDependencies extends LoadPageDependencies {
  entityIds: EntityIds;
  delivery: Delivery;
  provider: MemoryProvider;
  settings: Pick<Settings, 'MEM0_BATCH_SIZE'>;
  logger: Logger;
}

/** Work that is done behind the request that asked for it. Methods reject when the database cannot be reached. */
export interface Jobs {
  /**
   * Begins to load the brains of all people or companies, or of one, from their records. Throws ProblemError 400 for an id that cannot be one,
   * 404 where there is no such record.
   */
  start(subject: Owner['kind'], id?: string): Promise<Job>;
  /** null where there is none; a job is kept for 30 days after its last change. */
  get(id: string): Promise<Job | null>;
  /** Goes on with what is to be done, within `budgetMs`; not where this process does already, and another one may have the rest. */
  run(budgetMs: number): Promise<void>;
  /** Resolves once nothing is under way in this process. */
  idle(): Promise<void>;
  /** The same, but what is left is left, for whoever takes it next. */
  stop(): Promise<void>;
}

/** Below host.json's functionTimeout; the timer goes on. */
const behindReplyMs = 270_000;

export function createJobs(dependencies: JobsDependencies): Jobs {
  const { jobRows, entityIds, delivery, provider, settings, logger } = dependencies;
  const { loadPage, find } = createLoadPage(dependencies);
  const bulk = createBulkDelivery(delivery, () => settings.MEM0_BATCH_SIZE);
  const stopping = new AbortController();
  let behindReplies: Promise<void> = Promise.resolve();
  let isRunning = false;

  /** Page by page; while one is saved, the one before it is sent. */
  const work = async (taken: Job, signal: AbortSignal): Promise<void> => {
    let job = taken;
    let sent = Promise.resolve();
    try {
      while (!signal.aborted) {
        const page = await loadPage(job);
        job = page.job;
        if (page.isLast) break;
        await raceSignal(sent, signal).catch(() => undefined);
        // The embedded database answers without a turn of the event loop: requests would have none either.
        await setImmediate();
        // What cannot be sent now waits in the outbox, and needs no attempt.
        if (!isCutOff(provider)) sent = bulk.send(page.owners.map(({ id }) => id));
      }
      job = { ...job, state: signal.aborted ? 'running' : job.failed > 0 && job.loaded === 0 ? 'failed' : 'done' };
      await jobRows.release(job);
    } catch (error) {
      if (!(error instanceof JobLostError)) throw error;
    } finally {
      const { subject, state, total, loaded, failed, memoriesCreated: created } = job;
      logger.info('job', { subject, state, total, loaded, failed, created });
    }
  };

  const run = async (budgetMs: number): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    const { signal } = createDeadline(budgetMs, stopping.signal);
    const next = async () => (signal.aborted ? null : jobRows.take());
    try {
      for (let job = await next(); job; job = await next()) await work(job, signal);
    } finally {
      isRunning = false;
    }
  };

  return {
    start: async (subject, id) => {
      const subjectId = id === undefined ? null : entityIds.normalise(subject, id);
      if (subjectId !== null && !(await find(subject, subjectId)))
        throw notFound(subject === 'users' ? 'profile' : 'company');
      const job = await jobRows.add({ kind: 'load', subject, subjectId });
      // One after the other: each takes what is there by then.
      behindReplies = behindReplies
        .then(() => run(behindReplyMs))
        .catch((error) => logger.warn('job put off', describeError(error)));
      return job;
    },
    get: jobRows.get,
    run,
    idle: async () => {
      await behindReplies;
      await bulk.idle();
    },
    stop: async () => {
      stopping.abort();
      await behindReplies;
    },
  };
}

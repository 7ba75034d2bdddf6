import type { Database } from '../database/client';
import { createDeadline } from '../resilience/deadline';
import { isDatabaseUnreachable } from '../resilience/unreachable';
import { describeError, type Logger } from '../telemetry/logger';
import type { Brain, Owner, SaveReport } from './brain-contract';
import type { Company } from './companies';
import { findEmptied } from './emptied';
import { type Job, JobLostError, type JobRows } from './job-rows';
import { type Loaded, toFacts } from './loaders';
import type { Profile } from './profiles';
import type { Records } from './records';

export interface LoadPageDependencies {
  database: Database;
  profiles: Records<Profile>;
  companies: Records<Company>;
  brain: Pick<Brain, 'saveAll' | 'delete'>;
  jobRows: JobRows;
  logger: Logger;
}

type Entry = Loaded & { owner: Owner };

/** Records that are loaded together, in one transaction. */
const pageSize = 100;
const deleteMs = 10_000;

/** Loads the next records of a job into brains. What is not last has to be asked again, with the job that came back. */
export function createLoadPage({ database, profiles, companies, brain, jobRows, logger }: LoadPageDependencies) {
  const recordsOf = (subject: Owner['kind']): Records<Profile | Company> =>
    subject === 'users' ? profiles : companies;

  const find = async (kind: Owner['kind'], id: string) => {
    const record = await recordsOf(kind).get(id);
    return record && { owner: { kind, id }, record };
  };

  const read = async ({ subject, subjectId, cursor }: Job) => {
    if (subjectId === null) return recordsOf(subject).page(cursor, pageSize);
    const only = cursor === null ? await find(subject, subjectId) : null;
    return only ? [only] : [];
  };

  /** A fact whose field is empty now goes; the ones that others saved stay. */
  const removeEmptied = async (kind: Owner['kind'], entries: Entry[]) => {
    for (const { owner, slug } of await findEmptied(database, kind, entries))
      await brain.delete(owner, slug, createDeadline(deleteMs));
  };

  /** Saves them, and in the same transaction how far the job has come: after a crash it neither skips nor counts anybody twice. */
  const save = async (job: Job, entries: Entry[]): Promise<Job> => {
    let advanced = job;
    try {
      await removeEmptied(job.subject, entries);
      await brain.saveAll(entries, async (tx, reports) => {
        advanced = await jobRows.advance(tx, job, tally(job, entries, reports));
      });
      return advanced;
    } catch (error) {
      if (error instanceof JobLostError || isDatabaseUnreachable(error)) throw error;
      if (entries.length === 1) {
        logger.warn('record not loaded', { subject: job.subject, ...describeError(error) });
        const failed: SaveReport = { ...nothing, failedCount: 1, errors: [{ slug: '', code: 'failed' }] };
        return jobRows.advance(await database.open(), job, tally(job, entries, [failed]));
      }
      // Whoever among them cannot be saved fails alone.
      const half = Math.ceil(entries.length / 2);
      return save(await save(job, entries.slice(0, half)), entries.slice(half));
    }
  };

  return {
    /** null where there is no such record. */
    find,
    /** Rejects with `JobLostError` where another process has the job, and when the database cannot be reached. */
    loadPage: async (job: Job): Promise<{ job: Job; owners: Owner[]; isLast: boolean }> => {
      const isFirst = job.cursor === null;
      const total = isFirst && job.subjectId === null ? await recordsOf(job.subject).count() : job.total;
      const page = await read(job);
      const entries = page.map(({ owner, record }) => ({ owner, ...toFacts(owner.kind, record) }));
      const owners = page.map(({ owner }) => owner);
      return {
        job: entries.length > 0 ? await save({ ...job, total }, entries) : job,
        owners,
        isLast: page.length === 0,
      };
    },
  };
}

const nothing: SaveReport = { success: false, savedCount: 0, failedCount: 0, errors: [], created: 0, updated: 0 };

/** The job once these entries are done. Pure. */
function tally(job: Job, entries: Entry[], reports: SaveReport[]): Partial<Job> {
  const failures = reports.filter(({ success }) => !success);
  const errors = { ...job.errors };
  for (const { code } of failures.flatMap((report) => report.errors)) errors[code] = (errors[code] ?? 0) + 1;
  const loaded = job.loaded + reports.length - failures.length;
  const failed = job.failed + failures.length;
  const created = reports.reduce((sum, report) => sum + report.created, 0);
  return {
    ...{ cursor: entries.at(-1)?.owner.id ?? job.cursor, errors, loaded, failed },
    ...{ total: Math.max(job.total, loaded + failed), memoriesCreated: job.memoriesCreated + created },
  };
}

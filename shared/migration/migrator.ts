import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Database } from '../database/client';
import { createHomes } from '../memory/homes';
import type { MemoryProvider } from '../memory/provider';
import type { ProviderName, Selection } from '../memory/providers';
import type { Redaction } from '../redaction/redaction';
import { pause } from '../resilience/pause';
import type { Logger } from '../telemetry/logger';
import { atATime, flat } from './at-a-time';
import { createCheckpoints, type RunRow } from './checkpoints';
import { readCounts } from './counts';
import { estimate } from './estimate';
import { loadMapping, type SourceRecord } from './mapping';
import {
  type Endpoint,
  MigrationError,
  type MigrationStatus,
  type Migrator,
  type Progress,
  type SourceProblem,
} from './migration-contract';
import { writeExport } from './export-file';
import { toGivenRecords } from './given-records';
import { digestOf, writeManifest } from './manifest';
import { createOpening } from './opening';
import { OutageError, type Pace } from './pace';
import { createMoving } from './person';
import { type FullRequest, given, nameOf, readKept } from './request';
import { carryOut } from './running';
import { createGivenSource, type Source } from './source';
import { writeReport } from './report';
import { rollBack } from './rollback';
import { defaultTiming, type MigrationTiming } from './timing';
import { createValidating } from './validation';

export interface MigratorOptions {
  database: Database;
  /** A provider by its name. Throws `MigrationError` where it is not set up. */
  providers(name: MemoryProvider['name']): MemoryProvider;
  logger: Logger;
  redaction: Redaction;
  now: () => Date;
  /** An Ed25519 private key, PEM, to sign manifests with; it has no default. */
  signingKey(): string | undefined;
  timing?: Partial<MigrationTiming>;
  /** Which provider keeps memories, and which one new people's, where there is one. */
  selection?: Pick<Selection, 'first' | 'newPeople'>;
}

const never = new AbortController().signal;
const silently: Progress = () => undefined;

export function createMigrator({
  database,
  providers,
  logger,
  redaction,
  now,
  signingKey,
  timing: changes,
  selection,
}: MigratorOptions): Migrator {
  const timing = { ...defaultTiming, ...changes };
  const homes = createHomes(database, now);
  const { readAsked, sourceOf, targetOf, paceOf, open } = createOpening(providers, redaction, homes, selection, timing);
  const checkpoints = createCheckpoints(database, now, timing.leaseMs);

  const getRun = async (runId: string): Promise<RunRow> => {
    const run = await checkpoints.get(runId);
    if (!run) throw new MigrationError('unknown_run', `There is no run ${runId}.`);
    return run;
  };

  const toStatus = async (run: RunRow, problems: SourceProblem[] = []): Promise<MigrationStatus> => {
    const { id, source: from, target: to, state, startedAt, endedAt, lastError, keepUntil } = run;
    const counts = await readCounts(database, run, await loadMapping(readKept(run.request).mapping));
    return { id, from, to, state, dryRun: false, counts, problems, startedAt, endedAt, lastError, keepUntil };
  };

  /** A process that was killed has its run for a lease more: that is waited for. */
  const hold = async (runId: string, state: 'running' | 'rolled_back', pace: Pace, signal: AbortSignal) => {
    const until = performance.now() + timing.leaseMs;
    for (;;) {
      try {
        return await checkpoints.hold(runId, state, pace.takeCalls);
      } catch (error) {
        const isBusy = error instanceof MigrationError && error.code === 'busy';
        if (!isBusy || performance.now() > until || !(await pause(timing.leaseMs / 10, signal))) throw error;
      }
    }
  };

  const execute = async (runId: string, onProgress: Progress, signal: AbortSignal, handedOver?: Source) => {
    // Everybody who is moved waits on it, which is no leak.
    setMaxListeners(0, signal);
    const row = await getRun(runId);
    if (row.state === 'done') return toStatus(row);
    if (row.state === 'rolled_back') throw new MigrationError('not_resumable', `Run ${runId} was rolled back.`);
    const opened = await open(row, onProgress, handedOver).catch(async (error) => {
      await checkpoints.fail(runId, error instanceof MigrationError ? error.code : 'failed');
      throw error;
    });
    const { source, target, pace, mapping, request } = opened;
    try {
      const held = await hold(runId, 'running', pace, signal);
      if (row.state === 'paused') await checkpoints.retryRefused(runId);
      const moving = createMoving({ ...{ held, checkpoints, source, target, pace, mapping, request, now }, ...timing });
      const validate = async (people: string[]) => {
        const isGate = true;
        const validating = createValidating({ ...opened, checkpoints, sessionId: request.sessionId, isGate });
        await atATime(people, request.concurrency, (userId) => validating.check(userId, signal));
        return validating.result().passed;
      };
      const counts = async () => readCounts(database, held.run, mapping);
      const settle = async () => {
        if (request.newPeople) await homes.move(runId, row.source as ProviderName, null);
      };
      const { move } = moving;
      await carryOut({ held, source, request, logger, move, validate, counts, settle, onProgress }, signal);
      return await toStatus(await getRun(runId), source.problems().first);
    } finally {
      await source.close();
    }
  };

  const create = (request: Record<string, unknown>, from: string, to: Endpoint) =>
    checkpoints.create({ source: from, target: nameOf(to), request: JSON.parse(JSON.stringify(request)) });

  /** What leaves nothing behind that could be gone on with: a dry run, and a file, which is written whole or not at all. */
  const withoutCheckpoints = async (
    request: FullRequest,
    onProgress: Progress,
    signal: AbortSignal,
  ): Promise<MigrationStatus> => {
    const mapping = await loadMapping(request.mapping);
    const source = await sourceOf(request.from, request, onProgress);
    const isTogether = typeof request.to === 'string' && providers(request.to).addAll !== undefined;
    const startedAt = now();
    try {
      const to = nameOf(request.to);
      const from = nameOf(request.from);
      const counts =
        request.dryRun || typeof request.to === 'string'
          ? await estimate({ source, to, isTogether, mapping, request, onProgress }, signal)
          : await writeExport({ source, from, file: request.to.file, mapping, now, onProgress }, signal);
      const run = { id: randomUUID(), from, to, state: 'done' as const, dryRun: request.dryRun };
      const problems = source.problems().first;
      return { ...run, counts, problems, startedAt, endedAt: now(), lastError: null, keepUntil: null };
    } finally {
      await source.close();
    }
  };

  const handOver = async (records: SourceRecord[], to: Endpoint) => {
    const runId = await create({ to }, given, to);
    return execute(runId, silently, never, createGivenSource(records));
  };

  const run: Migrator['run'] = async (asked, onProgress = silently, signal = never) => {
    const request = await readAsked(asked);
    if (request.dryRun || typeof request.to !== 'string') return withoutCheckpoints(request, onProgress, signal);
    return execute(await create(request, nameOf(request.from), request.to), onProgress, signal);
  };

  return {
    run,
    plan: async (asked) => {
      const request = await readAsked(asked);
      return create(request, nameOf(request.from), request.to);
    },
    resume: (runId, onProgress = silently, signal = never) => execute(runId, onProgress, signal),
    status: async (runId) => {
      const row = runId === undefined ? (await checkpoints.latest(1))[0] : await checkpoints.get(runId);
      return row ? toStatus(row) : null;
    },
    runs: async (limit) => Promise.all((await checkpoints.latest(limit)).map((row) => toStatus(row))),
    unfinished: checkpoints.unfinished,
    migrateUser: (userId, role, between, signal) => run({ ...between, users: [userId], role }, silently, signal),
    migrateConversation: (sessionId, messages, { userId, to }) =>
      handOver(
        toGivenRecords(
          userId,
          sessionId,
          messages.map(({ content, ...message }) => ({ ...message, type: 'messages', content })),
        ),
        to,
      ),
    migrateSnapshot: (sessionId, type, content, { userId, to, at }) =>
      handOver(toGivenRecords(userId, sessionId, [{ role: null, type, content, at }]), to),
    validate: async (runId, { userId, sessionId } = {}, onProgress = silently, signal = never) => {
      const row = await getRun(runId);
      const isGiven = row.source === given;
      const opened = await open(row, onProgress, isGiven ? createGivenSource([]) : undefined);
      try {
        const source = isGiven ? null : opened.source;
        const validating = createValidating({ ...opened, source, checkpoints, sessionId, isGate: false });
        let done = 0;
        // New people who have moved are no longer at home at the source.
        const isAsked = source !== null && !opened.request.newPeople;
        const people = userId ? [userId] : flat(isAsked ? source.people(signal) : checkpoints.peopleOf(runId));
        await atATime(people, opened.request.concurrency, async (person) => {
          await validating.check(person, signal);
          onProgress({ done: ++done, total: done, what: 'people' });
        });
        return validating.result();
      } finally {
        await opened.source.close();
      }
    },
    report: async (runId, validation) => {
      const status = await toStatus(await getRun(runId));
      return writeReport(status, await digestOf(checkpoints, runId), validation);
    },
    archive: async (runId, { days, file }) => {
      const row = await getRun(runId);
      if (row.state !== 'done')
        throw new MigrationError('not_done', `Run ${runId} is ${row.state}: only one that is done can be archived.`);
      const keepUntil = new Date(now().getTime() + days * 86_400_000);
      const { items, sha256 } = await writeManifest({
        run: row,
        checkpoints,
        file,
        keepUntil,
        signingKey: signingKey(),
      });
      await checkpoints.keepUntil(runId, keepUntil);
      return { runId, file, items, sha256, keepUntil };
    },
    rollback: async (runId, onProgress = silently, signal = never) => {
      const row = await getRun(runId);
      const request = readKept(row.request);
      const target = targetOf(request.to);
      const pace = paceOf(target, request.concurrency);
      const held = await hold(runId, 'rolled_back', pace, signal);
      let lastError: string | null = 'stopped';
      try {
        await rollBack({ held, checkpoints, target, pace, concurrency: request.concurrency, now, onProgress }, signal);
        if (request.newPeople) await homes.move(runId, null, row.source as ProviderName);
        lastError = null;
      } catch (error) {
        if (error instanceof OutageError) lastError = error.reason;
        else if (!signal.aborted) throw error;
      } finally {
        await held.release('rolled_back', lastError, row.problems);
      }
      return toStatus(await getRun(runId));
    },
  };
}

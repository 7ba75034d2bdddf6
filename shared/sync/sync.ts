import type { FactReconcile } from '../brain/reconcile-facts';
import type { Delivery } from '../memory/delivery';
import { drainOutbox } from '../memory/drain-outbox';
import type { Outbox } from '../memory/outbox-contract';
import type { MemoryProvider } from '../memory/provider';
import type { Tombstones } from '../memory/tombstones';
import { createDeadline } from '../resilience/deadline';
import type { SearchIndex } from '../search/index';
import type { Logger } from '../telemetry/logger';
import { inSpan } from '../telemetry/tracing';
import { type Batch, toBatches } from './batch';
import type { BatchState } from './batch-state';
import { discover } from './discovery';
import type { Freshness } from './freshness';
import type { Leases } from './leases';
import type { SyncPeople } from './people';
import { noWork, type SyncWork } from './person';
import type { PersonState, SyncRun, SyncState } from './sync-state';

export interface SyncDependencies {
  provider: MemoryProvider;
  index: SearchIndex;
  outbox: Outbox;
  tombstones: Tombstones;
  syncState: SyncState;
  syncPeople: SyncPeople;
  factReconcile: FactReconcile;
  logger: Logger;
  now: () => Date;
  delivery: Delivery;
  leases: Leases;
  freshness: Freshness;
  batchState: BatchState;
}

export interface SyncRequest {
  /** This person alone, whether or not something changed. */
  userId?: string;
  /** Compares everything and removes what the provider does not have, instead of looking at what changed. */
  isFull?: boolean;
}

/** For somebody who watches a run. */
export interface SyncWatch {
  /** Once it is aborted nobody new is begun, and the run is partial. */
  signal?: AbortSignal;
  onProgress?: (done: number, of: number) => void;
}

/**
 * `complete`: everybody was looked at, whatever came of it. `partial`: the time was up, or a vendor went away; the next run goes on.
 * `queued`: batches do the rest. `unreachable`: the provider could not say who changed. `running`: another run is under way.
 */
export interface SyncReport extends SyncWork {
  kind: 'changed' | 'full';
  outcome: 'complete' | 'partial' | 'queued' | 'unreachable' | 'running';
  /** Why it is not complete, or why the last person who failed did. */
  reason: string | null;
  /** People who were due, those of them that failed, and those that are still due. */
  people: number;
  errors: number;
  remaining: number;
  /** People with writes in the outbox that were due, and those of them who could not be served. */
  outbox: { people: number; failed: number };
  ms: number;
}

export interface Sync {
  /**
   * Sends what waits in the outbox, then brings the index up to the provider, within `budgetMs`, by default a tick's time; what is left
   * goes first in the next run. One person's failure touches nobody else. Rejects only when the database cannot be reached.
   */
  run(request: SyncRequest, budgetMs?: number, watch?: SyncWatch): Promise<SyncReport>;
  /**
   * The same, but who is behind is sent to the queue: gives back the batches to be put there. Whoever is still on the way from an earlier run
   * is left out; who never arrives is in a later run. Rejects only when the database cannot be reached.
   */
  split(request: Omit<SyncRequest, 'userId'>, budgetMs: number): Promise<Batch[]>;
}

/** A tick's time: the next one begins after 60 s. */
export const tickBudgetMs = 50_000;

type Done = Omit<SyncReport, 'kind' | 'outbox' | 'ms'>;

/** People who are looked after at once. */
const atOnce = 8;
const peopleARun = 10_000;
/** Those of a run that only sends them to the queue. */
const peopleSent = 100_000;
/** How long a run's lease outlives its budget. */
const graceMs = 10_000;
const runsKeptMs = 7 * 86_400_000;

export function createSync(dependencies: SyncDependencies): Sync {
  const { outbox, delivery, tombstones, syncState: state, syncPeople } = dependencies;
  const { batchState, leases, freshness, logger, now } = dependencies;

  const dueOf = async ({ userId, isFull = false }: SyncRequest, startedAt: Date): Promise<PersonState[]> => {
    if (userId === undefined) return isFull ? state.unreconciled(startedAt, peopleARun) : state.due(peopleARun);
    await state.note([{ userId, changedAt: new Date(0) }]);
    const person = await state.find(userId);
    return person ? [person] : [];
  };

  const keepRun = async (run: SyncRun) => {
    await tombstones.clear();
    return state.keepRun(run, new Date(run.startedAt.getTime() - runsKeptMs));
  };

  const runHere = async (
    request: SyncRequest,
    signal: AbortSignal,
    onProgress: SyncWatch['onProgress'],
  ): Promise<Done> => {
    const { userId, isFull = false } = request;
    const startedAt = now();
    if (userId === undefined) {
      const reason = await discover(dependencies, isFull, signal);
      if (reason !== null) return { outcome: 'unreachable', reason, ...nobody };
    }
    const people = await dueOf(request, startedAt);
    const { work, done, errors, reason } = await syncPeople(people, { isFull, atOnce, onProgress }, signal);
    const remaining = people.length - done;
    const complete = remaining === 0;
    if (userId === undefined) {
      const times = { startedAt, endedAt: now() };
      const run = { kind: kindOf(request), ...times, complete, people: people.length, errors, ...work };
      await keepRun(run);
      freshness.learn(run);
    }
    const outcome = complete ? 'complete' : 'partial';
    return { outcome, reason, ...work, people: people.length, errors, remaining };
  };

  const sendAway = async (isFull: boolean, signal: AbortSignal): Promise<Done & { batches: Batch[] }> => {
    const startedAt = now();
    const reason = await discover(dependencies, isFull, signal);
    if (reason !== null) return { outcome: 'unreachable', reason, ...nobody, batches: [] };
    const run = { kind: kindOf({ isFull }), startedAt, endedAt: startedAt, complete: false, ...nobody };
    const id = await keepRun(run);
    const people = await batchState.send({ id, ...run }, peopleSent);
    const counts = { ...nobody, people: people.length, remaining: people.length };
    return { outcome: 'queued', reason: null, ...counts, batches: toBatches(id, people) };
  };

  const sendWaiting = async (userId: string | undefined, signal: AbortSignal) => {
    if (userId === undefined) return drainOutbox({ outbox, delivery }, signal);
    await delivery.drain(userId);
    return { people: 1, failed: 0 };
  };

  const cycle = async <T extends Done>(
    request: SyncRequest,
    budgetMs: number,
    work: (signal: AbortSignal) => Promise<T>,
    parent?: AbortSignal,
  ) => {
    const started = performance.now();
    const deadline = createDeadline(budgetMs, parent);
    const sent = await sendWaiting(request.userId, deadline.within(budgetMs / 2).signal);
    const lease = await leases.take('sync', deadline.remainingMs() + graceMs);
    const done = lease ? await work(deadline.signal).finally(lease.free) : null;
    const ms = Math.round(performance.now() - started);
    const kind = kindOf(request);
    const { outcome, reason, people, written: synced, errors, remaining } = done ?? running;
    logger.info('sync cycle', { kind, outcome, reason, people, synced, errors, remaining, sent: sent.people, ms });
    return { done, sent, ms };
  };

  return {
    run: (request, budgetMs = tickBudgetMs, { signal: stopping, onProgress } = {}) =>
      inSpan('sync', async () => {
        const work = (signal: AbortSignal) => runHere(request, signal, onProgress);
        const { done, sent, ms } = await cycle(request, budgetMs, work, stopping);
        const { providerMs, embedMs, indexMs, ...counts } = done ?? running;
        const stages = {
          providerMs: Math.round(providerMs),
          embedMs: Math.round(embedMs),
          indexMs: Math.round(indexMs),
        };
        return { kind: kindOf(request), ...counts, ...stages, outbox: sent, ms };
      }),
    split: async (request, budgetMs) => {
      const { done } = await cycle(request, budgetMs, (signal) => sendAway(request.isFull ?? false, signal));
      return done?.batches ?? [];
    },
  };
}

const kindOf = ({ isFull }: SyncRequest): SyncReport['kind'] => (isFull ? 'full' : 'changed');

const nobody = { ...noWork, people: 0, errors: 0, remaining: 0 };
const running: Done = { outcome: 'running', reason: 'another_run', ...nobody };

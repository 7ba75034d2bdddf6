import { createHmac, randomBytes } from 'node:crypto';
import { EmbeddingError } from '../embedding/embedder';
import { pagesOf } from '../memory/cursor';
import type { Delivery } from '../memory/delivery';
import { drainOutbox } from '../memory/drain-outbox';
import { ProviderError } from '../memory/provider';
import type { ProviderCache } from '../memory/provider-cache';
import { createDeadline, raceSignal } from '../resilience/deadline';
import { IndexError } from '../search/index';
import { describeError, type Logger } from '../telemetry/logger';
import type { Freshness } from './freshness';
import type { Leases } from './leases';
import { addWork, IncompleteListError, noWork, type PersonSyncDependencies, type SyncWork, syncPerson } from './person';
import type { PersonState, SyncState } from './sync-state';

export interface SyncDependencies extends PersonSyncDependencies {
  delivery: Delivery;
  syncState: SyncState;
  leases: Leases;
  freshness: Freshness;
  providerCache: Pick<ProviderCache, 'drop'>;
  logger: Logger;
}

export interface SyncRequest {
  /** This person alone, whether or not something changed. */
  userId?: string;
  /** Compares everything and removes what the provider does not have, instead of looking at what changed. */
  isFull?: boolean;
}

/**
 * `complete`: everybody was looked at, whatever came of it. `partial`: the time was up, or a vendor went away; the next run goes on.
 * `unreachable`: the provider could not say who changed. `running`: another run is under way.
 */
export interface SyncReport extends SyncWork {
  kind: 'changed' | 'full';
  outcome: 'complete' | 'partial' | 'unreachable' | 'running';
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
   * Sends what waits in the outbox, then brings the index up to the provider, within `budgetMs`; what is left goes first in the next
   * run. One person's failure touches nobody else. Rejects only when the database cannot be reached.
   */
  run(request: SyncRequest, budgetMs: number): Promise<SyncReport>;
}

/** People who are looked after at once: one embeds while others wait for a vendor. */
const atOnce = 8;
/** A person who takes longer goes on in the next run, from what is written. */
const personMs = 45_000;
const peopleARun = 10_000;
/** How far back a list begins before the last one's end: clocks differ, and what is committed late shows late. */
const overlapMs = 300_000;
/** How long a run's lease outlives its budget. */
const graceMs = 10_000;
const runsKeptMs = 7 * 86_400_000;
const peopleAPage = 200;

const before = (at: Date, ms: number) => new Date(at.getTime() - ms);

export function createSync(dependencies: SyncDependencies): Sync {
  const { provider, providerCache, index, outbox, delivery, tombstones } = dependencies;
  const { syncState: state, leases, freshness, logger, now } = dependencies;
  // People's ids are often their phone numbers. In the log one has the same name for as long as this process lives.
  const key = randomBytes(16);
  const pseudonym = (userId: string) => createHmac('sha256', key).update(userId).digest('hex').slice(0, 8);

  /** Notes whose memories changed; in a full run everybody, and who is left over in the index. */
  const discover = async (isFull: boolean, since: Date | null, signal: AbortSignal) => {
    const list = (cursor: string | null) =>
      provider.changedPeople(isFull ? null : since, { limit: peopleAPage, cursor }, signal);
    for await (const page of pagesOf(list)) await state.note(page);
    if (!isFull) return;
    await state.note((await index.people(signal)).map((userId) => ({ userId, changedAt: new Date(0) })));
  };

  const dueOf = async ({ userId, isFull = false }: SyncRequest, startedAt: Date): Promise<PersonState[]> => {
    if (userId === undefined) return isFull ? state.unreconciled(startedAt, peopleARun) : state.due(peopleARun);
    await state.note([{ userId, changedAt: new Date(0) }]);
    const person = await state.find(userId);
    return person ? [person] : [];
  };

  /** What came of one person; a code where it failed; null where the run's time was up. */
  const syncOne = async (person: PersonState, isFull: boolean, runSignal: AbortSignal) => {
    const { userId, watermark } = person;
    // Not createDeadline: it leaves a listener on the run's signal for every person.
    const signal = AbortSignal.any([runSignal, AbortSignal.timeout(personMs)]);
    try {
      const since = isFull || !watermark ? null : before(watermark, overlapMs);
      const syncing = syncPerson(dependencies, { userId, since, isFull }, signal);
      const { work, latest, isGone } = await raceSignal(syncing, signal);
      providerCache.drop(userId);
      if (isGone) await state.forget(person);
      else await state.succeeded(person, { watermark: latest, isFull });
      logger.info('person synced', { person: pseudonym(userId), synced: work.written, removed: work.removed });
      return { work, failure: null };
    } catch (error) {
      // Cut off, not failed: what is written stays, and the next run goes on with it.
      if (runSignal.aborted) return null;
      const failure = codeOf(error, signal);
      logger.warn('person not synced', { person: pseudonym(userId), code: failure, ...describeError(error) });
      await state.failed(person, failure);
      return { work: noWork, failure };
    }
  };

  const syncAll = async (people: PersonState[], isFull: boolean, signal: AbortSignal) => {
    const total = { work: noWork, done: 0, errors: 0, reason: null as string | null };
    const queue = people.values();
    // With the provider away, everybody would fail.
    const goOn = () => !signal.aborted && provider.circuit?.() !== 'open' && index.circuit?.() !== 'open';
    const worker = async () => {
      while (goOn()) {
        const { value: person, done } = queue.next();
        if (done) return;
        const result = await syncOne(person, isFull, signal);
        if (!result) return;
        const { work, failure } = result;
        total.work = addWork(total.work, work);
        total.done++;
        if (failure === null) continue;
        total.errors++;
        total.reason = failure;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return total;
  };

  const runAlone = async (
    request: SyncRequest,
    signal: AbortSignal,
  ): Promise<Omit<SyncReport, 'kind' | 'outbox' | 'ms'>> => {
    const { userId, isFull = false } = request;
    const kind = isFull ? 'full' : 'changed';
    const startedAt = now();
    if (userId === undefined) {
      const { complete } = await state.runs();
      try {
        await raceSignal(discover(isFull, complete && before(complete.startedAt, overlapMs), signal), signal);
      } catch (error) {
        if (!(error instanceof ProviderError || error instanceof IndexError || signal.aborted)) throw error;
        return { outcome: 'unreachable', reason: codeOf(error, signal), ...nobody };
      }
    }
    const people = await dueOf(request, startedAt);
    const { work, done, errors, reason } = await syncAll(people, isFull, signal);
    const remaining = people.length - done;
    const complete = remaining === 0;
    if (userId === undefined) {
      const run = { kind, startedAt, endedAt: now(), complete, people: people.length, errors, ...work } as const;
      await state.keepRun(run, before(startedAt, runsKeptMs));
      await tombstones.clear();
      freshness.learn(run);
    }
    const outcome = complete ? 'complete' : 'partial';
    return { outcome, reason, ...work, people: people.length, errors, remaining };
  };

  const sendWaiting = async (userId: string | undefined, signal: AbortSignal) => {
    if (userId === undefined) return drainOutbox({ outbox, delivery }, signal);
    await delivery.drain(userId);
    return { people: 1, failed: 0 };
  };

  return {
    run: async (request, budgetMs) => {
      const started = performance.now();
      const deadline = createDeadline(budgetMs);
      const kind = request.isFull ? 'full' : 'changed';
      const sent = await sendWaiting(request.userId, deadline.within(budgetMs / 2).signal);
      const lease = await leases.take('sync', deadline.remainingMs() + graceMs);
      const done = lease
        ? await runAlone(request, deadline.signal).finally(lease.free)
        : { outcome: 'running' as const, reason: 'another_run', ...nobody };
      const { providerMs, embedMs, indexMs } = done;
      const stages = { providerMs: Math.round(providerMs), embedMs: Math.round(embedMs), indexMs: Math.round(indexMs) };
      const report: SyncReport = {
        kind,
        ...done,
        ...stages,
        outbox: sent,
        ms: Math.round(performance.now() - started),
      };
      const { outcome, reason, people, written: synced, errors, remaining, ms } = report;
      logger.info('sync cycle', { kind, outcome, reason, people, synced, errors, remaining, sent: sent.people, ms });
      return report;
    },
  };
}

const nobody = { ...noWork, people: 0, errors: 0, remaining: 0 };

function codeOf(error: unknown, signal: AbortSignal): string {
  if (error instanceof ProviderError) return `provider_${error.code}`;
  if (error instanceof IndexError) return `index_${error.code}`;
  if (error instanceof EmbeddingError) return 'embedding_failed';
  if (error instanceof IncompleteListError) return 'provider_list_incomplete';
  return signal.aborted ? 'time_is_up' : 'failed';
}

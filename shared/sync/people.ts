import { createHmac, randomBytes } from 'node:crypto';
import type { ProviderCache } from '../memory/provider-cache';
import { raceSignal } from '../resilience/deadline';
import { describeError, type Logger } from '../telemetry/logger';
import { failureCode } from './failure-code';
import { addWork, noWork, type PersonSyncDependencies, type SyncWork, syncPerson } from './person';
import type { PersonState, SyncState } from './sync-state';

export interface PeopleSyncDependencies extends PersonSyncDependencies {
  syncState: SyncState;
  providerCache: Pick<ProviderCache, 'drop'>;
  logger: Logger;
}

/** What came of several people. */
export interface PeopleResult {
  work: SyncWork;
  /** Those who were looked at, whatever came of it, and those of them who failed. */
  done: number;
  errors: number;
  /** Why the last of these failed, or was not looked at. */
  reason: string | null;
}

/**
 * Syncs people, `atOnce` at a time: one embeds while others wait for a vendor. Nobody new is begun once `signal` is aborted, or
 * provider or index are cut off; whom another process has is passed over. Rejects only when the database cannot be reached.
 */
export type SyncPeople = (
  people: readonly PersonState[],
  options: { isFull: boolean; atOnce: number; onProgress?: (done: number, of: number) => void },
  signal: AbortSignal,
) => Promise<PeopleResult>;

/** A person who takes longer goes on in the next run, from what is written. */
const personMs = 45_000;
/** How long a claim outlives that. */
const graceMs = 10_000;
/** How far back a list begins before the last one's end: clocks differ, and what is committed late shows late. */
export const overlapMs = 300_000;

export function createPeopleSync(dependencies: PeopleSyncDependencies): SyncPeople {
  const { provider, providerCache, index, syncState: state, logger } = dependencies;
  // People's ids are often their phone numbers. In the log one has the same name for as long as this process lives.
  const key = randomBytes(16);
  const pseudonym = (userId: string) => createHmac('sha256', key).update(userId).digest('hex').slice(0, 8);

  /** What came of one person, with a code where it failed; a reason alone where the person is still to be looked at. */
  const syncOne = async (userId: string, isFull: boolean, runSignal: AbortSignal) => {
    const person = await state.claim(userId, personMs + graceMs);
    if (!person) return { work: null, reason: 'under_way_elsewhere' };
    const { watermark } = person;
    // Not createDeadline: it leaves a listener on the run's signal for every person.
    const signal = AbortSignal.any([runSignal, AbortSignal.timeout(personMs)]);
    try {
      const since = isFull || !watermark ? null : new Date(watermark.getTime() - overlapMs);
      const syncing = syncPerson(dependencies, { userId, since, isFull }, signal);
      const { work, latest, isGone } = await raceSignal(syncing, signal);
      providerCache.drop(userId);
      if (isGone) await state.forget(person);
      else await state.succeeded(person, { watermark: latest, isFull });
      logger.info('person synced', { person: pseudonym(userId), synced: work.written, removed: work.removed });
      return { work, reason: null };
    } catch (error) {
      const reason = failureCode(error, signal);
      if (runSignal.aborted) {
        // Cut off, not failed: what is written stays, and the next run goes on with it.
        await state.release(userId);
        return { work: null, reason: 'time_is_up' };
      }
      logger.warn('person not synced', { person: pseudonym(userId), code: reason, ...describeError(error) });
      await state.failed(person, reason);
      return { work: noWork, reason };
    }
  };

  return async (people, { isFull, atOnce, onProgress }, signal) => {
    const total: PeopleResult = { work: noWork, done: 0, errors: 0, reason: null };
    const queue = people.values();
    // With the provider away, everybody would fail.
    const goOn = () => !signal.aborted && provider.circuit?.() !== 'open' && index.circuit?.() !== 'open';
    const worker = async () => {
      while (goOn()) {
        const { value: person, done } = queue.next();
        if (done) return;
        const { work, reason } = await syncOne(person.userId, isFull, signal);
        if (work) {
          total.work = addWork(total.work, work);
          total.done++;
          if (reason !== null) total.errors++;
          onProgress?.(total.done, people.length);
        }
        total.reason = reason ?? total.reason;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    return total;
  };
}

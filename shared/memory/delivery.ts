import type { Origin, OutboxWrite } from '../database/schema';
import { raceSignal } from '../resilience/deadline';
import { isCutOff, levelFor } from '../resilience/policy';
import type { SearchIndex } from '../search/index';
import type { PointBuilder } from '../search/points';
import { describeError, type Logger } from '../telemetry/logger';
import type { Statistics } from '../telemetry/statistics';
import { inSpan } from '../telemetry/tracing';
import { createLookAgain } from './look-again';
import type { Memory } from './memory';
import { backoffMs, type Outbox, type TakenWrite } from './outbox';
import { type MemoryProvider, ProviderError } from './provider';
import type { ProviderCache } from './provider-cache';
import { createSending, type Sent } from './sending';
import type { Shelter } from './shelter';
import type { Tombstones } from './tombstones';

/**
 * What became of a write. `missing`: there was no such memory to change. `refused`: the provider will not take it, now or later.
 * `queued`: durable, to be tried again. `storage`: where it is until the provider takes it.
 */
export type Outcome =
  | { status: 'stored'; memories: Memory[]; storage?: Shelter['name'] }
  | { status: 'missing' }
  | { status: 'pending' | 'queued' | 'refused'; code: string };

/** How often in a row a provider that works asynchronously is asked again by itself; after that the tick does. */
const pendingPolls = 15;
const indexMs = 10_000;
/** Adds that go together; the model takes a third of a second for them. */
const togetherAtMost = 128;
/** People whose new adds go together: who adds something meanwhile waits for all of these. */
const peopleTogether = 25;
/** While the model is at work on one of them, the database is on another. */
const groupsAtOnce = 2;
const provisionalMs = 2_000;

/**
 * A room that keeps rows of writes. It is told before they are done: after a crash it is told again. Methods reject when the database
 * cannot be reached.
 */
export interface Room {
  /** What the provider made of them, by their operations. */
  arrived(memories: ReadonlyMap<string, Memory[]>): Promise<void>;
  /** Nothing comes of it any more: the provider refused it for good, or what it made is gone. */
  ended?(operationId: string, why: 'refused' | 'gone'): Promise<void>;
  /** A memory was changed by a write that no room sent. */
  changed?(memory: Memory): Promise<void>;
}

export type Rooms = Record<Origin, Room>;

export interface DeliveryDependencies {
  outbox: Outbox;
  provider: MemoryProvider;
  providerCache: Pick<ProviderCache, 'drop'>;
  index: SearchIndex;
  points: PointBuilder;
  tombstones: Tombstones;
  rooms: Rooms;
  /** Where writes are kept while the provider fails; null where they wait in the outbox alone. */
  shelter?: Shelter | null;
  statistics: Statistics;
  logger: Logger;
  /** How soon a provider that works asynchronously is asked again. */
  pendingPollMs?: number;
}

/** Why a write has to wait. `write`: what is to be sent instead. */
type Failure = ProviderError['options'] & { code: string; write?: OutboxWrite };

/** A write that the provider is done with. */
interface Delivered {
  taken: TakenWrite;
  sent: Exclude<Sent, { status: 'failed' | 'pending' }>;
}

const originOf = (write: OutboxWrite): Origin | undefined => (write.kind === 'delete' ? undefined : write.origin);

const unknownFailure = { code: 'failed', options: { retryable: true, outcomeUnknown: true } };

const memoriesOf = (done: Delivered[]): Memory[] =>
  done.flatMap(({ sent }) => (sent.status === 'stored' ? sent.memories : []));

/** Puts a provisional point into the index, or takes a deleted one out. */
export type UntilThen = (signal: AbortSignal) => Promise<void>;

/** Carries writes from the outbox to the provider and then to the index. */
export interface Delivery {
  /**
   * What becomes of an accepted write within `waitMs`: `queued` when that is not known by then; the attempt goes on. Where the
   * write has not arrived, `untilThen` makes the index show it meanwhile, which is waited for as long once more. Never rejects.
   */
  outcomeOf(userId: string, operationId: string, waitMs: number, untilThen: UntilThen): Promise<Outcome>;
  /** Sends the person's due writes in order, until none is left or one has to wait. Rejects only when the database cannot be reached. */
  drain(userId: string): Promise<void>;
  /**
   * Sends new adds of several people together, where the provider takes them so; until `signal` ends. Gives the people who have more
   * that is due, for `drain`. Rejects only when the database cannot be reached.
   */
  drainNew(userIds: string[], signal?: AbortSignal): Promise<string[]>;
  /** Resolves once nothing is under way in this process, and nothing begins by itself. */
  idle(): Promise<void>;
}

export function createDelivery({
  outbox,
  provider,
  providerCache,
  index,
  points,
  tombstones,
  rooms,
  shelter = null,
  statistics,
  logger,
  pendingPollMs = 2_000,
}: DeliveryDependencies): Delivery {
  const sending = createSending({ outbox, provider, points, tombstones });
  const draining = new Map<string, { lookAgain: boolean; done: Promise<void> }>();
  const waiting = new Map<string, (outcome: Outcome) => void>();
  const outcomes = new Map<string, Promise<Outcome>>();
  // A provisional point must not overtake the provider's own memories, so each waits for the other.
  const provisional = new Map<string, Promise<void>>();
  const indexing = new Set<string>();
  // What the provider has not taken, by person: who waits is told once it is known whether a second one keeps it.
  const queued = new Map<string, [operationId: string, outcome: Outcome][]>();

  /** A stone comes before the point goes: what was read of the memory before must not bring it back. */
  const toIndex = async (userId: string, done: Delivered[], signal: AbortSignal): Promise<void> => {
    const memories = memoriesOf(done);
    const present = new Set(memories.map(({ id }) => id));
    const goneOf = (some: Delivered[]) => some.flatMap(({ sent }) => sent.gone).filter((id) => !present.has(id));
    if (memories.length > 0) {
      await index.upsert(userId, await Promise.all(memories.map((memory) => points.toPoint(memory, false))), signal);
    }
    for (const [kind, by] of [
      ['update', null],
      ['delete', 'us'],
    ] as const)
      await tombstones.set(userId, goneOf(done.filter(({ taken }) => taken.write.kind === kind)), by);
    const gone = goneOf(done);
    if (gone.length > 0) await index.remove(userId, gone, signal);
  };

  /** Of several people; together where nothing has to go. */
  const allToIndex = async (done: Delivered[], signal: AbortSignal): Promise<void> => {
    await Promise.all(done.map(({ taken }) => provisional.get(taken.operationId)));
    const people = [...new Set(done.map(({ taken }) => taken.userId))];
    const memories = memoriesOf(done);
    const present = new Set(memories.map(({ id }) => id));
    const nothingGoes = done.every(({ sent }) => sent.gone.every((id) => present.has(id)));
    if (people.length > 1 && nothingGoes && index.upsertAll)
      return index.upsertAll(await Promise.all(memories.map((memory) => points.toPoint(memory, false))), signal);
    for (const userId of people) {
      const own = done.filter(({ taken }) => taken.userId === userId);
      await toIndex(userId, own, signal);
    }
  };

  /** Brings the index to what the provider has, and then the writes are done. */
  const conclude = async (done: Delivered[]): Promise<void> => {
    const taken = done.map((each) => each.taken);
    for (const { operationId } of taken) indexing.add(operationId);
    try {
      const signal = AbortSignal.timeout(indexMs);
      const notDone = (code: string) => async (error: unknown) => {
        const parts = { index: index.name, ...(shelter && { second: shelter.name }) };
        logger.warn('write not concluded', { ...parts, code, ...describeError(error) });
        for (const each of taken) await outbox.stored(each, { code, delayMs: backoffMs(each.attempts) });
      };
      await raceSignal(allToIndex(done, signal), signal).then(
        () => leaveShelter(done).then(() => outbox.finish(taken), notDone('second_unreachable')),
        notDone('index_unreachable'),
      );
    } finally {
      for (const { operationId } of taken) indexing.delete(operationId);
    }
  };

  /** Sends one write, or several adds together. */
  const deliver = async (group: TakenWrite[]): Promise<Outcome[]> => {
    const started = performance.now();
    let sent: Sent[];
    try {
      const send = () => (group.length > 1 ? sending.sendTogether(group) : Promise.all(group.map(sending.send)));
      sent = await inSpan(`provider.${group[0]?.write.kind}`, send);
    } catch (error) {
      if (!(error instanceof ProviderError)) logger.error('write failed', describeError(error));
      const { code, options } = error instanceof ProviderError ? error : unknownFailure;
      // It may be one of them alone that it will not take.
      if (group.length > 1 && !options.retryable) return oneByOne(group);
      return Promise.all(group.map((taken) => postpone(taken, { code, ...options })));
    } finally {
      for (const { userId } of group) providerCache.drop(userId);
    }
    const tookMs = performance.now() - started;
    const done: Delivered[] = [];
    const outcomes = group.map(async (taken, i) => {
      const each = sent[i] as Sent;
      if (each.status === 'failed') {
        const failure = { code: 'extraction_failed', retryable: true, outcomeUnknown: false };
        return postpone(taken, { ...failure, write: each.again });
      }
      statistics.observe(`provider.${taken.write.kind}`, tookMs / group.length);
      statistics.count('provider.success');
      if (each.status === 'pending') return toBeAsked(taken, each.eventId);
      done.push({ taken, sent: { ...each, gone: [...each.gone, ...(taken.write.sheltered ?? [])] } });
      return each.status === 'stored' ? each : { status: 'missing' as const };
    });
    const settled = await Promise.all(outcomes);
    if (done.length > 0) {
      await tellRooms(done);
      await conclude(done);
    }
    return settled;
  };

  const oneByOne = async (group: TakenWrite[]): Promise<Outcome[]> => {
    const outcomes: Outcome[] = [];
    for (const taken of group) outcomes.push(...(await deliver([taken])));
    return outcomes;
  };

  /** The provider has them: the second one no longer keeps them. */
  const leaveShelter = async (done: Delivered[]): Promise<void> => {
    for (const { taken, sent } of done) {
      const { sheltered = [] } = taken.write;
      const memories = sent.status === 'stored' ? sent.memories : [];
      if (shelter && sheltered.length > 0) await shelter.leave(taken.userId, sheltered, memories);
    }
  };

  /** What a second provider keeps of a write: for the index to show, or to no longer show. */
  const toIndexSheltered = async ({ userId, write }: TakenWrite, memories: Memory[]): Promise<void> => {
    const signal = AbortSignal.timeout(provisionalMs);
    if (write.kind === 'delete') {
      await tombstones.set(userId, [write.memoryId], 'us');
      return index.remove(userId, [write.memoryId], signal);
    }
    await index.upsert(userId, await Promise.all(memories.map((memory) => points.toPoint(memory, true))), signal);
  };

  /** Has a second provider keep what the provider has not taken, in its order. The writes stay in the outbox until that has them. */
  const shelterQueued = async (userId: string): Promise<void> => {
    if (!shelter) return;
    for (const taken of await outbox.takeToShelter(userId)) {
      const memories = await shelter.take(taken);
      await outbox.sheltered(taken, memories && (taken.write.kind === 'add' ? memories.map(({ id }) => id) : []));
      if (memories === null) continue;
      await toIndexSheltered(taken, memories).catch((error) => {
        logger[levelFor(index)]('provisional point not written', { index: index.name, ...describeError(error) });
      });
      statistics.count('fallback.second');
      waiting.get(taken.operationId)?.({ status: 'stored', memories, storage: shelter.name });
    }
    for (const [operationId, outcome] of queued.get(userId) ?? []) waiting.get(operationId)?.(outcome);
    queued.delete(userId);
  };

  const toBeAsked = async (taken: TakenWrite, eventId: string | null): Promise<Outcome> => {
    await outbox.pending(taken, { eventId, delayMs: pendingPollMs });
    return eventId ? { status: 'pending', code: 'provider_pending' } : { status: 'queued', code: 'outcome_unknown' };
  };

  const tellRooms = async (done: Delivered[]): Promise<void> => {
    const arrived = new Map<Origin, Map<string, Memory[]>>();
    for (const { taken, sent } of done) {
      const { write, operationId } = taken;
      const origin = originOf(write);
      const memories = sent.status === 'stored' ? sent.memories : [];
      if (!origin && write.kind === 'update')
        for (const memory of memories) await Promise.all(Object.values(rooms).map((room) => room.changed?.(memory)));
      if (!origin) continue;
      if (memories.length === 0) await rooms[origin].ended?.(operationId, 'gone');
      else arrived.set(origin, (arrived.get(origin) ?? new Map()).set(operationId, memories));
    }
    for (const [origin, memories] of arrived) await rooms[origin].arrived(memories);
  };

  /** What goes to the provider with a write: nothing but new adds with a new add. */
  const alongWith = async ({ userId, write, found, hasMore }: TakenWrite): Promise<TakenWrite[]> => {
    const mayGoTogether = provider.addAll && hasMore && found === 'waiting' && write.kind === 'add' && write.origin;
    return mayGoTogether ? outbox.takeAlong(userId, togetherAtMost - 1) : [];
  };

  const postpone = async (taken: TakenWrite, failure: Failure): Promise<Outcome> => {
    const { code, retryable, retryAfterMs = 0, ...rest } = failure;
    const { write, attempts } = taken;
    statistics.count('provider.failure');
    logger[levelFor(provider)]('write postponed', { provider: provider.name, kind: write.kind, code, attempts });
    if (!retryable) {
      const origin = originOf(write);
      if (origin) await rooms[origin].ended?.(taken.operationId, 'refused');
      await outbox.bury(taken, code);
      return { status: 'refused', code: `provider_${code}` };
    }
    const delayMs = Math.max(backoffMs(attempts), retryAfterMs);
    await outbox.retry(taken, { code, delayMs, isOver: sending.hasSent(taken), ...rest });
    return { status: 'queued', code: `provider_${code}` };
  };

  /** Sends them, and tells who waits what became of them. */
  const settle = async (group: TakenWrite[]): Promise<void> => {
    const outcomes = await deliver(group);
    for (const [i, outcome] of outcomes.entries()) {
      const each = group[i] as TakenWrite;
      const { userId, operationId } = each;
      follow(each, outcome);
      if (!shelter || outcome.status !== 'queued') waiting.get(operationId)?.(outcome);
      else queued.set(userId, [...(queued.get(userId) ?? []), [operationId, outcome]]);
    }
  };

  const sendDue = async (userId: string): Promise<void> => {
    let taken = await outbox.take(userId);
    while (taken) {
      await settle([taken, ...(await alongWith(taken))]);
      taken = taken.hasMore ? await outbox.take(userId) : null;
    }
  };

  const sendNew = async (userIds: string[]): Promise<void> => {
    let taken: TakenWrite[];
    do {
      taken = await outbox.takeNew(userIds, togetherAtMost);
      if (taken.length > 0) await settle(taken);
    } while (taken.length === togetherAtMost);
  };

  /** `begun` sends some of the person's writes. Who comes meanwhile has it look once more before it ends: its last look may have been too early for this write. */
  const drainAfter = (userId: string, begun?: Promise<void>): Promise<void> => {
    const drained = { lookAgain: begun === undefined, done: Promise.resolve() };
    const run = async () => {
      await begun;
      do {
        const isDue = drained.lookAgain;
        drained.lookAgain = false;
        if (isDue) await sendDue(userId);
        await shelterQueued(userId);
      } while (drained.lookAgain);
    };
    draining.set(userId, drained);
    drained.done = run().finally(() => draining.delete(userId));
    return drained.done;
  };

  const drain = (userId: string): Promise<void> => {
    const current = draining.get(userId);
    if (!current) return drainAfter(userId);
    current.lookAgain = true;
    return current.done;
  };

  const drainNew: Delivery['drainNew'] = async (userIds, signal) => {
    if (!provider.addAll || userIds.length === 0) return userIds;
    const groups = Array.from({ length: Math.ceil(userIds.length / peopleTogether) }, (_, i) =>
      userIds.slice(i * peopleTogether, (i + 1) * peopleTogether),
    ).values();
    const worker = async () => {
      for (const group of groups) {
        if (signal?.aborted) return;
        const idle = group.filter((userId) => !draining.has(userId));
        if (idle.length === 0) continue;
        const begun = sendNew(idle);
        await Promise.all(idle.map((userId) => drainAfter(userId, begun)));
      }
    };
    await Promise.all(Array.from({ length: groupsAtOnce }, worker));
    return outbox.duePeople(userIds.length, userIds);
  };

  const followed = createLookAgain(drain, { everyMs: pendingPollMs, times: pendingPolls });
  /** What was pending already when it was taken has been followed long enough, or by another process. */
  const follow = ({ userId, operationId, found }: TakenWrite, { status }: Outcome) => {
    if (status === 'pending' && found !== 'pending') followed.open(userId, operationId);
    // What is queued has still to arrive.
    if (status !== 'pending' && status !== 'queued') followed.done(userId, operationId);
  };

  const firstOutcome = (userId: string, operationId: string, waitMs: number) =>
    new Promise<Outcome>((resolve) => {
      const queued = (code: string) => resolve({ status: 'queued', code });
      // An attempt begun before the circuit opened may still be waiting for a silent provider.
      const timer =
        isCutOff(provider) && !shelter
          ? setTimeout(queued, 0, 'provider_unavailable')
          : setTimeout(queued, waitMs, 'provider_slow');
      waiting.set(operationId, resolve);
      // The drain ends without this write where an earlier one, or another process, holds it up.
      drain(userId)
        .then(
          () => queued('behind_earlier_writes'),
          () => queued('database_unreachable'),
        )
        .finally(() => {
          clearTimeout(timer);
          waiting.delete(operationId);
        });
    });

  const outcomeOf: Delivery['outcomeOf'] = async (userId, operationId, waitMs, untilThen) => {
    const outcome = await firstOutcome(userId, operationId, waitMs);
    const hasArrived = indexing.has(operationId) || (outcome.status !== 'queued' && outcome.status !== 'pending');
    if (hasArrived) return outcome;
    const signal = AbortSignal.timeout(provisionalMs);
    // Nothing would take away what stands in for a write that was done before this one asked.
    const show = async () => (await outbox.stateOf(operationId)) && untilThen(signal);
    const shown = raceSignal(show(), signal)
      .then(() => undefined)
      .catch((error) => {
        logger[levelFor(index)]('provisional point not written', { index: index.name, ...describeError(error) });
      })
      .finally(() => provisional.delete(operationId));
    provisional.set(operationId, shown);
    await raceSignal(shown, AbortSignal.timeout(Math.ceil(waitMs))).catch(() => undefined);
    return outcome;
  };

  return {
    drain,
    drainNew,
    // The same message twice at once is one operation, with one outcome.
    outcomeOf: (userId, operationId, ...others) => {
      const asked = outcomes.get(operationId) ?? outcomeOf(userId, operationId, ...others);
      outcomes.set(operationId, asked);
      return asked.finally(() => outcomes.delete(operationId));
    },
    idle: async () => {
      while (draining.size > 0) await Promise.allSettled([...draining.values()].map(({ done }) => done));
      followed.stop();
    },
  };
}

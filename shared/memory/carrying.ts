import type { Origin, OutboxWrite } from '../database/schema';
import { raceSignal } from '../resilience/deadline';
import { levelFor } from '../resilience/policy';
import type { IndexPoint, SearchIndex } from '../search/index';
import type { PointBuilder } from '../search/points';
import { describeError, type Logger } from '../telemetry/logger';
import type { Statistics } from '../telemetry/statistics';
import { inSpan } from '../telemetry/tracing';
import type { Memory } from './memory';
import { backoffMs } from './outbox';
import type { Outbox, TakenWrite } from './outbox-contract';
import { type MemoryProvider, ProviderError } from './provider';
import type { ProviderCache } from './provider-cache';
import type { Rooms } from './rooms';
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

export interface CarryingDependencies {
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
}

/** How long the index may take for what is carried at once; the model, in this process, takes what it takes. */
const indexMs = 10_000;

/** Why a write has to wait. `write`: what is to be sent instead. */
type Failure = ProviderError['options'] & { code: string; write?: OutboxWrite };

/** A write that the provider is done with. */
interface Delivered {
  taken: TakenWrite;
  sent: Exclude<Sent, { status: 'failed' | 'pending' }>;
}

const originOf = (write: OutboxWrite): Origin | undefined => (write.kind === 'delete' ? undefined : write.origin);

const unknownFailure = { code: 'failed', options: { retryable: true, outcomeUnknown: true } };

type PointsById = ReadonlyMap<string, IndexPoint>;

const pointsOf = (memories: Memory[], made: PointsById): IndexPoint[] =>
  memories.flatMap(({ id }) => made.get(id) ?? []);

const memoriesOf = (done: Delivered[]): Memory[] =>
  done.flatMap(({ sent }) => (sent.status === 'stored' ? sent.memories : []));

/** Carries writes that were taken from the outbox, once each. */
export interface Carrying {
  /**
   * Sends one write, or several adds together, to the provider, tells the rooms they come from, and brings the index to what the
   * provider has: then they leave the outbox. What fails is put back there. Rejects only when the database cannot be reached.
   */
  carry(group: TakenWrite[]): Promise<Outcome[]>;
  /** Whether the provider has it and the index is being brought to it. */
  isIndexing(operationId: string): boolean;
}

/** `provisional`: points on their way that stand in for a write. They must not overtake the provider's own, so these wait for them. */
export function createCarrying(
  dependencies: CarryingDependencies,
  { provisional, pendingPollMs }: { provisional: ReadonlyMap<string, Promise<void>>; pendingPollMs: number },
): Carrying {
  const { outbox, provider, providerCache, index, points, tombstones, rooms, shelter, statistics, logger } =
    dependencies;
  const sending = createSending(dependencies);
  const indexing = new Set<string>();

  /** A stone comes before the point goes: what was read of the memory before must not bring it back. */
  const toIndex = async (userId: string, done: Delivered[], made: PointsById, signal: AbortSignal): Promise<void> => {
    const memories = memoriesOf(done);
    const present = new Set(memories.map(({ id }) => id));
    const goneOf = (some: Delivered[]) => some.flatMap(({ sent }) => sent.gone).filter((id) => !present.has(id));
    if (memories.length > 0) await index.upsert(userId, pointsOf(memories, made), signal);
    for (const [kind, by] of [
      ['update', null],
      ['delete', 'us'],
    ] as const)
      await tombstones.set(userId, goneOf(done.filter(({ taken }) => taken.write.kind === kind)), by);
    const gone = goneOf(done);
    if (gone.length > 0) await index.remove(userId, gone, signal);
  };

  /** Of several people; together where nothing has to go. */
  const allToIndex = async (done: Delivered[], made: PointsById, signal: AbortSignal): Promise<void> => {
    await Promise.all(done.map(({ taken }) => provisional.get(taken.operationId)));
    const people = [...new Set(done.map(({ taken }) => taken.userId))];
    const memories = memoriesOf(done);
    const present = new Set(memories.map(({ id }) => id));
    const nothingGoes = done.every(({ sent }) => sent.gone.every((id) => present.has(id)));
    if (people.length > 1 && nothingGoes && index.upsertAll) return index.upsertAll(pointsOf(memories, made), signal);
    for (const userId of people) {
      const own = done.filter(({ taken }) => taken.userId === userId);
      await toIndex(userId, own, made, signal);
    }
  };

  /** Brings the index to what the provider has, and then the writes are done. */
  const conclude = async (done: Delivered[]): Promise<void> => {
    const taken = done.map((each) => each.taken);
    for (const { operationId } of taken) indexing.add(operationId);
    try {
      const work = async () => {
        const made = await Promise.all(memoriesOf(done).map((memory) => points.toPoint(memory, false)));
        const signal = AbortSignal.timeout(indexMs);
        await raceSignal(allToIndex(done, new Map(made.map((point) => [point.memory.id, point])), signal), signal);
      };
      const notDone = (code: string) => async (error: unknown) => {
        const parts = { index: index.name, ...(shelter && { second: shelter.name }) };
        logger.warn('write not concluded', { ...parts, code, ...describeError(error) });
        for (const each of taken) await outbox.stored(each, { code, delayMs: backoffMs(each.attempts) });
      };
      await work().then(
        () => leaveShelter(done).then(() => outbox.finish(taken), notDone('second_unreachable')),
        notDone('index_unreachable'),
      );
    } finally {
      for (const { operationId } of taken) indexing.delete(operationId);
    }
  };

  /** Sends one write, or several adds together. */
  const carry = async (group: TakenWrite[]): Promise<Outcome[]> => {
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
    for (const taken of group) outcomes.push(...(await carry([taken])));
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

  return { carry, isIndexing: (operationId) => indexing.has(operationId) };
}

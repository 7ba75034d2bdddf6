import type { OutboxWrite } from '../database/schema';
import { raceSignal } from '../resilience/deadline';
import type { PointBuilder } from '../search/points';
import { derivedId } from './derived-id';
import type { Memory } from './memory';
import type { Outbox, TakenWrite } from './outbox-contract';
import { type AddReceipt, type MemoryProvider, type NewMemory, ProviderError } from './provider';
import type { Tombstones } from './tombstones';

/**
 * What the provider made of a write. `missing`: there was no such memory to change. `failed`: it took the words and gave them up;
 * `again` is what to send next. `gone`: ids under which there is nothing, or nothing any more.
 */
export type Sent = (AddReceipt | { status: 'missing' } | { status: 'failed'; again: OutboxWrite }) & { gone: string[] };

export interface SendingDependencies {
  outbox: Outbox;
  provider: MemoryProvider;
  points: PointBuilder;
  tombstones: Tombstones;
}

export interface Sending {
  /** Rejects with `ProviderError` where the provider fails. */
  send(taken: TakenWrite): Promise<Sent>;
  /** Adds of one person that were never sent, all or none, by a provider that takes several. Rejects as `send` does. */
  sendTogether(taken: TakenWrite[]): Promise<Sent[]>;
  /** Whether this process itself sent the add of `taken`: when that fails, it is known that it is over. */
  hasSent(taken: TakenWrite): boolean;
}

/** One attempt's time. Shorter than the outbox's lease, so that no other process takes the write meanwhile. */
const attemptMs = 30_000;
/** After so many failed extractions the words are kept as they are. */
const failuresAtMost = 3;

type Add = Extract<OutboxWrite, { kind: 'add' }>;
type Delete = Extract<OutboxWrite, { kind: 'delete' }>;
type Update = Extract<OutboxWrite, { kind: 'update' }>;

/** The operation that makes a memory anew which the provider lost: one for each memory, however often it is changed. */
const renewalOf = (memoryId: string) => derivedId('renewal', memoryId);

/** How a write goes to the provider, and how it is made sure that it goes there once. */
export function createSending({ outbox, provider, points, tombstones }: SendingDependencies): Sending {
  const sent = new WeakSet<TakenWrite>();

  const attempt = <T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const signal = AbortSignal.timeout(attemptMs);
    return raceSignal(call(signal), signal).catch((error) => {
      throw signal.aborted && !(error instanceof ProviderError) ? timedOut(error) : error;
    });
  };
  const timedOut = (cause: unknown) =>
    new ProviderError(provider.name, 'timeout', { retryable: true, outcomeUnknown: true, cause });

  /** What became of an add. None is on its way where none was sent. */
  const look = ({ userId, found, write, attempt: last }: TakenWrite, operationId: string, eventId: string | null) => {
    const wasSent = found !== 'waiting' && write.kind !== 'delete';
    const asked = { ...last, arrivesUntil: wasSent ? last.arrivesUntil : last.sentAt, eventId };
    return attempt((signal) => provider.find(userId, operationId, asked, signal)).catch((error) => {
      // Whatever kept us from looking, the write may have arrived, and is not to be given up for it.
      if (!(error instanceof ProviderError)) throw error;
      throw new ProviderError(provider.name, error.code, { ...error.options, retryable: true, outcomeUnknown: true });
    });
  };

  const labelled = async (memory: NewMemory): Promise<NewMemory> => {
    const topic = memory.topic ?? (await points.topicOf(memory.utterances.map(({ content }) => content).join('\n')));
    return { ...memory, topic };
  };

  const addNow = async (taken: TakenWrite, memory: NewMemory): Promise<AddReceipt> => {
    if (taken.found !== 'waiting') await outbox.resend(taken);
    const ready = await labelled(memory);
    sent.add(taken);
    return attempt((signal) => provider.add(ready, signal));
  };

  const sendTogether = async (group: TakenWrite[]): Promise<Sent[]> => {
    const { addAll } = provider;
    const ready = await Promise.all(
      group.flatMap(({ write }) => (write.kind === 'add' ? [labelled(write.memory)] : [])),
    );
    if (!addAll || ready.length < group.length) throw new Error('only adds go together, where the provider takes them');
    for (const taken of group) sent.add(taken);
    const receipts = await attempt((signal) => addAll(ready, signal));
    return receipts.map((receipt, i) => ({ ...receipt, gone: [group[i]?.operationId ?? ''] }));
  };

  /** An attempt that may have arrived is looked up before it is sent again. */
  const add = async (taken: TakenWrite, write: Add): Promise<Sent> => {
    const { memory, failures = 0 } = write;
    const gone = [taken.operationId];
    if (taken.found !== 'waiting') {
      const earlier = await look(taken, memory.operationId, taken.attempt.eventId);
      if (earlier?.status === 'failed') return { ...earlier, again: { ...write, failures: failures + 1 }, gone };
      if (earlier) return { ...earlier, gone };
      // It was there once; what is gone since then was deleted.
      if (taken.found === 'stored') return { status: 'stored', memories: [], gone };
    }
    const infer = memory.infer && failures < failuresAtMost;
    return { ...(await addNow(taken, { ...memory, infer })), gone };
  };

  /**
   * What stands for an id that the provider does not know: the memories of the add whose provisional point had it, or the one that was
   * made anew in its place. null where there is none.
   */
  const findStandIn = async (taken: TakenWrite, memoryId: string): Promise<AddReceipt | null> => {
    const history = await attempt((signal) => provider.history(memoryId, signal));
    // What has a history was a memory of the provider's own.
    const added = history.length > 0 ? null : await look(taken, memoryId, taken.attempt.eventId);
    if (added?.status === 'pending') return added;
    if (added?.status === 'stored' && added.memories.length > 0) return added;
    const renewed = await look(taken, renewalOf(memoryId), null);
    return renewed?.status === 'failed' ? null : renewed;
  };

  /**
   * The id of the memory that supersedes another. Where an add was not done yet when that was said, it is known by its operation until
   * here; null where nothing came of that add, or what it made is gone: then nothing takes the other one's place.
   */
  const findSuperseder = async (taken: TakenWrite, id: string): Promise<string | 'pending' | null> => {
    if (await attempt((signal) => provider.get(id, signal))) return id;
    const added = await look(taken, id, null);
    if (added?.status === 'stored') return added.memories[0]?.id ?? null;
    if (added?.status === 'pending') return 'pending';
    const state = await outbox.stateOf(id);
    return state === null || state === 'dead' ? null : 'pending';
  };

  const update = async (taken: TakenWrite, write: Update): Promise<Sent> => {
    const { supersededBy: said } = write.change;
    if (!said) return updateAs(taken, write);
    const found = await findSuperseder(taken, said);
    // No event of this write's own: what is given in its place is asked about in vain.
    if (found === 'pending') return { status: 'pending', eventId: said, gone: [] };
    // The provider may have changed the older memory itself instead of making a newer one.
    const supersededBy = found === write.memoryId ? null : found;
    const changed = write.changed && { ...write.changed, supersededBy };
    return updateAs(taken, { ...write, change: { ...write.change, supersededBy }, changed });
  };

  const updateAs = async (taken: TakenWrite, { memoryId, change, changed, origin }: Update): Promise<Sent> => {
    const updateOne = (id: string) => attempt((signal) => provider.update(id, change, signal));
    const memory = await updateOne(memoryId);
    if (memory) return { status: 'stored', memories: [memory], gone: [] };
    const gone = [memoryId];
    const standIn = await findStandIn(taken, memoryId);
    if (standIn?.status === 'pending') return { ...standIn, gone };
    // What a room keeps, and has not deleted itself, is to be there whoever else deleted it.
    if (!standIn && changed && (origin || !(await isDeleted(taken.userId, memoryId))))
      return { ...(await addNow(taken, toRenewal(memoryId, changed))), gone };
    const memories: Memory[] = [];
    for (const { id } of standIn?.memories ?? []) {
      // One text takes the place of all that was made of the words.
      const isReplaced = change.text !== undefined && memories.length > 0;
      const result = isReplaced ? null : await updateOne(id);
      if (isReplaced) await attempt((signal) => provider.delete(id, signal));
      if (result) memories.push(result);
      else gone.push(id);
    }
    return memories.length > 0 ? { status: 'stored', memories, gone } : { status: 'missing', gone };
  };

  /** By us: what is not at the provider for another reason was lost there. */
  const isDeleted = async (userId: string, memoryId: string) => (await tombstones.among(userId, [memoryId])).length > 0;

  const remove = async (taken: TakenWrite, { memoryId, forget }: Delete): Promise<Sent> => {
    const removeOne = (id: string) => attempt((signal) => provider.delete(id, signal));
    const existed = await removeOne(memoryId);
    const standIn = existed ? null : await findStandIn(taken, memoryId);
    if (standIn?.status === 'pending') return { ...standIn, gone: [] };
    const ids = (standIn?.memories ?? []).map(({ id }) => id);
    for (const id of ids) await removeOne(id);
    const gone = [memoryId, ...ids];
    if (forget) for (const id of gone) await attempt(async (signal) => provider.forget?.(id, signal));
    // A second attempt finds nothing to delete because the first one did it.
    const isDone = existed || ids.length > 0 || taken.found !== 'waiting';
    return isDone ? { status: 'stored', memories: [], gone } : { status: 'missing', gone };
  };

  return {
    hasSent: (taken) => sent.has(taken),
    sendTogether,
    send: async (taken) => {
      const { write } = taken;
      if (write.kind === 'add') return add(taken, write);
      return write.kind === 'update' ? update(taken, write) : remove(taken, write);
    },
  };
}

const toRenewal = (memoryId: string, memory: Memory): NewMemory => {
  const { userId, text, type, tags, metadata, sessionId, speaker, createdAt: at, expiresAt, supersededBy } = memory;
  const utterances = [{ role: 'user' as const, name: speaker, content: text, at }];
  const kept = { userId, utterances, type, topic: null, tags, metadata, sessionId, at, expiresAt };
  return { operationId: renewalOf(memoryId), ...kept, infer: false, supersededBy };
};

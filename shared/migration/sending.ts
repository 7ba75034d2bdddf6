import { type AddReceipt, type Attempt, type MemoryProvider, ProviderError } from '../memory/provider';
import type { ItemRow, Mark } from './checkpoints';
import { toNewMemory } from './item';
import type { MigrationItem } from './migration-contract';
import type { Pace } from './pace';

/** An item that is to be at the target, and its checkpoint. */
export interface Outgoing {
  item: MigrationItem;
  row: ItemRow;
}

export interface SendingOptions {
  target: MemoryProvider;
  pace: Pace;
  mark(marks: Mark[]): Promise<void>;
  now: () => Date;
  /** How long after its end, as we saw it, an attempt may still show at the target. */
  lateMs: number;
}

/** As many as Zep takes in one call; with a target that takes one at a time, those that one checkpoint is for. */
export const together = 30;
/** So many refusals for good, each by itself, set an item aside. */
const refusalsAtMost = 3;

/** What is known of an item after an attempt; what is not named is to be sent again. */
type Outcome = { state: 'arrived'; targetIds: string[] } | { state: 'refused'; reason: string };

const marksOf = (outgoing: Outgoing[], state: Mark['state'], more: Partial<Mark> = {}): Mark[] =>
  outgoing.map(({ row }) => ({ userId: row.userId, sourceId: row.sourceId, state, ...more }));

const isWorthAnother = (error: unknown): error is ProviderError => error instanceof ProviderError;

/**
 * Brings one person's items to a provider in their order, each once: before an attempt they are noted as sent, and what may have arrived is
 * looked up before it is sent again.
 */
export function createSending({ target, pace, mark, now, lateMs }: SendingOptions) {
  const settled = (item: MigrationItem): Mark['state'] => (item.supersededBy ? 'stored' : 'done');

  /** What became of an add: null where it never arrived, and cannot any more. */
  const lookUp = async ({ item, row }: Outgoing, attempt: Attempt, signal: AbortSignal): Promise<Outcome | null> => {
    for (let asked = 0; ; asked++) {
      const find = (within: AbortSignal) => target.find(item.userId, row.operationId, attempt, within);
      const found = await pace.insist(find, signal);
      if (!found || found.status === 'failed') return null;
      if (found.status === 'stored') return toOutcome(found.memories);
      await pace.rest(asked, signal);
    }
  };
  const toOutcome = (memories: { id: string }[]): Outcome =>
    memories.length > 0
      ? { state: 'arrived', targetIds: memories.map(({ id }) => id) }
      : { state: 'refused', reason: 'nothing_kept' };

  const lookUpAll = async (group: Outgoing[], attempt: Attempt, signal: AbortSignal) => {
    const found = await Promise.all(group.map((each) => lookUp(each, attempt, signal)));
    return new Map(group.flatMap((each, i) => (found[i] ? [[each, found[i]] as const] : [])));
  };

  /** An add that the provider took: it may still be at work on it. */
  const conclude = async (each: Outgoing, receipt: AddReceipt, sentAt: Date, signal: AbortSignal) => {
    if (receipt.status === 'stored') return toOutcome(receipt.memories);
    const attempt = { sentAt, arrivesUntil: later(lateMs), eventId: receipt.eventId };
    return lookUp(each, attempt, signal);
  };
  const later = (ms: number) => new Date(now().getTime() + ms);

  const send = ({ item, row }: Outgoing) => toNewMemory(item, row.operationId);

  /** One attempt at a group: what is known of each afterwards, and what went wrong. */
  const attemptAll = async (group: Outgoing[], signal: AbortSignal) => {
    const outcomes = new Map<Outgoing, Outcome>();
    const sentAt = now();
    const note = async (some: Outgoing[], receipts: AddReceipt[]) => {
      for (const [i, each] of some.entries()) {
        const receipt = receipts[i];
        const outcome = receipt && (await conclude(each, receipt, sentAt, signal));
        if (outcome) outcomes.set(each, outcome);
      }
    };
    let underWay = group;
    try {
      const { addAll } = target;
      if (addAll) {
        const send1 = (within: AbortSignal) => addAll.call(target, group.map(send), within);
        await note(group, await pace.run(send1, signal));
      } else {
        for (const each of group) {
          underWay = [each];
          await note(underWay, [await pace.run((within) => target.add(send(each), within), signal)]);
        }
      }
      return { outcomes, error: null };
    } catch (error) {
      if (!isWorthAnother(error)) throw error;
      // A refusal of several may have come after some of them were taken.
      if (error.options.outcomeUnknown || (!error.options.retryable && underWay.length > 1)) {
        const lateAtMost = error.code === 'timeout' || error.code === 'unavailable' ? lateMs : 0;
        const attempt = { sentAt, arrivesUntil: later(lateAtMost), eventId: null };
        for (const [each, outcome] of await lookUpAll(underWay, attempt, signal)) outcomes.set(each, outcome);
      }
      return { outcomes, error, underWay };
    }
  };

  const toMark = (each: Outgoing, outcome: Outcome): Mark[] =>
    outcome.state === 'arrived'
      ? marksOf([each], settled(each.item), { targetIds: outcome.targetIds })
      : marksOf([each], 'poison', { reason: outcome.reason });

  /** A memory that an earlier run brought, and that has changed since. */
  const change = async ({ item, row }: Outgoing, signal: AbortSignal): Promise<Mark[]> => {
    const [id = ''] = row.targetIds;
    const { content: text, metadata, expiresAt } = item;
    const update = (within: AbortSignal) => target.update(id, { text, metadata, expiresAt }, within);
    const changed = await pace.insist(update, signal);
    const poison = { state: 'poison' as const, reason: 'gone_at_target' };
    return marksOf([{ item, row }], 'present', changed ? {} : poison);
  };

  return {
    /** What an attempt before this process, or this run, was under way with. Those that never arrived are given back. */
    settleSent: async (sent: Outgoing[], signal: AbortSignal): Promise<Outgoing[]> => {
      if (sent.length === 0) return [];
      const sentAt = new Date(Math.min(...sent.map(({ row }) => (row.sentAt ?? now()).getTime())));
      const found = await lookUpAll(sent, { sentAt, arrivesUntil: later(lateMs), eventId: null }, signal);
      await mark([...found].flatMap(([each, outcome]) => toMark(each, outcome)));
      return sent.filter((each) => !found.has(each));
    },
    /** Rejects with `OutageError` where the target is away, and with the signal's reason once it aborts: then what is noted holds. */
    sendInOrder: async (outgoing: Outgoing[], signal: AbortSignal): Promise<void> => {
      const refusals = new Map<Outgoing, number>();
      let waiting = outgoing;
      let alone = 0;
      for (let failures = 0; waiting.length > 0; ) {
        signal.throwIfAborted();
        const [first] = waiting;
        if (first && first.row.targetIds.length > 0) {
          await mark(await change(first, signal));
          waiting = waiting.slice(1);
          continue;
        }
        const until = waiting.findIndex(({ row }) => row.targetIds.length > 0);
        const group = waiting.slice(0, Math.min(alone > 0 ? 1 : together, until < 0 ? together : until));
        alone = Math.max(0, alone - 1);
        await mark(marksOf(group, 'sent', { sentAt: now() }));
        const { outcomes, error, underWay = [] } = await attemptAll(group, signal);
        if (error && !error.options.retryable) {
          // Which of them it is shows when each goes by itself.
          if (underWay.length > 1) alone = underWay.length;
          else {
            const [each = group[0]] = underWay;
            if (each && !outcomes.has(each)) {
              const count = (refusals.get(each) ?? 0) + 1;
              refusals.set(each, count);
              if (count >= refusalsAtMost) outcomes.set(each, { state: 'refused', reason: `target_${error.code}` });
              else alone = Math.max(alone, 1);
            }
          }
        }
        await mark([...outcomes].flatMap(([each, outcome]) => toMark(each, outcome)));
        waiting = waiting.filter((each) => !outcomes.has(each));
        failures = error?.options.retryable ? failures + 1 : 0;
        if (failures > 0) await pace.rest(failures - 1, signal);
      }
    },
  };
}

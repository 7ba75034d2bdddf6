import { type AddReceipt, type Attempt, type MemoryProvider, ProviderError } from '../memory/provider';
import { pause } from '../resilience/pause';
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
  /** How long after it failed an attempt may still show at the target. */
  lateMs: number;
}

/** Turns of one session that Zep takes in one call. */
const turnsACall = 30;
/** What one checkpoint is for: each costs a write to disk, and what fails half-way is looked up. */
const callsAGroup = 8;
const itemsAGroup = 30;
/** So many refusals for good, each by itself, set an item aside. */
const refusalsAtMost = 3;
/** An attempt that got no answer at all may show so many times later than one that got a failure. */
const silenceFactor = 20;

/** What is known of an item after an attempt; what is not named is to be sent again. */
type Outcome = { state: 'arrived'; targetIds: string[] } | { state: 'refused'; reason: string };
type Outcomes = Map<Outgoing, Outcome>;

const marksOf = (outgoing: Outgoing[], state: Mark['state'], more: Partial<Mark> = {}): Mark[] =>
  outgoing.map(({ row }) => ({ userId: row.userId, sourceId: row.sourceId, state, ...more }));

/** Counts the calls that items take where a provider takes several: neighbours that are turns of one session go together. */
export function createCallCounter() {
  let before: MigrationItem | null = null;
  let inCall = 0;
  return (item: MigrationItem): 0 | 1 => {
    const isNext = before?.kind === 'message' && item.kind === 'message' && before.sessionId === item.sessionId;
    inCall = isNext ? (inCall + 1) % turnsACall : 0;
    before = item;
    return inCall === 0 ? 1 : 0;
  };
}

const send = ({ item, row }: Outgoing) => toNewMemory(item, row.operationId);
const isChange = ({ row }: Outgoing) => row.targetIds.length > 0;

const toOutcome = (memories: { id: string }[]): Outcome =>
  memories.length > 0
    ? { state: 'arrived', targetIds: memories.map(({ id }) => id) }
    : { state: 'refused', reason: 'nothing_kept' };

const toMark = (each: Outgoing, outcome: Outcome): Mark[] =>
  outcome.state === 'arrived'
    ? marksOf([each], each.item.supersededBy ? 'stored' : 'done', { targetIds: outcome.targetIds })
    : marksOf([each], 'poison', { reason: outcome.reason });

/**
 * Brings one person's items to a provider in their order, each once: before an attempt they are noted as sent. What may have arrived is
 * waited for, and then looked up before it is sent again; a provider with `addAll` does so itself.
 */
export function createSending({ target, pace, mark, now, lateMs }: SendingOptions) {
  const { addAll } = target;

  /** What became of an add: null where it never arrived, and cannot any more. */
  const lookUp = async ({ item, row }: Outgoing, attempt: Attempt, signal: AbortSignal): Promise<Outcome | null> => {
    for (let asked = 0; ; asked++) {
      const find = (within: AbortSignal) => target.find(item.userId, row.operationId, attempt, within);
      const found = await pace.insist(find, signal);
      if (!found || found.status === 'failed') return null;
      if (found.status === 'stored') return toOutcome(found.memories);
      await pace.rest(asked, null, signal);
    }
  };

  /** Those of a group that have arrived, once none is on its way any more; of a provider that looks itself, none is named. */
  const settle = async (group: Outgoing[], sentAt: Date, overAt: number, signal: AbortSignal): Promise<Outcomes> => {
    await pause(Math.max(0, overAt - now().getTime()), signal);
    signal.throwIfAborted();
    if (addAll) return new Map();
    const attempt = { sentAt, arrivesUntil: now(), eventId: null };
    const found = await Promise.all(group.map((each) => lookUp(each, attempt, signal)));
    return new Map(group.flatMap((each, i) => (found[i] ? [[each, found[i]] as const] : [])));
  };

  /** Notes what an add made; the target may still be at work on it. */
  const conclude = async (each: Outgoing, receipt: AddReceipt | undefined, sentAt: Date, signal: AbortSignal) => {
    if (!receipt) return null;
    if (receipt.status === 'stored') return toOutcome(receipt.memories);
    const arrivesUntil = new Date(now().getTime() + silenceFactor * lateMs);
    return lookUp(each, { sentAt, arrivesUntil, eventId: receipt.eventId }, signal);
  };

  /** One attempt at a group: what is known of its items afterwards, and what went wrong with which. */
  const attempt = async (group: Outgoing[], signal: AbortSignal) => {
    const outcomes: Outcomes = new Map();
    const sentAt = now();
    let underWay = group;
    const take = async (receipts: AddReceipt[]) => {
      for (const [i, each] of underWay.entries()) {
        const outcome = await conclude(each, receipts[i], sentAt, signal);
        if (outcome) outcomes.set(each, outcome);
      }
    };
    try {
      const calls = addAll ? [group] : group.map((each) => [each]);
      for (underWay of calls) {
        const [first] = underWay;
        const call = async (within: AbortSignal) =>
          addAll ? addAll(underWay.map(send), within) : first ? [await target.add(send(first), within)] : [];
        await take(await pace.run(call, signal));
      }
      return { outcomes, underWay, error: null, failedAt: 0 };
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      const failedAt = now().getTime();
      const { code, options } = error;
      const { receipts = [] } = options;
      await take(receipts);
      underWay = underWay.slice(receipts.length);
      const mayArriveMs = !options.outcomeUnknown || code === 'rate_limited' ? 0 : lateMs;
      const overAt = failedAt + mayArriveMs * (code === 'timeout' ? silenceFactor : 1);
      if (options.outcomeUnknown)
        for (const [each, outcome] of await settle(underWay, sentAt, overAt, signal)) outcomes.set(each, outcome);
      return { outcomes, underWay, error, failedAt };
    }
  };

  /** A memory that an earlier run brought, and that has changed since. */
  const change = async (each: Outgoing, signal: AbortSignal): Promise<Mark[]> => {
    const { content: text, metadata, expiresAt } = each.item;
    const update = (within: AbortSignal) =>
      target.update(each.row.targetIds[0] ?? '', { text, metadata, expiresAt }, within);
    const isThere = (await pace.insist(update, signal)) !== null;
    return isThere ? marksOf([each], 'present') : marksOf([each], 'poison', { reason: 'gone_at_target' });
  };

  /** The next items that are noted together; where one was refused, each goes alone. */
  const nextGroup = (waiting: Outgoing[], isAlone: boolean): Outgoing[] => {
    const [first] = waiting;
    if (!first || isAlone || isChange(first)) return waiting.slice(0, 1);
    const callsOf = createCallCounter();
    let calls = 0;
    const end = waiting.findIndex((each, i) => {
      calls += callsOf(each.item);
      return isChange(each) || (addAll ? calls > callsAGroup : i >= itemsAGroup);
    });
    return end < 0 ? waiting : waiting.slice(0, end);
  };

  return {
    /** What an attempt before this process, or this run, was under way with. Those that are to be sent again are given back. */
    settleSent: async (sent: Outgoing[], signal: AbortSignal): Promise<Outgoing[]> => {
      if (sent.length === 0) return [];
      const times = sent.map(({ row }) => (row.sentAt ?? now()).getTime());
      const overAt = Math.max(...times) + silenceFactor * lateMs;
      const found = await settle(sent, new Date(Math.min(...times)), overAt, signal);
      await mark([...found].flatMap(([each, outcome]) => toMark(each, outcome)));
      return sent.filter((each) => !found.has(each));
    },
    /** Rejects with `OutageError` where the target is away, and with the signal's reason once it aborts: then what is noted holds. */
    sendInOrder: async (outgoing: Outgoing[], signal: AbortSignal): Promise<void> => {
      const refusals = new Map<Outgoing, number>();
      let waiting = outgoing;
      let alone = 0;
      let failures = 0;
      // What became of a group is noted together with the beginning of the next one.
      let marks: Mark[] = [];
      try {
        while (waiting.length > 0) {
          signal.throwIfAborted();
          const group = nextGroup(waiting, alone > 0);
          alone = Math.max(0, alone - 1);
          const [first] = group;
          if (first && isChange(first)) {
            marks.push(...(await change(first, signal)));
            waiting = waiting.slice(1);
            continue;
          }
          // Nothing is noted for an attempt that would end unmade.
          await pace.ready(signal);
          const begun = [...marks, ...marksOf(group, 'sent', { sentAt: now() })];
          marks = [];
          await mark(begun);
          const { outcomes, underWay, error, failedAt } = await attempt(group, signal);
          if (error && !error.options.retryable) {
            // Which of them it is shows when each goes by itself.
            alone = underWay.length > 1 ? underWay.length : alone;
            for (const each of underWay.length === 1 ? underWay : []) {
              const count = (refusals.get(each) ?? 0) + 1;
              refusals.set(each, count);
              if (count >= refusalsAtMost) outcomes.set(each, { state: 'refused', reason: `target_${error.code}` });
            }
          }
          marks.push(...[...outcomes].flatMap(([each, outcome]) => toMark(each, outcome)));
          waiting = waiting.filter((each) => !outcomes.has(each));
          failures = error?.options.retryable ? failures + 1 : 0;
          if (failures > 0) await pace.rest(failures - 1, error, signal, now().getTime() - failedAt);
        }
      } finally {
        await mark(marks);
      }
    },
  };
}

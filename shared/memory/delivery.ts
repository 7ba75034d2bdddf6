import { atMost } from '../resilience/at-most';
import { raceSignal } from '../resilience/deadline';
import { isCutOff, levelFor } from '../resilience/policy';
import { describeError } from '../telemetry/logger';
import { type CarryingDependencies, createCarrying, type Outcome } from './carrying';
import { createLookAgain } from './look-again';
import type { Memory } from './memory';
import type { TakenWrite } from './outbox-contract';

/** How often in a row a provider that works asynchronously is asked again by itself; after that the tick does. */
const pendingPolls = 15;
/** Adds that go together; the model takes a third of a second for them. */
const togetherAtMost = 128;
/** People whose new adds go together: who adds something meanwhile waits for all of these. */
const peopleTogether = 25;
/** While the model is at work on one of them, the database is on another. More would only keep each other waiting, whoever asked. */
const groupsAtOnce = 2;
/** How often in a row what came meanwhile for a group goes together, too, before everybody's other writes have their turn. */
const roundsAtMost = 8;
const provisionalMs = 2_000;

export interface DeliveryDependencies extends CarryingDependencies {
  /** How soon a provider that works asynchronously is asked again. */
  pendingPollMs?: number;
}

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

export function createDelivery(dependencies: DeliveryDependencies): Delivery {
  const { outbox, provider, index, points, tombstones, shelter = null, statistics, logger } = dependencies;
  const { pendingPollMs = 2_000 } = dependencies;
  const draining = new Map<string, { lookAgain: boolean; hasNew: boolean; done: Promise<void> }>();
  const waiting = new Map<string, (outcome: Outcome) => void>();
  const outcomes = new Map<string, Promise<Outcome>>();
  // A provisional point must not overtake the provider's own memories, so each waits for the other.
  const provisional = new Map<string, Promise<void>>();
  // What the provider has not taken, by person: who waits is told once it is known whether a second one keeps it.
  const queued = new Map<string, [operationId: string, outcome: Outcome][]>();
  const inTurn = atMost(groupsAtOnce);
  const carrying = createCarrying(dependencies, { provisional, pendingPollMs });

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

  /** What goes to the provider with a write: nothing but new adds with a new add. */
  const alongWith = async ({ userId, write, found, hasMore }: TakenWrite): Promise<TakenWrite[]> => {
    const mayGoTogether = provider.addAll && hasMore && found === 'waiting' && write.kind === 'add' && write.origin;
    return mayGoTogether ? outbox.takeAlong(userId, togetherAtMost - 1) : [];
  };

  /** Sends them, and tells who waits what became of them. */
  const settle = async (group: TakenWrite[]): Promise<void> => {
    const outcomes = await carrying.carry(group);
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

  /**
   * New adds of these people, and those that come for them while they are sent. Person by person that would be a commit for each: a
   * service that is once behind would fall back further.
   */
  const sendTogether = async (userIds: string[]): Promise<void> => {
    let people = userIds;
    for (let round = 0; people.length > 0 && round < roundsAtMost; round++) {
      await sendNew(people);
      people = people.filter((userId) => {
        const current = draining.get(userId);
        if (!current?.hasNew) return false;
        current.hasNew = false;
        return true;
      });
    }
  };

  /** `begun` sends some of the person's writes. Who comes meanwhile has it look once more before it ends: its last look may have been too early for this write. */
  const drainAfter = (userId: string, begun?: Promise<void>): Promise<void> => {
    const drained = { lookAgain: begun === undefined, hasNew: false, done: Promise.resolve() };
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
    current.hasNew = true;
    return current.done;
  };

  /** A group's turn: what is new of all of them goes together. What each has besides goes on after it, and is waited for by `drained`. */
  const beginGroup = async (group: string[]): Promise<{ drained: Promise<unknown> }> => {
    const idle = group.filter((userId) => !draining.has(userId));
    for (const userId of group) if (draining.has(userId)) void drain(userId).catch(() => undefined);
    const begun = sendTogether(idle);
    const drained = Promise.all(idle.map((userId) => drainAfter(userId, begun)));
    // Whoever waits for it learns why it failed.
    drained.catch(() => undefined);
    await begun.catch(() => undefined);
    return { drained };
  };

  const drainNew: Delivery['drainNew'] = async (userIds, signal) => {
    if (!provider.addAll || userIds.length === 0) return userIds;
    const groups = Array.from({ length: Math.ceil(userIds.length / peopleTogether) }, (_, i) =>
      userIds.slice(i * peopleTogether, (i + 1) * peopleTogether),
    );
    const turns = groups.map((group) => inTurn(async () => (signal?.aborted ? null : beginGroup(group))));
    await Promise.all(turns.map(async (turn) => (await turn)?.drained));
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
    const hasArrived =
      carrying.isIndexing(operationId) || (outcome.status !== 'queued' && outcome.status !== 'pending');
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

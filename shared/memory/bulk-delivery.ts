import type { Delivery } from './delivery';

/** Sends what was kept of many people at once, so that neither provider nor database has more than a few of them at a time. */
export interface BulkDelivery {
  /** Resolves once these people's writes were sent, or have to wait. Never rejects: what is left is for the tick. */
  send(userIds: Iterable<string>): Promise<void>;
  /** Resolves once nothing is under way. */
  idle(): Promise<void>;
}

export function createBulkDelivery(delivery: Delivery, atOnce: () => number): BulkDelivery {
  const waiting = new Map<string, { done: Promise<void>; start: () => void }>();
  const running = new Set<Promise<void>>();
  const sending = new Set<Promise<void>>();

  const next = () => {
    for (const [userId, { start }] of waiting) {
      if (running.size >= atOnce()) return;
      waiting.delete(userId);
      start();
    }
  };

  /** One turn of a person; who has one to come needs no other: it takes all that is there by then. */
  const turnOf = (userId: string): Promise<void> => {
    const known = waiting.get(userId);
    if (known) return known.done;
    let start: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => {
      start = resolve;
    });
    const drained = begun.then(() => delivery.drain(userId)).catch(() => undefined);
    const done = drained.finally(() => {
      running.delete(done);
      next();
    });
    waiting.set(userId, {
      done,
      start: () => {
        running.add(done);
        start();
      },
    });
    return done;
  };

  const sendAll = async (people: string[]) => {
    const turns = (await delivery.drainNew(people).catch(() => people)).map(turnOf);
    next();
    await Promise.all(turns);
  };

  return {
    send: (userIds) => {
      const sent = sendAll([...new Set(userIds)]).finally(() => sending.delete(sent));
      sending.add(sent);
      return sent;
    },
    idle: async () => {
      while (sending.size > 0) await Promise.all(sending);
    },
  };
}

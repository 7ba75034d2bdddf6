import type { Delivery } from './delivery';
import type { Outbox } from './outbox-contract';

/** How many people one tick looks after, and how many at once. */
const peopleATick = 1_000;
const atOnce = 8;

/**
 * Sends every write that is due, what is new of many people together and all else person by person: the longest waiting first, at most 8 people at once. One person's trouble
 * holds up nobody else. Starts nobody new once `signal` aborts. Rejects only when the database cannot be reached.
 */
export async function drainOutbox(
  { outbox, delivery }: { outbox: Outbox; delivery: Delivery },
  signal: AbortSignal,
): Promise<{ people: number; failed: number }> {
  const people = await outbox.duePeople(peopleATick);
  const queue = (await delivery.drainNew(people, signal)).values();
  let failed = 0;
  const worker = async () => {
    for (const userId of queue) {
      if (signal.aborted) return;
      await delivery.drain(userId).catch(() => failed++);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { people: people.length, failed };
}

import { bulkhead } from 'cockatiel';

/** Lets so many pieces of work go on at a time; the others wait for their turn, in the order they came. Settles as the work does. */
export function atMost(count: number): <T>(work: () => Promise<T>) => Promise<T> {
  const turns = bulkhead(count, Number.POSITIVE_INFINITY);
  return (work) => turns.execute(work);
}

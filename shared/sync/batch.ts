import { z } from 'zod';

/** People whom one message of the queue asks to sync, and the run that sent it. Of people it holds their ids and nothing else. */
export type Batch = z.output<typeof batch>;

export const batch = z.strictObject({
  version: z.literal(1),
  run: z.int(),
  people: z.array(z.string().min(1)).min(1).max(100),
});

/** Instances share few large batches unevenly; many small ones cost a transaction each. */
const wantedBatches = 50;
const peopleAtLeast = 2;
/** Storage queues take 64 KiB a message, in base64. */
const peopleAtMost = 25;

/** `isAlone`: a batch with this person failed for good, and the others in it are not to suffer twice. Pure. */
export function toBatches(run: number, people: readonly { userId: string; isAlone: boolean }[]): Batch[] {
  const idsOf = (isAlone: boolean) => people.filter((person) => person.isAlone === isAlone).map(({ userId }) => userId);
  const together = idsOf(false);
  const size = Math.min(peopleAtMost, Math.max(peopleAtLeast, Math.ceil(together.length / wantedBatches)));
  const groups = idsOf(true).map((userId) => [userId]);
  for (let i = 0; i < together.length; i += size) groups.push(together.slice(i, i + size));
  return groups.map((group) => ({ version: 1, run, people: group }));
}

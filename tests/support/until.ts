import { setTimeout as delay } from 'node:timers/promises';

/** Resolves once `condition` holds; the test's own time limit ends the wait. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await delay(20);
}

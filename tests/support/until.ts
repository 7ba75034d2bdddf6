import { setTimeout as delay } from 'node:timers/promises';

/** Resolves once `condition` holds. Rejects where it does not in a minute, so that no test waits on when it has ended. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const ends = Date.now() + 60_000;
  while (!(await condition())) {
    if (Date.now() > ends) throw new Error(`Waited in vain for: ${condition}`);
    await delay(40);
  }
}

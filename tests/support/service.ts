import { createContainer } from '../../shared/container';
import { createDatabase } from '../../shared/database/client';
import { createDeadline } from '../../shared/resilience/deadline';
import type { SearchIndex } from '../../shared/search/index';
import { createTestClock } from './clock';
import { createFaultyProvider } from './faulty-provider';
import { freshHome } from './home';

/** A database server that nobody reaches. */
export const nowhere = 'postgres://nobody@127.0.0.1:1/none';

/** Keepsake whole, but for the door: over a provider that can be made to fail, on a clock that is turned by hand. */
export function createTestService({ env = {}, index }: { env?: NodeJS.ProcessEnv; index?: SearchIndex } = {}) {
  const clock = createTestClock();
  const home = env.KEEPSAKE_HOME ?? freshHome();
  const database = env.DATABASE_URL ? undefined : createDatabase({ home, url: undefined });
  const provider = createFaultyProvider(clock.now, database);
  const lines: string[] = [];
  const container = createContainer({
    env: { KEEPSAKE_HOME: home, LOG_LEVEL: 'debug', ...env },
    now: clock.now,
    provider,
    ...(database && { database }),
    ...(index && { index }),
    writeLog: (line) => lines.push(line),
  });
  return {
    container,
    clock,
    provider,
    lines,
    /** One tick of the timer, and whose writes were due. */
    tick: async () => (await container.sync({})).outbox,
    /** Calls of the provider that write, or ask what became of a write. */
    writes: () => provider.calls.filter(({ method }) => ['add', 'find', 'update', 'delete'].includes(method)),
    close: async () => {
      provider.release();
      await container.close();
      await provider.close();
    },
  };
}

export const aDeadline = () => createDeadline(10_000);

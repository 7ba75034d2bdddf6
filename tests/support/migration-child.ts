import { setTimeout as delay } from 'node:timers/promises';
import { loadSettings } from '../../shared/config/settings';
import { createDatabase } from '../../shared/database/client';
import { createLocalProvider } from '../../shared/memory/local';
import { createMem0Provider } from '../../shared/memory/mem0';
import type { MemoryProvider } from '../../shared/memory/provider';
import { createZepProvider } from '../../shared/memory/zep';
import type { MigrationRequest } from '../../shared/migration/migration-contract';
import { createMigrator } from '../../shared/migration/migrator';
import { createRedaction } from '../../shared/redaction/redaction';
import { createLogger } from '../../shared/telemetry/logger';

/** One step of a migration as a process of its own, with what of its timing is another: prints `begun <run>` and at its end `ended <JSON>`. Settings come from the environment. */
type Step =
  | { do: 'run'; request: MigrationRequest }
  | { do: 'resume' | 'validate' | 'report'; id: string }
  | { do: 'measure'; request: MigrationRequest; idleMs?: number };

const now = () => new Date();
const { settings } = loadSettings(process.env);
const database = createDatabase({ home: settings.KEEPSAKE_HOME, url: settings.DATABASE_URL });
const logger = createLogger(settings.LOG_LEVEL);
const statistics = { observe: () => undefined, count: () => undefined };
const parts = { settings, statistics, logger, now, database };

const providers: Record<MemoryProvider['name'], () => MemoryProvider> = {
  local: () => createLocalProvider(database, now),
  mem0: () => createMem0Provider(parts),
  zep: () => createZepProvider(parts),
};
const migrator = createMigrator({
  ...{ database, logger, now, redaction: createRedaction(settings), providers: (name) => providers[name]() },
  signingKey: () => undefined,
  timing: JSON.parse(process.argv[3] ?? '{}'),
});

/** What the most memory was that this process took, above the least that it takes while it idles with an open database, in MB. */
async function measure(request: MigrationRequest, idleMs: number) {
  await database.open();
  let idle = process.memoryUsage.rss();
  for (const until = performance.now() + idleMs; performance.now() < until; await delay(100))
    idle = Math.min(idle, process.memoryUsage.rss());
  let peak = idle;
  const sampling = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  const status = await migrator.run(request);
  clearInterval(sampling);
  const toMb = (bytes: number) => Math.round(bytes / 1_048_576);
  return { status, idleMb: toMb(idle), peakMb: toMb(peak), aboveIdleMb: toMb(peak - idle) };
}

async function carryOut(step: Step): Promise<unknown> {
  switch (step.do) {
    case 'measure':
      return measure(step.request, step.idleMs ?? 0);
    case 'resume':
      return migrator.resume(step.id);
    case 'validate':
      return migrator.validate(step.id);
    case 'report':
      return (await migrator.report(step.id)).json;
    case 'run': {
      if (typeof step.request.to !== 'string') return migrator.run(step.request);
      const id = await migrator.plan(step.request);
      console.log(`begun ${id}`);
      return migrator.resume(id);
    }
  }
}

carryOut(JSON.parse(process.argv[2] ?? '{}'))
  .then((result) => console.log(`ended ${JSON.stringify(result)}`))
  .then(() => console.log(`cpu ${process.cpuUsage().user / 1e6} ${process.cpuUsage().system / 1e6}`))
  .then(() => database.close())
  .then(
    () => process.exit(0),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );

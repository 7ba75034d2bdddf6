import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { settingNames } from '../shared/config/settings';
import { createContainer } from '../shared/container';
import { createDatabase } from '../shared/database/client';
import { syncState } from '../shared/database/schema';
import { startAzurite } from '../tests/support/azurite';
import { type Child, startChild } from '../tests/support/child';
import { createServerDatabase } from '../tests/support/databases';
import { createMem0Server } from '../tests/support/mem0-server';
import { createQdrantServer } from '../tests/support/qdrant-server';
import { bindSyncQueue } from '../tests/support/sync-queue';
import { until } from '../tests/support/until';
import type { Bench } from './run';
import { createSentences } from './sentences';

const people = 10_000;
const changedPeople = 100;
const memoriesEach = 10;
/** Of one worker and two, in turns; the first of each warms up. */
const rounds = 4;

/**
 * `npm run bench -- scale-out --database postgres://… [--qdrant http://…]`: 10,000 people at a loopback Mem0, of whom 100 change ten memories
 * each, synced through Azurite by one worker process and by two. A worker is a whole Keepsake held to one core, as an instance of Functions
 * is; the vendors, Azurite and Postgres share the two cores with them. The index is a loopback Qdrant, or a real one.
 */
export const bench: Bench = async ({ database: given, qdrant }) => {
  const server = given ?? process.env.TEST_DATABASE_URL;
  if (!server) throw new Error('scale-out needs a Postgres server: --database postgres://… or TEST_DATABASE_URL');
  // Who does not change below changed before the overlap that discovery looks back over.
  let seededAt: Date | null = new Date(Date.now() - 3_600_000);
  const vendors = [createMem0Server({ now: () => seededAt ?? new Date() }), createQdrantServer()] as const;
  const [azurite, mem0, index] = await Promise.all([startAzurite(), ...vendors]);
  const { url, drop } = await createServerDatabase(server);
  const queue = `bench-${randomUUID()}`;
  const env = {
    ...{ DATABASE_URL: url, SYNC_QUEUE_NAME: queue, LOG_LEVEL: 'warn', PORT: '0', SYNC_SCHEDULE: '0 0 0 1 1 *' },
    ...{ MEM0_API_KEY: mem0.apiKey, MEM0_BASE_URL: mem0.url },
    ...{ QDRANT_URL: qdrant ?? index.url, QDRANT_COLLECTION: `bench_${process.pid}` },
  };
  const container = createContainer({ env });
  const database = createDatabase({ home: '', url });
  const { tick } = bindSyncQueue(container, { storage: azurite.connection, queue });
  const workers: Child[] = [];
  try {
    const { statement } = createSentences(3);
    const said = (count: number) => Array.from({ length: count }, () => ({ role: 'user', content: statement() }));
    for (let i = 0; i < people; i++)
      mem0.store.keep({ user_id: `person-${i}`, messages: [] }, said(i < changedPeople ? memoriesEach : 1));
    const rows = mem0.store.rows.slice(0, changedPeople * memoriesEach);
    seededAt = null;
    const db = await database.open();
    await noteAsSynced(db);

    const unset = Object.fromEntries(settingNames.map((name) => [name, '']));
    for (const core of [0, 1]) {
      const storage = { AzureWebJobsStorage: azurite.connection };
      const settings = { ...unset, ...env, ...storage };
      const worker = startChild('tests/support/sync-worker.ts', ['{"maxPollingIntervalMs":100}'], settings, []);
      workers.push(worker);
      // Before it loads the model, which takes as many threads as there are cores.
      execFileSync('taskset', ['-acp', String(core), String(worker.process.pid)], { stdio: 'ignore' });
      await worker.line(/ready/);
    }
    const [, second] = workers;

    const measure = async (count: number) => {
      second?.process.kill(count === 1 ? 'SIGSTOP' : 'SIGCONT');
      for (const row of rows) mem0.store.change(row, { memory: statement() });
      const started = performance.now();
      await tick();
      const tickMs = performance.now() - started;
      await until(async () => {
        const { rows: left } = (await db.execute(
          sql`select 1 from ${syncState} where ${syncState.queuedRun} is not null limit 1`,
        )) as unknown as { rows: unknown[] };
        return left.length === 0;
      });
      const batchesMs = performance.now() - started - tickMs;
      console.log(`${count} workers: tick ${Math.round(tickMs)} ms, batches ${Math.round(batchesMs)} ms`);
      return { tickMs, batchesMs };
    };
    const measured: Record<1 | 2, { tickMs: number; batchesMs: number }[]> = { 1: [], 2: [] };
    for (let round = 0; round < rounds; round++)
      for (const count of [2, 1] as const) measured[count].push(await measure(count));
    second?.process.kill('SIGCONT');

    const describe = (count: 1 | 2) => {
      const counted = measured[count].slice(1);
      const batches = median(counted.map(({ batchesMs }) => batchesMs)) / 1_000;
      return {
        'tick, s': toHundredths(median(counted.map(({ tickMs }) => tickMs)) / 1_000),
        'batches, s': toHundredths(batches),
        'memories/s': Math.round((changedPeople * memoriesEach) / batches),
      };
    };
    const table = { '1 worker': describe(1), '2 workers': describe(2) };
    const [one, two] = [table['1 worker'], table['2 workers']];
    const ratio = toHundredths(one['batches, s'] / two['batches, s']);
    const withTick = toHundredths((one['tick, s'] + one['batches, s']) / (two['tick, s'] + two['batches, s']));
    console.table(table);
    console.log(
      `two workers sync ${ratio} times as fast as one; with the tick, which one instance does, ${withTick} times`,
    );
    return {
      index: qdrant ? 'qdrant' : 'loopback qdrant',
      people,
      changed_people: changedPeople,
      ...table,
      ratio,
      with_tick: withTick,
    };
  } finally {
    for (const worker of workers) await worker.kill();
    await container.close();
    await database.close();
    await Promise.all([azurite.stop(), mem0.close(), index.close()]);
    await drop();
  }
};

/** Everybody's index is up to date before the first round: only who changes is looked at. */
async function noteAsSynced(db: Awaited<ReturnType<ReturnType<typeof createDatabase>['open']>>): Promise<void> {
  const at = new Date();
  const synced = { changedAt: at, syncedTo: at, watermark: new Date(0), reconciledAt: at };
  for (let i = 0; i < people; i += 1_000)
    await db
      .insert(syncState)
      .values(Array.from({ length: 1_000 }, (_, k) => ({ userId: `person-${i + k}`, ...synced })));
}

const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const toHundredths = (value: number) => Math.round(100 * value) / 100;

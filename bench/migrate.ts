import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Child, startChild } from '../tests/support/child';
import { createServerDatabase } from '../tests/support/databases';
import { createRandom, type Fault } from '../tests/support/faults';
import { createMem0Server } from '../tests/support/mem0-server';
import { compareStores, seedMem0 } from '../tests/support/migration-world';
import { createZepServer } from '../tests/support/zep-server';
import type { Bench } from './run';

const faults: Fault[] = [
  { kind: 'status', status: 503 },
  { kind: 'status', status: 503, applied: true },
  { kind: 'status', status: 429, retryAfterSeconds: 1 },
  { kind: 'reset' },
  { kind: 'reset', applied: true },
];
const faultShare = 0.2;
const latencyMs = 5;
/** Where the migrating process is killed, as shares of what there is to bring. */
const kills = [0.2, 0.5, 0.8];

/**
 * `npm run bench -- migrate [--people 200] [--file true] [--database postgres://…]`: people with 100 messages and 25 memories each, from a
 * loopback Mem0, or an export of it, to a loopback Zep that takes 5 ms and fails at every fifth request, by a process that is killed three
 * times. What arrived is counted in the loopbacks' own stores.
 */
export const bench: Bench = async (flags) => {
  const world = { people: Number(flags.people ?? 200), messages: 100, memories: 25 };
  const [mem0, zep] = [await createMem0Server(), await createZepServer()];
  const home = mkdtempSync(join(tmpdir(), 'keepsake-bench-'));
  const server = flags.database ? await createServerDatabase(flags.database) : null;
  const random = createRandom(7);
  const fault = () =>
    random() < faultShare
      ? (faults[Math.floor(random() * faults.length)] ?? null)
      : { kind: 'slow' as const, ms: latencyMs };
  const env = {
    ...{ KEEPSAKE_HOME: home, DATABASE_URL: server?.url ?? '', LOG_LEVEL: 'warn' },
    ...{ MEM0_API_KEY: mem0.apiKey, MEM0_BASE_URL: mem0.url, ZEP_API_KEY: zep.apiKey, ZEP_BASE_URL: zep.url },
  };
  let child: Child | null = null;
  const begin = (step: object) => {
    child = startChild('tests/support/migration-child.ts', [JSON.stringify(step)], env, []);
    return child;
  };
  // biome-ignore lint/suspicious/noExplicitAny: a status, a validation or a report.
  const result = async (running: Child): Promise<any> =>
    JSON.parse((await running.line(/^ended /)).slice('ended '.length));
  try {
    seedMem0(mem0, world);
    let from: unknown = 'mem0';
    if (flags.file) {
      const file = join(home, 'export.json');
      await result(begin({ do: 'run', request: { from: 'mem0', to: { file } } }));
      from = { file };
    }
    const items = mem0.store.rows.length;
    zep.fault = fault;
    const started = performance.now();
    const arrived = () => new Set(zep.store.all().map(({ episode }) => episode.metadata.keepsake_id)).size;
    const reach = async (count: number) => {
      while (arrived() < count) await delay(200);
    };
    let running = begin({ do: 'run', request: { from, to: 'zep' } });
    const id = (await running.line(/^begun /)).slice('begun '.length);
    for (const share of kills) {
      // What ends before it is killed rejects with all that it printed.
      await Promise.race([reach(share * items), running.line(/^ended /)]);
      await running.kill();
      console.log(`killed at ${arrived()} of ${items} after ${Math.round(performance.now() - started)} ms`);
      running = begin({ do: 'resume', id });
    }
    const status = await result(running);
    const seconds = (performance.now() - started) / 1_000;
    const faulty = zep.requests.length;
    zep.fault = () => null;
    const validation = await result(begin({ do: 'validate', id }));
    const report = await result(begin({ do: 'report', id }));
    const truth = compareStores(mem0, zep);
    const isReportTrue =
      report.items.done === arrived() &&
      report.items.planned === items &&
      report.items.set_aside === 0 &&
      report.state === 'done';

    console.table(validation.checks.map(({ examples: _, ...check }: { examples: string[] }) => check));
    const figures = {
      ...{ source: flags.file ? 'export file' : 'mem0', people: world.people, ...truth },
      ...{ state: status.state, validated: validation.passed, report_equals_reality: isReportTrue },
      ...{ kills: kills.length, fault_share: faultShare, requests: faulty, calls: report.calls },
      ...{ seconds: Math.round(10 * seconds) / 10, items_per_second: Math.round(items / seconds) },
    };
    console.table(figures);
    return { figures, validation, report };
  } finally {
    await (child as Child | null)?.kill();
    await Promise.all([mem0.close(), zep.close()]);
    await server?.drop();
    rmSync(home, { recursive: true, force: true });
  }
};

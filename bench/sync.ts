import { createMem0Server, type Mem0Server } from '../tests/support/mem0-server';
import type { Bench } from './run';
import { createSentences } from './sentences';
import { startBenchServer } from './server';

/** What the sync door answers, as far as it is used here. */
interface Report {
  outcome: string;
  people: number;
  written: number;
  errors: number;
  remaining: number;
  provider_ms: number;
  embed_ms: number;
  index_ms: number;
  ms: number;
}

const people = 1_000;
const memoriesEach = 10;
const changedPeople = 100;
const ticks = 5;
/** People whom sync looks after at once, see shared/sync/sync.ts: the time they wait is counted for each. */
const atOnce = 8;

/**
 * `npm run bench -- sync [--qdrant http://…]`: how long sync takes from a loopback Mem0 to the embedded index, or to a Qdrant: a
 * rebuild from nothing, ticks when nothing changed, and one when many people did. Vendor and service share the machine.
 */
export const bench: Bench = async ({ qdrant }) => {
  const mem0 = await createMem0Server();
  const server = await startBenchServer({
    ...{ MEM0_API_KEY: mem0.apiKey, MEM0_BASE_URL: mem0.url, SYNC_SCHEDULE: '0 0 0 1 1 *' },
    ...(qdrant && { QDRANT_URL: qdrant, QDRANT_COLLECTION: `bench_sync_${process.pid}` }),
  });
  const sync = (body: object) => server.call<Report>('POST', 'sync', body);
  try {
    const { statement } = createSentences(2);
    const seen = new Set<string>();
    const sayNew = (): string => {
      const text = statement();
      if (seen.has(text)) return sayNew();
      seen.add(text);
      return text;
    };
    for (let person = 0; person < people; person++) {
      const said = Array.from({ length: memoriesEach }, () => ({ role: 'user', content: sayNew() }));
      mem0.store.keep({ user_id: `person-${person}`, messages: said }, said);
    }

    const rebuild = await untilDone(() => sync({ full: true }));
    const unchanged: Report[] = [];
    const requests = await countRequests(mem0, async () => {
      for (let i = 0; i < ticks; i++) unchanged.push(await sync({}));
    });
    // Changes are told apart by their moment, which Mem0 gives to the millisecond.
    for (const row of mem0.store.rows.slice(0, changedPeople * memoriesEach))
      mem0.store.change(row, { memory: sayNew() });
    const changed = await untilDone(() => sync({}));

    const rows = {
      'rebuild of 10,000 memories': describe(rebuild, { least: 250 }),
      'tick, 1,000 people, nothing changed': {
        ...describe(unchanged.slice(0, 1)),
        seconds: Math.max(...unchanged.map(({ ms }) => ms)) / 1_000,
        'requests to Mem0': requests.length / ticks,
        ok: unchanged.every(({ ms, people: due }) => ms <= 2_000 && due === 0) && isOneListing(requests) ? 'yes' : 'NO',
      },
      'tick, 100 people changed, 10 memories each': describe(changed, { most: 10 }),
    };
    console.table(rows);
    return { index: qdrant ? 'qdrant' : 'embedded', people, memories_each: memoriesEach, rows };
  } finally {
    await server.stop();
    await mem0.close();
  }
};

/** A run has its budget of time, as a tick has; the next one goes on. */
async function untilDone(run: () => Promise<Report>): Promise<Report[]> {
  const reports: Report[] = [];
  do {
    const report = await run();
    reports.push(report);
    console.log(`${report.outcome}: ${report.written} written, ${report.remaining} people left, ${report.ms} ms`);
    if (report.errors > 0 || report.outcome === 'unreachable') throw new Error(JSON.stringify(report));
  } while (reports.at(-1)?.outcome !== 'complete');
  return reports;
}

function describe(reports: Report[], { least, most }: { least?: number; most?: number } = {}) {
  const sum = (field: 'ms' | 'written' | 'embed_ms' | 'provider_ms' | 'index_ms') =>
    reports.reduce((total, report) => total + report[field], 0);
  const seconds = sum('ms') / 1_000;
  const perSecond = Math.round(sum('written') / seconds);
  const share = (ms: number) => `${Math.round((100 * ms) / (atOnce * sum('ms')))} %`;
  const isFast = (least === undefined || perSecond >= least) && (most === undefined || seconds <= most);
  return {
    seconds,
    written: sum('written'),
    'memories/s': perSecond,
    'waiting for the model': share(sum('embed_ms')),
    'for Mem0': share(sum('provider_ms')),
    'for the index': share(sum('index_ms')),
    ok: isFast ? 'yes' : 'NO',
  };
}

async function countRequests(mem0: Mem0Server, work: () => Promise<void>): Promise<string[]> {
  mem0.requests.length = 0;
  await work();
  return mem0.requests.map(({ path }) => path);
}

/** 200 people a page. */
const isOneListing = (paths: string[]) =>
  paths.every((path) => path === '/v1/entities/') && paths.length === ticks * Math.ceil(people / 200);

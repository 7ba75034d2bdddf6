import { createRecordSamples } from './record-samples';
import type { Bench } from './run';
import { type BenchServer, startBenchServer } from './server';

const companies = 1_000;
const people = 5_000;
const facts = companies * 5 + people * 4;

interface Job {
  state: 'queued' | 'running' | 'done' | 'failed';
  loaded: number;
  failed: number;
  memories_created: number;
}

/**
 * `npm run bench -- brain-load`: 1,000 companies of 5 facts and 5,000 people of 4 on the embedded parts, from the request until every row is
 * one to one with the provider, and until all of it can be searched; then the same again, which is to write nothing.
 */
export const bench: Bench = async () => {
  const never = '0 0 0 1 1 *';
  const server = await startBenchServer({ SYNC_SCHEDULE: never, LOAD_SCHEDULE: never });
  try {
    await putAll(server);
    const before = server.residentMib();
    const first = await load(server);
    const counted = await count(server);
    const again = await load(server);
    const countedAgain = await count(server);
    const wroteNothing = again.created === 0 && JSON.stringify(counted) === JSON.stringify(countedAgain);
    const rows = {
      'kept in the brain, s': { value: first.kept, target: null, ok: '' },
      'one to one with the provider, s': within(first.synced, 90),
      'all searchable, s': within(first.searchable, 90),
      'facts a second': { value: Math.round(facts / first.searchable), target: null, ok: '' },
      'loading again, s': { value: again.searchable, target: null, ok: '' },
      'memories made by loading again': { value: again.created, target: 0, ok: wroteNothing ? 'yes' : 'NO' },
    };
    console.table(rows);
    const memory = { before: before?.now, ...server.residentMib() };
    console.log({ ...counted, resident_mib: memory });
    if (first.created !== facts) throw new Error(`${first.created} memories of ${facts}`);
    return { companies, people, facts, counted, countedAgain, memory, rows };
  } finally {
    await server.stop();
  }
};

const within = (value: number, target: number) => ({ value, target, ok: value <= target ? 'yes' : 'NO' });
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function putAll(server: BenchServer): Promise<void> {
  const { company, person } = createRecordSamples(9);
  const puts = [
    ...Array.from({ length: companies }, (_, i) => () => server.call('PUT', `companies/company-${i}`, company())),
    ...Array.from({ length: people }, (_, i) => () => server.call('PUT', `profiles/person-${i}`, person())),
  ].values();
  const worker = async () => {
    for (const put of puts) await put();
  };
  await Promise.all(Array.from({ length: 8 }, worker));
}

/** How long it took, in s, and what was made. */
async function load(server: BenchServer) {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 100) / 10;
  const ids = await Promise.all(
    ['companies', 'users'].map((kind) => server.call<{ job_id: string }>('POST', 'brain/load', { kind })),
  );
  const jobs: Job[] = [];
  for (const { job_id } of ids) jobs.push(await untilDone(server, job_id));
  const kept = seconds();
  if (jobs.some(({ state, failed }) => state !== 'done' || failed > 0)) throw new Error(JSON.stringify(jobs));
  while ((await server.call<{ brain: { pending: number } }>('GET', 'health')).brain.pending > 0) await pause(200);
  const synced = seconds();
  while ((await count(server)).waiting > 0) await pause(200);
  const created = jobs.reduce((sum, job) => sum + job.memories_created, 0);
  return { kept, synced, searchable: seconds(), created };
}

async function untilDone(server: BenchServer, id: string): Promise<Job> {
  for (;;) {
    const job = await server.call<Job>('GET', `jobs/${id}`);
    if (job.state === 'done' || job.state === 'failed') return job;
    await pause(200);
  }
}

/** What there is of everything, as the doors tell it. */
async function count(server: BenchServer): Promise<{ memories: number; waiting: number; dead: number }> {
  const { total_memories: memories } = await server.call<{ total_memories: number }>('GET', 'statistics');
  const { outbox } = await server.call<{ outbox: { waiting: number; dead: number } }>('GET', 'health');
  return { memories, ...outbox };
}

import { percentile } from './percentile';
import type { Bench } from './run';
import { createSentences } from './sentences';
import { type BenchServer, startBenchServer } from './server';

const callers = 500;
const exchangesEach = 20;
const perBatch = 100;
const reads = 500;
const firstCall = Date.UTC(2026, 0, 5, 9);

/**
 * `npm run bench -- conversations`: an import of 10,000 exchanges of 500 callers through conversations/batch, one request after the other,
 * until the provider has all of them and they can be searched; then what a voice agent waits for before it picks up.
 */
export const bench: Bench = async () => {
  const server = await startBenchServer({ SYNC_SCHEDULE: '0 0 0 1 1 *' });
  try {
    const started = performance.now();
    const seconds = () => Math.round((performance.now() - started) / 100) / 10;
    const slowest = await importAll(server, createImport());
    const replied = seconds();
    const waiting = await waitingOf(server);
    await untilSent(server);
    const sent = seconds();
    const { total_memories } = await server.call<{ total_memories: number }>('GET', 'statistics');
    const lastTen = await time((i) =>
      server.call('GET', `conversations?phone=${encodeURIComponent(phoneOf(i % callers))}&limit=10`),
    );
    const contexts = await time((i) => server.call('GET', `sessions/call-${i * 5}/context`));
    const rows = {
      'last reply, s': { value: replied, target: null, ok: '' },
      'all at the provider and searchable, s': within(sent, 120),
      'slowest reply to a batch, ms': { value: slowest, target: null, ok: '' },
      "a caller's last ten by phone, p50, ms": { value: percentile(lastTen, 0.5), target: null, ok: '' },
      "a caller's last ten by phone, p95, ms": within(percentile(lastTen, 0.95), 10),
      "a session's context, p50, ms": { value: percentile(contexts, 0.5), target: null, ok: '' },
      "a session's context, p95, ms": within(percentile(contexts, 0.95), 40),
    };
    console.table(rows);
    const memory = server.residentMib();
    console.log({ waiting_at_last_reply: waiting, total_memories, resident_mib: memory });
    if (total_memories !== callers * exchangesEach) throw new Error(`${total_memories} memories`);
    return { callers, exchanges: callers * exchangesEach, waiting, total_memories, memory, rows };
  } finally {
    await server.stop();
  }
};

const within = (value: number, target: number) => ({ value, target, ok: value <= target ? 'yes' : 'NO' });

const phoneOf = (caller: number) => `+1415555${String(1_000 + caller)}`;

/** As calls came in: everybody calls five times, a call has four exchanges, and the callers' calls lie among each other. */
function createImport(): object[] {
  const { statement, question } = createSentences(8);
  return Array.from({ length: callers * exchangesEach }, (_, i) => {
    const call = Math.floor(i / 4);
    const caller = (call * 7) % callers;
    return {
      session_id: `call-${call}`,
      user: { phone: phoneOf(caller), name: `Caller ${caller}` },
      ...{ query: question(), answer: statement() },
      ...{ at: new Date(firstCall + call * 600_000 + (i % 4) * 30_000).toISOString(), tags: ['import'] },
    };
  });
}

/** How long the slowest reply took, in ms. */
async function importAll(server: BenchServer, conversations: object[]): Promise<number> {
  let slowest = 0;
  for (let i = 0; i < conversations.length; i += perBatch) {
    const started = performance.now();
    const { stored } = await server.call<{ stored: number }>('POST', 'conversations/batch', {
      conversations: conversations.slice(i, i + perBatch),
    });
    if (stored !== perBatch) throw new Error(`${stored} of a batch were stored`);
    slowest = Math.max(slowest, Math.round(performance.now() - started));
  }
  return slowest;
}

const waitingOf = async (server: BenchServer) =>
  (await server.call<{ outbox: { waiting: number } }>('GET', 'statistics')).outbox.waiting;

/** Nothing but what goes on by itself, and a tick should that have ended. */
async function untilSent(server: BenchServer): Promise<void> {
  let left = await waitingOf(server);
  while (left > 0) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const now = await waitingOf(server);
    if (now === left) await server.call('POST', 'sync', {});
    left = now;
  }
}

async function time(call: (i: number) => Promise<unknown>): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < reads; i++) {
    const started = performance.now();
    await call(i);
    took.push(performance.now() - started);
  }
  return took;
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, type Fault, faultsAtRandom } from '../tests/support/faults';
import { type LocalService, startLocalService } from '../tests/support/local-service';
import { createMem0Server, type Mem0Server } from '../tests/support/mem0-server';
import { type Accepted, sendAll, type Write } from './fault-clients';
import type { Bench } from './run';
import { createSentences } from './sentences';

const fullSizes = { writes: 2_000, people: 100, clients: 20, phase_seconds: 60 };
const quickSizes = { writes: 200, people: 20, clients: 20, phase_seconds: 10 };
const failingShare = 0.3;
const extractionMs = 1_000;
const failedExtractions = 0.05;
/** In phases: two while Mem0 fails, one while it is dead. */
const killsAt = [0.35, 0.75, 1.6];
const drainSecondsAtMost = 1_200;

/**
 * `npm run bench -- faults [--quick]`: writes while Mem0 fails in every way for one phase and is dead for another, and Keepsake is
 * killed three times; then whether everything that got a 2xx is in Mem0 and in the index, each once, and how long that took.
 */
export const bench: Bench = async ({ quick }) => {
  const sizes = quick ? quickSizes : fullSizes;
  const home = mkdtempSync(join(tmpdir(), 'keepsake-bench-'));
  const mem0 = await createMem0Server();
  mem0.store.laterMs = extractionMs;
  const env = { MEM0_API_KEY: mem0.apiKey, MEM0_BASE_URL: mem0.url, MEM0_TIMEOUT: '2', LOG_LEVEL: 'error' };
  const start = () => startLocalService(home, env);
  let service = await start();
  let kills = 0;
  const kill = async () => {
    await service.kill();
    kills++;
    service = await start();
  };
  const accepted: Accepted[] = [];
  let phase = 'failing';
  const stopTelling = tell(() => `${phase}: ${accepted.length} of ${sizes.writes} taken, ${kills} kills`);
  try {
    const phaseMs = sizes.phase_seconds * 1_000;
    const begun = performance.now();
    /** Until so many phases are over. */
    const until = (phases: number) => sleep(Math.max(0, begun + phases * phaseMs - performance.now()));
    const options = { clients: sizes.clients, overMs: 2 * phaseMs, accepted };
    const sending = sendAll(() => service, writesOf(sizes), options);
    const killing = (async () => {
      for (const phases of killsAt) {
        await until(phases);
        await kill();
      }
    })();

    mem0.fault = faultsAtRandom(faults, failingShare, 1);
    mem0.store.fails = (
      (random) => () =>
        random() < failedExtractions
    )(createRandom(2));
    await until(1);
    phase = 'dead, refusing';
    await mem0.close();
    await until(1.5);
    phase = 'dead, silent';
    mem0.fault = () => ({ kind: 'silent' });
    await mem0.reopen();
    await until(2);
    await killing;

    phase = 'recovering';
    mem0.fault = () => null;
    mem0.store.fails = () => false;
    const recovered = performance.now();
    await sending;
    const drained = await drain(service);
    const drain_seconds = Math.round((performance.now() - recovered) / 1_000);
    const { outbox } = drained;
    const found = await check(service, mem0, accepted);
    const answers = countAnswers(accepted);
    const calls_to_mem0 = mem0.requests.length;
    const result = { ...answers, ...found, dead: outbox.dead, kills, drain_seconds, calls_to_mem0 };
    console.table(Object.fromEntries(Object.entries(result).map(([name, value]) => [name, { value }])));
    return { quick: quick !== undefined, sizes, failing_share: failingShare, result };
  } finally {
    stopTelling();
    await service.stop();
    await mem0.close();
    rmSync(home, { recursive: true, force: true });
  }
};

/** Every way to fail, each also where what was asked for was done and only the reply is lost. */
const faults: Fault[] = [
  ...[false, true].flatMap((applied): Fault[] => [
    ...[401, 404, 500].map((status): Fault => ({ kind: 'status', status, applied })),
    { kind: 'status', status: 429, retryAfterSeconds: 1, applied },
    { kind: 'nonsense', applied },
    { kind: 'silent', applied },
    { kind: 'reset', applied },
  ]),
  { kind: 'slow', ms: 1_000 },
  { kind: 'slow', ms: 4_000 },
];

/** Every other one verbatim; a number makes each text its own. */
function writesOf({ writes, people }: typeof fullSizes): Write[] {
  const sentences = createSentences(1);
  return Array.from({ length: writes }, (_, i) => ({
    userId: `person-${i % people}`,
    text: `${sentences.statement()} That was note ${i}.`,
    infer: Math.floor(i / people) % 2 === 0,
    messageId: `message-${i}`,
  }));
}

/** Waits until nothing waits any more, and gives back what health says then. */
async function drain(service: LocalService): Promise<{ outbox: { waiting: number; dead: number } }> {
  for (const started = performance.now(); performance.now() - started < drainSecondsAtMost * 1_000; await sleep(500)) {
    const { body } = await service.call('GET', 'health');
    if (body.outbox.waiting === 0) return body;
  }
  throw new Error(`The outbox is not empty after ${drainSecondsAtMost} s.`);
}

/** Whether each write is in Mem0 once, and in the index once, as the memory that Mem0 has. */
async function check(service: LocalService, mem0: Mem0Server, accepted: Accepted[]) {
  mem0.store.settle();
  const indexed = new Map<string, { id: string; text: string }[]>();
  for (const userId of new Set(accepted.map(({ write }) => write.userId))) {
    // As many as one answer can hold, and more than anybody has: the answer is all of the person's index.
    const { body } = await service.call('POST', 'search', { user_id: userId, query: 'note', limit: 100 });
    if (body.memory.source !== 'index') throw new Error(`not the index's answer: ${JSON.stringify(body.memory)}`);
    indexed.set(userId, body.results);
  }
  const ids = new Set(mem0.store.rows.map(({ id }) => id));
  const of = ({ write: { userId, text } }: Accepted) => ({
    rows: mem0.store.rows.filter(({ user_id, memory }) => user_id === userId && memory === text).length,
    points: (indexed.get(userId) ?? []).filter((point) => point.text === text),
  });
  const kept = accepted.filter(({ status }) => status !== 'skipped').map(of);
  const count = (holds: (found: ReturnType<typeof of>) => boolean) => kept.filter(holds).length;
  return {
    lost: count(({ rows, points }) => rows === 0 || points.length === 0),
    duplicated: count(({ rows, points }) => rows > 1 || points.length > 1),
    lost_in_mem0: count(({ rows }) => rows === 0),
    duplicated_in_mem0: count(({ rows }) => rows > 1),
    lost_in_index: count(({ points }) => points.length === 0),
    duplicated_in_index: count(({ points }) => points.length > 1),
    provisional_in_index: count(({ points }) => points.some(({ id }) => !ids.has(id))),
    rows_in_mem0: ids.size,
    points_in_index: [...indexed.values()].flat().length,
  };
}

function countAnswers(accepted: Accepted[]) {
  const count = (status: Accepted['status']) => accepted.filter((answer) => answer.status === status).length;
  return {
    writes_accepted: accepted.length,
    ...{ stored: count('stored'), pending: count('pending'), queued: count('queued'), skipped: count('skipped') },
    sent_again: accepted.reduce((sum, { sent }) => sum + sent - 1, 0),
  };
}

/** Says every five seconds how far it is; returns what ends that. */
function tell(state: () => string): () => void {
  const started = performance.now();
  const say = () => console.log(`${Math.round((performance.now() - started) / 1_000)} s ${state()}`);
  const timer = setInterval(say, 5_000);
  return () => clearInterval(timer);
}

import { createMem0Server } from '../tests/support/mem0-server';
import { createQdrantServer } from '../tests/support/qdrant-server';
import type { Bench } from './run';
import { type BenchServer, startBenchServer } from './server';

const requestsLater = 50;
/** Should the circuits never open. */
const mostFirst = 40;

type Ask = (server: BenchServer, i: number) => Promise<unknown>;

const chat: Ask = (server, i) =>
  server.call('POST', 'chat', {
    user_id: `person-${i % 5}`,
    message: `My locker is number ${i}. Which one do I have?`,
  });
const search: Ask = async (server, i) => {
  const { results } = await server.call<{ results: unknown }>('POST', 'search', {
    user_id: `person-${i}`,
    query: 'locker',
  });
  if (results !== null) throw new Error('Nobody could be asked, and it was not said.');
};

/**
 * `npm run bench -- silent`: how long a chat and a search take, one after the other, while Mem0 and Qdrant accept every call and
 * never answer: at first, and once their circuits are open.
 */
export const bench: Bench = async () => {
  const rows = [
    ...(await measure('chat', chat, { first: 2_000, later: 300 })),
    ...(await measure('search', search, { first: null, later: 300 })),
  ];
  console.table(Object.fromEntries(rows.map(({ name, ...row }) => [name, { ...row, ok: isWithin(row) }])));
  return { rows };
};

const isWithin = ({ max_ms, target_ms }: { max_ms: number; target_ms: number | null }) =>
  target_ms === null ? '' : max_ms <= target_ms ? 'yes' : 'NO';

/** On a server of its own: the circuits are open as soon as a request reaches neither vendor. */
async function measure(name: string, ask: Ask, targets: { first: number | null; later: number }) {
  const [mem0, qdrant] = [await createMem0Server(), await createQdrantServer()];
  for (const vendor of [mem0, qdrant]) vendor.fault = () => ({ kind: 'silent' });
  const server = await startBenchServer({
    ...{ MEM0_API_KEY: mem0.apiKey, MEM0_BASE_URL: mem0.url, QDRANT_URL: qdrant.url, LOG_LEVEL: 'error' },
  });
  try {
    const asked = () => mem0.requests.length + qdrant.requests.length;
    const first: number[] = [];
    for (let before = -1; before < asked(); ) {
      if (first.length === mostFirst) throw new Error(`The circuits are not open after ${mostFirst} requests.`);
      before = asked();
      first.push(await time(() => ask(server, first.length)));
    }
    const later = [first.pop() ?? 0];
    while (later.length < requestsLater) later.push(await time(() => ask(server, first.length + later.length)));
    return [
      toRow(`${name}, first requests`, first, targets.first),
      toRow(`${name}, circuits open`, later, targets.later),
    ];
  } finally {
    for (const vendor of [mem0, qdrant]) await vendor.close();
    await server.stop();
  }
}

async function time(call: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await call();
  return performance.now() - started;
}

function toRow(name: string, times: number[], target_ms: number | null) {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  return { name, requests: times.length, p50_ms: at(0.5), max_ms: at(1), target_ms };
}

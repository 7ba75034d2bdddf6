import { percentile } from './percentile';
import type { Bench } from './run';
import { createSentences, type Sentences } from './sentences';
import { type BenchServer, StatusError, startBenchServer } from './server';

/**
 * `npm run bench -- latency [--quick]`: how long searches and adds take through HTTP, one after the other, and how much memory
 * the server takes with many people. Everything is loaded through add-memory, verbatim, in conversations of many turns.
 */
export const bench: Bench = async ({ quick }) => {
  const sizes = quick ? quickSizes : fullSizes;
  const server = await startBenchServer();
  try {
    const sentences = createSentences(1);
    const latency = await measureLatency(server, sentences, sizes);
    const load = await measureLoad(server, sentences, sizes);
    const rows = [...latency, ...load.rows];
    console.log({ ...sizes, ...load.notes });
    console.table(Object.fromEntries(rows.map(({ name, ...row }) => [name, { ...row, ok: isWithin(row) }])));
    return { quick: quick !== undefined, sizes, rows, notes: load.notes };
  } finally {
    await server.stop();
  }
};

const fullSizes = {
  memories_of_one: 1_000,
  searches: 500,
  adds: 200,
  people: 1_000,
  memories_each: 100,
  distinct_texts: 20_000,
};
const quickSizes = {
  memories_of_one: 1_000,
  searches: 200,
  adds: 50,
  people: 50,
  memories_each: 100,
  distinct_texts: 2_000,
};
type Sizes = typeof fullSizes;

interface Row {
  name: string;
  value: number | null;
  unit: 'ms' | 'MiB';
  /** The highest value that is good enough; null where there is none to hold. */
  target: number | null;
}

const isWithin = ({ value, target }: Pick<Row, 'value' | 'target'>) =>
  value === null || target === null ? '' : value <= target ? 'yes' : 'NO';

/** What one person who has said much waits for, on a server that has nobody else to serve. */
async function measureLatency(server: BenchServer, sentences: Sentences, sizes: Sizes): Promise<Row[]> {
  const userId = 'one';
  await load(server, [[userId, Array.from({ length: sizes.memories_of_one }, sentences.statement)]], () => undefined);
  const search = (query: string) => server.call('POST', 'search', { user_id: userId, query });
  const questions = (count: number) => Array.from({ length: count }, sentences.question);
  await time(questions(30), search);

  const asked = questions(sizes.searches);
  const fresh = await time(asked, search);
  // The newest hundred, again and again: well within the cache of texts.
  const again = Array.from({ length: sizes.searches }, (_, i) => asked.slice(-100)[i % 100] ?? '');
  const cached = await time(again, search);
  const texts = Array.from({ length: sizes.adds }, sentences.statement);
  const adds = await time(texts, (text) => server.call('POST', 'add-memory', { user_id: userId, text }));
  return [
    { name: 'search, new query, p50', value: percentile(fresh, 0.5), unit: 'ms', target: 8 },
    { name: 'search, new query, p95', value: percentile(fresh, 0.95), unit: 'ms', target: 20 },
    { name: 'search, cached query, p50', value: percentile(cached, 0.5), unit: 'ms', target: 4 },
    { name: 'search, cached query, p95', value: percentile(cached, 0.95), unit: 'ms', target: null },
    { name: 'add-memory, p50', value: percentile(adds, 0.5), unit: 'ms', target: 25 },
    { name: 'add-memory, p95', value: percentile(adds, 0.95), unit: 'ms', target: null },
  ];
}

/** What the server's process takes with many people, all of whom have searched. */
async function measureLoad(server: BenchServer, sentences: Sentences, sizes: Sizes) {
  const pool = Array.from({ length: sizes.distinct_texts }, sentences.statement);
  const people = Array.from({ length: sizes.people }, (_, person): [string, string[]] => {
    // A stride that is no divisor of the pool: nobody has a text twice, and every text is used as often as any other.
    const texts = Array.from(
      { length: sizes.memories_each },
      (_, i) => pool[(person * 7_919 + i * 101) % pool.length] ?? '',
    );
    return [`person-${person}`, texts];
  });
  const started = performance.now();
  const sentAgain = await load(server, people, progress(sizes.people * sizes.memories_each));
  const loadSeconds = Math.round((performance.now() - started) / 1_000);
  const loaded = server.residentMib();
  const first = await time(people, ([userId]) =>
    server.call('POST', 'search', { user_id: userId, query: sentences.question() }),
  );
  const searched = server.residentMib();
  const { total_memories, cache_hit_rate } = await server.call<{ total_memories: number; cache_hit_rate: number }>(
    'GET',
    'statistics',
  );
  const rows: Row[] = [
    { name: "a person's first search, p50", value: percentile(first, 0.5), unit: 'ms', target: null },
    { name: "a person's first search, p95", value: percentile(first, 0.95), unit: 'ms', target: null },
    { name: 'resident after loading all', value: loaded?.now ?? null, unit: 'MiB', target: 900 },
    { name: 'resident after all have searched', value: searched?.now ?? null, unit: 'MiB', target: 900 },
    { name: 'resident at its highest', value: searched?.highest ?? null, unit: 'MiB', target: 900 },
  ];
  return {
    rows,
    notes: { load_seconds: loadSeconds, sent_again: sentAgain, total_memories, text_cache_hit_rate: cache_hit_rate },
  };
}

const turnsARequest = 50;
/** One thread embeds; a second request is parsed and stored meanwhile. */
const requestsAtOnce = 2;

/**
 * Stores each person's texts as conversations. What was not taken in time is sent again, as the answer asks. Resolves with how often
 * that was needed, once everything is stored and searchable.
 */
async function load(
  server: BenchServer,
  people: [userId: string, texts: string[]][],
  onStored: (count: number) => void,
): Promise<number> {
  const requests = people.flatMap(([userId, texts]) =>
    Array.from({ length: Math.ceil(texts.length / turnsARequest) }, (_, i) => ({
      user_id: userId,
      session_id: `session-${i}`,
      message_id: `session-${i}`,
      infer: false,
      messages: texts.slice(i * turnsARequest, (i + 1) * turnsARequest).map((content) => ({ role: 'user', content })),
    })),
  );
  const queue = requests.values();
  let sentAgain = 0;
  const store = async (body: (typeof requests)[number], attempts = 5): Promise<void> => {
    try {
      await server.call('POST', 'add-memory', body);
    } catch (error) {
      if (!(error instanceof StatusError && error.status === 503) || attempts === 1) throw error;
      sentAgain++;
      await store(body, attempts - 1);
    }
  };
  const worker = async () => {
    for (const body of queue) {
      await store(body);
      onStored(body.messages.length);
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, worker));
  const waiting = async () => (await server.call<{ outbox: { waiting: number } }>('GET', 'health')).outbox.waiting;
  while ((await waiting()) > 0) await new Promise((resolve) => setTimeout(resolve, 500));
  return sentAgain;
}

function progress(total: number): (count: number) => void {
  const started = performance.now();
  let done = 0;
  return (count) => {
    const twentieth = Math.floor((done * 20) / total);
    done += count;
    if (Math.floor((done * 20) / total) === twentieth) return;
    const perSecond = Math.round((1_000 * done) / (performance.now() - started));
    console.log(`loaded ${done} of ${total} memories, ${perSecond} a second`);
  };
}

/** How long each call takes in ms, one after the other. */
async function time<T>(inputs: T[], call: (input: T) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (const input of inputs) {
    const started = performance.now();
    await call(input);
    times.push(performance.now() - started);
  }
  return times;
}

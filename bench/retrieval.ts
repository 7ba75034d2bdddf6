import { ablate } from './ablation';
import { type BenchHost, startBenchHost } from './host';
import { type Conversation, readConversations, toMemories } from './locomo';
import { type Answer, recallByCategory, recallOf } from './recall';
import type { Bench } from './run';

/**
 * Recall of LoCoMo's evidence turns through the HTTP API: each turn is stored as a memory, each question is searched.
 * `--data`: folder of the conversations.
 */
export const bench: Bench = async ({ data }) => {
  if (!data) throw new Error('usage: npm run bench -- retrieval --data <folder>');
  const conversations = readConversations(data);
  const host = await startBenchHost();
  try {
    const turnIds = new Map<string, string>();
    const storing = performance.now();
    await Promise.all(conversations.map((conversation) => store(host, conversation, turnIds)));
    const addMs = (performance.now() - storing) / turnIds.size;
    const searching = performance.now();
    const answers: Answer[] = [];
    for (const conversation of conversations) answers.push(...(await search(host, conversation, turnIds)));
    const searchMs = (performance.now() - searching) / answers.length;
    await host.stop();

    const sizes = { conversations: conversations.length, memories: turnIds.size, questions: answers.length };
    const recall = recallOf(answers);
    const by_category = recallByCategory(answers);
    console.log(sizes, { addMs, searchMs });
    console.table(rounded({ all: { ...recall, questions: answers.length }, ...by_category }));
    const ablation = await ablate(host.home, conversations, turnIds);
    console.log('each part of the ranking left out (in process, on the same index)');
    console.table(rounded(ablation));
    return { sizes, recall, by_category, ablation, mean_ms: { add: addMs, search: searchMs } };
  } finally {
    await host.stop();
    host.clean();
  }
};

async function store(host: BenchHost, conversation: Conversation, turnIds: Map<string, string>): Promise<void> {
  for (const { turnId, request } of toMemories(conversation)) {
    const { memory_id } = await host.post<{ memory_id: string }>('add-memory', request);
    turnIds.set(memory_id, turnId);
  }
}

async function search(
  host: BenchHost,
  { id, questions }: Conversation,
  turnIds: Map<string, string>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const { question, evidence, category } of questions) {
    const request = { user_id: `locomo-${id}`, query: question, limit: 20 };
    const { results } = await host.post<{ results: { id: string }[] }>('search', request);
    answers.push({ category, evidence, found: results.map((result) => turnIds.get(result.id) ?? '') });
  }
  return answers;
}

const rounded = (table: Record<string, Record<string, number>>) =>
  Object.fromEntries(
    Object.entries(table).map(([row, cells]) => [
      row,
      Object.fromEntries(Object.entries(cells).map(([name, value]) => [name, Math.round(value * 1000) / 1000])),
    ]),
  );

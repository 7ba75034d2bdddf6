import { shippedPath } from '../shared/config/shipped-files';
import { createDatabase } from '../shared/database/client';
import { createMiniLm } from '../shared/embedding/minilm';
import { createTerms } from '../shared/embedding/terms';
import { createDotKernel } from '../shared/search/dot-kernel';
import { readPoints, toPoint } from '../shared/search/embedded-rows';
import { layOut } from '../shared/search/person-points';
import { type RankingPart, rank, rankingWeights, toRankingQuery } from '../shared/search/ranking';
import { scorePoints } from '../shared/search/scoring';
import type { Conversation } from './locomo';
import { type Answer, type Recall, recallOf } from './recall';

/** Parts that the data exercises: it has no superseded memories, no topics, and nothing recent. */
const parts = Object.keys(rankingWeights).filter(
  (part) => !['superseded', 'topic', 'recency'].includes(part),
) as RankingPart[];

/** Recall with all parts of the ranking, and with each one's weight at 0, on the index that a host left in `home`. */
export async function ablate(
  home: string,
  conversations: readonly Conversation[],
  turnIds: ReadonlyMap<string, string>,
): Promise<Record<string, Recall>> {
  const terms = createTerms('auto');
  const embedder = createMiniLm({ modelsPath: shippedPath('models'), terms });
  const kernels = { tokens: createDotKernel(), sentences: createDotKernel() };
  const database = createDatabase({ home, url: undefined });
  const answers = new Map<string, Answer[]>(['nothing', ...parts].map((part) => [part, []]));
  try {
    const db = await database.open();
    for (const { id, questions } of conversations) {
      const points = layOut((await readPoints(db, `locomo-${id}`, 0)).map(toPoint));
      for (const { question, evidence, category } of questions) {
        const query = toRankingQuery(question, null, Date.now());
        const embedding = await embedder.embed(question);
        const candidates = scorePoints(kernels, points, { embedding, terms: terms.terms(question) }, () => true);
        for (const [part, list] of answers) {
          const ranked = rank(candidates, query, 20, { ...rankingWeights, [part]: 0 });
          list.push({
            category,
            evidence,
            found: ranked.map(({ candidate }) => turnIds.get(candidate.facts.id) ?? ''),
          });
        }
      }
    }
  } finally {
    await database.close();
  }
  return Object.fromEntries(Array.from(answers, ([part, list]) => [part, recallOf(list)]));
}

import { isFitting } from './filter';
import type { IndexPoint, IndexQuery } from './index';
import { layOut, toPoint } from './person-points';
import { type RankedMemory, rank, toRankingQuery } from './ranking';
import { type Kernels, scorePoints } from './scoring';
import { toInt8 } from './sentence-vectors';

/** A person's points that lie in no index, ranked as the embedded index ranks its own; [] when none passes the query's filter. */
export function rankPoints(kernels: Kernels, points: readonly IndexPoint[], query: IndexQuery): RankedMemory[] {
  const laid = points.map(({ memory, embedding, terms }, version) => {
    const { sentence, tokens } = embedding;
    return toPoint({ memory, version, sentence: toInt8(sentence), tokens: tokens.values, terms });
  });
  const isIncluded = points.map(({ memory }) => isFitting(memory, query.filter, query.now));
  const candidates = scorePoints(kernels, layOut(laid), query, ({ version }) => isIncluded[version] === true);
  const ranked = rank(candidates, toRankingQuery(query.text, query.topic, query.now.getTime()), query.limit);
  return ranked.flatMap(({ candidate, score, breakdown }) => {
    const point = points[candidate.facts.version];
    return point ? [{ memory: point.memory, provisional: point.provisional, score, breakdown }] : [];
  });
}

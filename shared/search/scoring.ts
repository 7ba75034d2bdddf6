import { matchTerms } from './bm25';
import type { DotKernel } from './dot-kernel';
import type { IndexQuery } from './index';
import { lateInteraction } from './late-interaction';
import type { PersonPoints, PointFacts } from './person-points';
import type { Candidate } from './ranking';
import { sentenceCosines } from './sentence-vectors';

/** A point to be ranked. */
export interface ScoredPoint extends Candidate {
  facts: PointFacts;
}

/** One kernel for the tokens and one for the sentences, so that a person who asks twice in a row is in place for both. */
export interface Kernels {
  tokens: DotKernel;
  sentences: DotKernel;
}

/** Every point that `includes` lets through, with its raw scores for a query. How rare a word is, is counted over all of them. */
export function scorePoints(
  kernels: Kernels,
  points: PersonPoints,
  { embedding, terms }: Pick<IndexQuery, 'embedding' | 'terms'>,
  includes: (facts: PointFacts) => boolean,
): ScoredPoint[] {
  const { stems, values } = embedding.tokens;
  const lexical = matchTerms(terms, stems, points);
  const late = lateInteraction(kernels.tokens, values, stems.map(lexical.idf), points.tokens, points.tokenStarts);
  const sentence = sentenceCosines(kernels.sentences, points.sentences, embedding.sentence);
  const scored: ScoredPoint[] = [];
  points.facts.forEach((facts, i) => {
    const place = points.places[i];
    if (!place || !includes(facts)) return;
    scored.push({ facts, place, lexical: lexical.scores[i] ?? 0, late: late[i] ?? 0, sentence: sentence[i] ?? 0 });
  });
  return scored;
}

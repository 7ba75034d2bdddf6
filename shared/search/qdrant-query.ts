import { brainType } from '../memory/memory';
import { matchTerms } from './bm25';
import type { IndexQuery } from './index';
import { placesOf } from './person-points';
import { toFilter } from './qdrant-filter';
import { companyFields, fromStored, type ScoredPoint, type StoredPoint, toContent, toRows } from './qdrant-point';
import { toSparseQuery, unpackStems } from './qdrant-terms';
import { type RankedMemory, type RankingFacts, rank, toRankingQuery } from './ranking';

/** How many memories are found by sentence vector. A person with no more is searched in full, and ranked as by the embedded index. */
const foundByContent = 1000;
/** How many more of a person with more are found by stems. */
const foundByTerms = 200;
/** Sub-queries of late interaction; the stems of a longer query share. */
const mostGroups = 12;
/** A token vector's component of 1. */
const unit = 127;

/** Token vectors of a query that are scored together, with their stems. */
interface TokenGroup {
  stems: string[];
  rows: number[][];
}

/**
 * A person's memories as one batch of sub-queries. The first gives them with their payload and cosine. Then comes one for each stem,
 * which gives scores for late interaction; they are added up here, because how much a stem says is counted over the person's
 * memories, and those come with the reply. Where a filter narrows the search, the last one gives the others' stems and places.
 *
 * Of a person with many memories, the candidates are those nearest by sentence vector and those that share a stem. To find them
 * costs each sub-query its part once more, so everybody else's are all asked for instead: 2 ms less.
 */
export function toSearches(query: IndexQuery, hasMany: boolean) {
  const { userId, embedding, filter, now } = query;
  const content = { query: toContent(embedding.sentence), using: 'content' };
  const passing = toFilter(userId, filter, now);
  const candidates = hasMany ? toCandidates(query, content, passing) : { filter: passing, limit: foundByContent };
  const isNarrow = Object.values(filter).some((value) => value !== undefined);
  const everything = {
    ...content,
    filter: toFilter(userId, {}, now),
    limit: foundByContent,
    with_payload: companyFields,
  };
  return [
    { ...content, ...candidates, with_payload: { exclude: ['metadata_pairs', 'hash'] } },
    ...toGroups(query).map(({ rows }) => ({ query: rows, using: 'tokens', ...candidates })),
    ...(isNarrow ? [everything] : []),
  ];
}

function toCandidates(query: IndexQuery, content: object, filter: object) {
  const terms = { query: toSparseQuery(query), using: 'terms' };
  const prefetch = [
    { ...content, filter, limit: foundByContent },
    ...(terms.query.indices.length > 0 ? [{ ...terms, filter, limit: foundByTerms }] : []),
  ];
  return { prefetch, limit: foundByContent + foundByTerms };
}

/** Whether a reply to a search of everything may not have had everything. */
export const isMany = (found: readonly StoredPoint[]): boolean => found.length >= foundByContent;

/** The replies to `toSearches`, ranked. */
export function rankReplies(
  query: IndexQuery,
  found: readonly StoredPoint[],
  others: readonly (readonly ScoredPoint[])[],
): RankedMemory[] {
  const { embedding, terms, text, topic, now, limit } = query;
  const groups = toGroups(query);
  const candidates = new Map(found.map((point) => [point.id, point]));
  const everything = [...candidates.values(), ...(others[groups.length] ?? []).filter(({ id }) => !candidates.has(id))];
  // As they were stored: that numbers the turns of one moment, and settles ties.
  everything.sort((a, b) => a.version - b.version || (a.id < b.id ? -1 : 1));

  const lexical = matchTerms(
    terms,
    embedding.tokens.stems,
    unpackStems(everything.map(({ payload }) => payload?.stems ?? '')),
  );
  const late = sumUp(groups, others, lexical.idf);
  const places = placesOf(
    everything.map(({ payload }) => ({
      session: payload?.session_id ?? null,
      createdAt: payload?.created_at.getTime() ?? 0,
    })),
  );
  const scored = everything.flatMap(({ id }, i) => {
    const [point, place] = [candidates.get(id), places[i]];
    if (!point || !place) return [];
    const raw = { lexical: lexical.scores[i] ?? 0, late: late.get(id) ?? 0, sentence: point.score };
    return [{ point, facts: toFacts(point), place, ...raw }];
  });
  const ranked = rank(scored, toRankingQuery(text, topic, now.getTime()), limit);
  return ranked.map(({ candidate: { point }, score, breakdown }) => ({
    ...{ memory: fromStored(point), provisional: point.payload.provisional, score, breakdown },
  }));
}

/** A query's token vectors by stem, or by a few stems where there are many. */
function toGroups({ embedding: { tokens } }: IndexQuery): TokenGroup[] {
  const rows = toRows(tokens.values, tokens.stems.length);
  const order = [...new Set(tokens.stems)];
  const groups = order.slice(0, mostGroups).map((): TokenGroup => ({ stems: [], rows: [] }));
  for (const [i, stem] of tokens.stems.entries()) {
    const group = groups[order.indexOf(stem) % mostGroups];
    group?.stems.push(stem);
    group?.rows.push(rows[i] ?? []);
  }
  return groups;
}

/** Late interaction by point id, see late-interaction.ts: each group's MaxSim times how much its stems say. */
function sumUp(
  groups: readonly TokenGroup[],
  scores: readonly (readonly ScoredPoint[])[],
  idf: (stem: string) => number,
): Map<string, number> {
  const weights = groups.map(({ stems }) => stems.reduce((sum, stem) => sum + idf(stem), 0) / stems.length);
  const total = groups.reduce((sum, { rows }, i) => sum + rows.length * (weights[i] ?? 0), 0) * unit * unit;
  const late = new Map<string, number>();
  for (const [i, weight] of weights.entries()) {
    for (const { id, score } of scores[i] ?? []) late.set(id, (late.get(id) ?? 0) + (weight * score) / total);
  }
  return late;
}

const toFacts = ({ payload }: StoredPoint): RankingFacts => ({
  speaker: payload.speaker,
  supersededBy: payload.superseded_by,
  topic: payload.topic,
  isCurrent: payload.type === brainType,
  createdAt: payload.created_at.getTime(),
  isQuestion: payload.is_question,
  hasTime: payload.has_time,
  hasNumber: payload.has_number,
});

import type { Memory } from '../memory/memory';
import { namesSpeaker, type QueryCues, queryCues, type TextCues } from './cues';
import { isAround, type NamedDate, namedDates } from './dates';
import { type Place, readStructure } from './structure';

/** What a part of the ranking can be. */
export type RankingPart = keyof typeof rankingWeights;

/** What each part of the ranking gave to a score; the parts sum to it. Parts that gave nothing are left out, but for the first two. */
export interface ScoreBreakdown extends Partial<Record<RankingPart, number>> {
  lexical: number;
  late: number;
}

export interface RankedMemory {
  memory: Memory;
  score: number;
  breakdown: ScoreBreakdown;
  provisional: boolean;
}

/** What ranking looks at in a memory itself. */
export interface RankingFacts extends TextCues {
  speaker: string | null;
  /** The newer memory that contradicts it. */
  supersededBy: string | null;
  topic: string | null;
  /** Whether it is the current value of something that is known. */
  isCurrent: boolean;
  /** Milliseconds since 1970. */
  createdAt: number;
}

/** A memory to be ranked, with its raw scores for the query. */
export interface Candidate {
  facts: RankingFacts;
  place: Place;
  /** BM25 over the person's memories: 0 and up. */
  lexical: number;
  /** Late interaction, see late-interaction.ts: −1 to 1. */
  late: number;
  /** Cosine of the sentence vectors. */
  sentence: number;
}

export interface RankingQuery extends QueryCues {
  topic: string | null;
  dates: readonly NamedDate[];
  /** Milliseconds since 1970. */
  now: number;
}

/** What ranking looks at in a query. `now` in milliseconds since 1970. */
export function toRankingQuery(text: string, topic: string | null, now: number): RankingQuery {
  return { ...queryCues(text), topic, dates: namedDates(text, now), now };
}

export interface Scored<T> {
  candidate: T;
  score: number;
  breakdown: ScoreBreakdown;
}

/**
 * What each part may give. They come from a coordinate search for recall@5, @10 and @20 on five LoCoMo conversations; `sentence` and
 * `date` were added to it later, each with a gain in the mean over all five. `echo` and the last four were set by hand: the data
 * has nothing to measure them by. `npm run bench -- retrieval` shows what each is worth.
 */
export const rankingWeights = {
  /** × BM25, as a share of the best one's. */
  lexical: 0.2,
  /** × late interaction, between the worst one's and the best one's. */
  late: 0.4,
  /** × the sentence vectors' cosine, between the worst one's and the best one's. */
  sentence: 0.08,
  /** × what the turns before and after got by themselves, from the three parts above. */
  next: 0.15,
  /** × the same, two turns away. */
  afterNext: 0.17,
  /** × the mean of the conversation's three best. */
  session: 0.79,
  /** The query names who said it. */
  speaker: 0.29,
  /** It asks rather than tells. */
  question: -0.08,
  /** It asks what the query asks: somebody asked before, which tells nothing. */
  echo: -0.6,
  /** The query asks when, and it says when. */
  time: 0.13,
  /** The query asks how many, and it has a number. */
  number: 0.13,
  /** The query names a day, a month or a year, and it was said then. */
  date: 0.2,
  /** Something newer contradicts it: more than all of the above can give together, so that it stands below every current one. */
  superseded: -2.5,
  /** It is the current value of what the query asks for: × the square of what it got by itself, as a share of the best one's. */
  current: 0.8,
  /** The query is about the same topic. Small, like recency: to settle ties. */
  topic: 0.01,
  /** × 1 for a memory of this moment, a half for one of a month ago, and so on. */
  recency: 0.01,
};
export type RankingWeights = Record<RankingPart, number>;

const rankingParts = Object.keys(rankingWeights) as RankingPart[];
/** Late interaction of a memory that has nearly every word of the query, in nearly its sense. */
const echoFrom = 0.92;
const recencyHalfLifeMs = 30 * 86_400_000;

/**
 * The best `limit` candidates, best first; equal ones in the order they came. Pure, and the same for every index. Scores
 * compare the memories of one query; they do not say how sure one is.
 */
export function rank<T extends Candidate>(
  candidates: readonly T[],
  query: RankingQuery,
  limit: number,
  weights: RankingWeights = rankingWeights,
): Scored<T>[] {
  const maxLexical = candidates.reduce((max, { lexical }) => Math.max(max, lexical), 0) || 1;
  const late = between(candidates.map((candidate) => candidate.late));
  const sentence = between(candidates.map((candidate) => candidate.sentence));
  const own = new Float64Array(candidates.length);
  candidates.forEach((candidate, i) => {
    own[i] =
      (weights.lexical * candidate.lexical) / maxLexical + weights.late * late(i) + weights.sentence * sentence(i);
  });
  const maxOwn = own.reduce((max, value) => Math.max(max, value), 0) || 1;
  const places = candidates.map(({ place }) => place);
  const { next, afterNext, session } = readStructure(places, own);
  const speakers = new Set(candidates.map(({ facts }) => facts.speaker));
  const named = new Set([...speakers].filter((speaker) => speaker !== null && namesSpeaker(query, speaker)));
  const { asksWhen, asksHowMany, dates, topic, now } = query;

  /** What each part gives a candidate. One object of one shape: this runs for every memory of a person. */
  const partsOf = ({ lexical, late: lateOf, facts }: T, i: number): Record<RankingPart, number> => ({
    lexical: (weights.lexical * lexical) / maxLexical,
    late: weights.late * late(i),
    sentence: weights.sentence * sentence(i),
    next: weights.next * (next[i] ?? 0),
    afterNext: weights.afterNext * (afterNext[i] ?? 0),
    session: weights.session * (session[i] ?? 0),
    speaker: named.has(facts.speaker) ? weights.speaker : 0,
    question: facts.isQuestion ? weights.question : 0,
    echo: facts.isQuestion && lateOf >= echoFrom ? weights.echo : 0,
    time: asksWhen && facts.hasTime ? weights.time : 0,
    number: asksHowMany && facts.hasNumber ? weights.number : 0,
    date: isAround(dates, facts.createdAt) ? weights.date : 0,
    superseded: facts.supersededBy !== null ? weights.superseded : 0,
    current: facts.isCurrent ? weights.current * (Math.max(0, own[i] ?? 0) / maxOwn) ** 2 : 0,
    topic: topic !== null && facts.topic === topic ? weights.topic : 0,
    recency: weights.recency * 2 ** (Math.min(0, facts.createdAt - now) / recencyHalfLifeMs),
  });

  const scores = new Float64Array(candidates.length);
  candidates.forEach((candidate, i) => {
    scores[i] = sumOf(partsOf(candidate, i));
  });
  return positionsOfBest(scores, limit).flatMap((i) => {
    const candidate = candidates[i];
    if (!candidate) return [];
    return [{ candidate, score: scores[i] ?? 0, breakdown: toBreakdown(partsOf(candidate, i)) }];
  });
}

function sumOf(parts: Record<RankingPart, number>): number {
  const { lexical, late, sentence, next, afterNext, session, speaker, question, echo, time, number, date } = parts;
  const match = lexical + late + sentence + next + afterNext + session + speaker + question + time + number + date;
  return match + echo + parts.superseded + parts.current + parts.topic + parts.recency;
}

function toBreakdown(parts: Record<RankingPart, number>): ScoreBreakdown {
  const given = rankingParts.filter((part) => parts[part] !== 0).map((part) => [part, parts[part]]);
  return { lexical: 0, late: 0, ...Object.fromEntries(given) };
}

/** Positions of the `limit` highest scores, highest first; equal ones in their order. Only those are sorted by position. */
function positionsOfBest(scores: Float64Array, limit: number): number[] {
  const lowest = scores.slice().sort().at(-limit) ?? Number.NEGATIVE_INFINITY;
  const positions: number[] = [];
  for (const [i, score] of scores.entries()) if (score >= lowest) positions.push(i);
  return positions.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0)).slice(0, limit);
}

/** Each value's place between the lowest (0) and the highest (1); all 0 where they are equal. */
function between(values: number[]): (i: number) => number {
  const lowest = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const highest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  return (i) => ((values[i] ?? lowest) - lowest) / (highest - lowest || 1);
}

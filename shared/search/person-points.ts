import { brainType, type Memory } from '../memory/memory';
import { hashStem } from './bm25';
import { textCues } from './cues';
import { tokenDimensions } from './late-interaction';
import type { RankingFacts } from './ranking';
import { sentenceDimensions } from './sentence-vectors';
import type { Place } from './structure';

/** What is held of a memory beside its vectors and terms. */
export interface PointFacts extends RankingFacts {
  id: string;
  /** The version of the person's points that it came with. */
  version: number;
  type: string;
  session: string | null;
  /** Milliseconds since 1970; infinite for a memory that is kept. */
  expiresAt: number;
}

/** One memory's share of `PersonPoints`. */
export interface Point {
  facts: PointFacts;
  /** 384 × int8, see sentence-vectors.ts. */
  sentence: Int8Array;
  /** n × 64 × int8, see `TokenVectors`. */
  tokens: Int8Array;
  /** Hashed stems. */
  terms: Uint32Array;
  /** How often each of `terms` stands in the text; 255 stands for more. */
  termCounts: Uint8Array;
}

/**
 * The points of one person, laid out for scoring: point i has row i of `sentences`, rows `tokenStarts[i]` to
 * `tokenStarts[i + 1]` of `tokens`, and so on with its terms. Never changed: a write makes a new one, so that a search under way
 * keeps what it began with.
 */
export interface PersonPoints {
  facts: readonly PointFacts[];
  /** Which turn of its conversation each point is. */
  places: readonly Place[];
  sentences: Int8Array;
  tokens: Int8Array;
  tokenStarts: Uint32Array;
  terms: Uint32Array;
  termCounts: Uint8Array;
  termStarts: Uint32Array;
}

/** A point of a memory; `terms` are stems, each with how often it stands in the text. */
export function toPoint({
  memory,
  version,
  sentence,
  tokens,
  terms,
}: Pick<Point, 'sentence' | 'tokens'> & { memory: Memory; version: number; terms: Iterable<[string, number]> }): Point {
  const { isQuestion, hasTime, hasNumber } = textCues(memory.text);
  return {
    // Written out: objects made by spreading differ in kind, and ranking reads these a thousand times a search.
    facts: {
      id: memory.id,
      version,
      type: memory.type,
      topic: memory.topic,
      session: memory.sessionId,
      speaker: memory.speaker,
      supersededBy: memory.supersededBy,
      isCurrent: memory.type === brainType,
      createdAt: memory.createdAt.getTime(),
      expiresAt: memory.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY,
      isQuestion,
      hasTime,
      hasNumber,
    },
    sentence,
    tokens,
    terms: Uint32Array.from(terms, ([stem]) => hashStem(stem)),
    termCounts: Uint8Array.from(terms, ([, count]) => Math.min(count, 255)),
  };
}

/** Lays points out one after the other. */
export function layOut(points: readonly Point[]): PersonPoints {
  const tokenStarts = starts(points, (point) => point.tokens.length / tokenDimensions);
  const termStarts = starts(points, (point) => point.terms.length);
  const laid: PersonPoints = {
    facts: points.map((point) => point.facts),
    places: placesOf(points.map((point) => point.facts)),
    sentences: new Int8Array(points.length * sentenceDimensions),
    tokens: new Int8Array((tokenStarts[points.length] ?? 0) * tokenDimensions),
    tokenStarts,
    terms: new Uint32Array(termStarts[points.length] ?? 0),
    termCounts: new Uint8Array(termStarts[points.length] ?? 0),
    termStarts,
  };
  for (const [i, point] of points.entries()) {
    laid.sentences.set(point.sentence, i * sentenceDimensions);
    laid.tokens.set(point.tokens, (tokenStarts[i] ?? 0) * tokenDimensions);
    laid.terms.set(point.terms, termStarts[i]);
    laid.termCounts.set(point.termCounts, termStarts[i]);
  }
  return laid;
}

/** The same points without those of `gone`, followed by `added`. */
export function replacePoints(points: PersonPoints, gone: ReadonlySet<string>, added: readonly Point[]): PersonPoints {
  if (!points.facts.some(({ id }) => gone.has(id))) return join(points, layOut(added));
  const kept = points.facts.flatMap((facts, i): Point[] => (gone.has(facts.id) ? [] : [pointAt(points, i, facts)]));
  return layOut([...kept, ...added]);
}

/** Most writes only add: then nothing has to be taken apart. */
function join(points: PersonPoints, added: PersonPoints): PersonPoints {
  const facts = [...points.facts, ...added.facts];
  return {
    facts,
    places: placesOf(facts),
    sentences: concat(Int8Array, points.sentences, added.sentences),
    tokens: concat(Int8Array, points.tokens, added.tokens),
    tokenStarts: joinStarts(points.tokenStarts, added.tokenStarts),
    terms: concat(Uint32Array, points.terms, added.terms),
    termCounts: concat(Uint8Array, points.termCounts, added.termCounts),
    termStarts: joinStarts(points.termStarts, added.termStarts),
  };
}

type Column = Int8Array | Uint8Array | Uint32Array;

function concat<T extends Column>(Kind: new (length: number) => T, first: T, second: T): T {
  const joined = new Kind(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/** The end of the first is the beginning of the second. */
function joinStarts(first: Uint32Array, second: Uint32Array): Uint32Array {
  const end = first.at(-1) ?? 0;
  return concat(
    Uint32Array,
    first,
    second.subarray(1).map((start) => end + start),
  );
}

/** About what the points cost in memory: 300 bytes each for the facts, and the arrays. */
export function sizeOf(points: PersonPoints): number {
  const { facts, sentences, tokens, terms, termCounts } = points;
  return (
    1000 + facts.length * 300 + sentences.byteLength + tokens.byteLength + terms.byteLength + termCounts.byteLength
  );
}

function pointAt(points: PersonPoints, i: number, facts: PointFacts): Point {
  const { tokenStarts, termStarts } = points;
  return {
    facts,
    sentence: points.sentences.subarray(i * sentenceDimensions, (i + 1) * sentenceDimensions),
    tokens: points.tokens.subarray(
      (tokenStarts[i] ?? 0) * tokenDimensions,
      (tokenStarts[i + 1] ?? 0) * tokenDimensions,
    ),
    terms: points.terms.subarray(termStarts[i], termStarts[i + 1]),
    termCounts: points.termCounts.subarray(termStarts[i], termStarts[i + 1]),
  };
}

/** Where each point's part of an array begins, and at last where the array ends. */
function starts(points: readonly Point[], length: (point: Point) => number): Uint32Array {
  const result = new Uint32Array(points.length + 1);
  for (const [i, point] of points.entries()) result[i + 1] = (result[i] ?? 0) + length(point);
  return result;
}

/** Numbers the turns of each conversation by when they were said; those of one moment in the order they were stored. */
export function placesOf(facts: readonly Pick<PointFacts, 'session' | 'createdAt'>[]): Place[] {
  const turns = new Map<string, number>();
  const places: Place[] = facts.map(({ session }) => ({ session, order: 0 }));
  const byTime = facts
    .map((_, i) => i)
    .sort((a, b) => (facts[a]?.createdAt ?? 0) - (facts[b]?.createdAt ?? 0) || a - b);
  for (const i of byTime) {
    const place = places[i];
    if (!place || place.session === null) continue;
    place.order = turns.get(place.session) ?? 0;
    turns.set(place.session, place.order + 1);
  }
  return places;
}

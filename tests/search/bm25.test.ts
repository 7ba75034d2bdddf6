import { bm25Share, hashStem, inverseFrequency, matchTerms } from '../../shared/search/bm25';

/** Memories by their stems, laid out as the index holds them. */
function columns(memories: Record<string, number>[]) {
  const starts = [0];
  for (const memory of memories) starts.push((starts.at(-1) ?? 0) + Object.keys(memory).length);
  return {
    terms: Uint32Array.from(memories.flatMap((memory) => Object.keys(memory).map(hashStem))),
    termCounts: Uint8Array.from(memories.flatMap((memory) => Object.values(memory))),
    termStarts: Uint32Array.from(starts),
  };
}
const query = (...stems: string[]) => new Map(stems.map((stem) => [stem, 1]));

describe('matchTerms', () => {
  const memories = columns([
    { dog: 1, park: 1 },
    { dog: 1, vet: 1 },
    { cat: 1, sofa: 1 },
    { tax: 1, bill: 2 },
  ]);

  it('scores memories with the words, and those alone', () => {
    const { scores } = matchTerms(query('dog'), [], memories);
    expect(Array.from(scores, (score) => score > 0)).toEqual([true, true, false, false]);
    expect(scores[0]).toBe(scores[1]);
  });

  it('is the textbook sum', () => {
    const { scores } = matchTerms(query('dog', 'vet'), [], memories);
    const [documents, averageLength] = [4, 9 / 4];
    const dog = bm25Share(inverseFrequency(documents, 2), 1, 2, averageLength);
    const vet = bm25Share(inverseFrequency(documents, 1), 1, 2, averageLength);
    expect(scores[1]).toBeCloseTo(dog + vet, 12);
  });

  it('gives a rare word more than a frequent one, and half of its due to one that no memory has', () => {
    const { idf } = matchTerms(query('dog'), ['vet', 'unicorn'], memories);
    expect(idf('dog')).toBeGreaterThan(0);
    expect(idf('vet')).toBeGreaterThan(idf('dog'));
    expect(idf('unicorn')).toBe(inverseFrequency(4, 0) / 2);
  });

  it('does not score words whose rarity alone was asked for', () => {
    expect(Array.from(matchTerms(query('dog'), ['tax'], memories).scores)[3]).toBe(0);
  });

  it('gives a repeated word less each time, and a long memory less than a short one', () => {
    const share = (count: number, length: number) => bm25Share(1, count, length, 10);
    expect(share(2, 10) - share(1, 10)).toBeLessThan(share(1, 10));
    expect(share(3, 10)).toBeGreaterThan(share(2, 10));
    expect(share(1, 30)).toBeLessThan(share(1, 10));
  });

  it('finds nothing among no memories, and nothing for no words', () => {
    expect(matchTerms(query('dog'), [], columns([])).scores).toHaveLength(0);
    expect(Array.from(matchTerms(query(), [], memories).scores)).toEqual([0, 0, 0, 0]);
  });
});

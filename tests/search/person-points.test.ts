import { layOut, type Point, type PointFacts, replacePoints, sizeOf } from '../../shared/search/person-points';

const facts = (id: string, changes: Partial<PointFacts> = {}): PointFacts => ({
  ...{
    id,
    version: 1,
    type: 'fact',
    session: null,
    speaker: null,
    topic: null,
    supersededBy: null,
    isCurrent: false,
    createdAt: 0,
  },
  ...{ expiresAt: Number.POSITIVE_INFINITY, isQuestion: false, hasTime: false, hasNumber: false },
  ...changes,
});

/** A point whose vectors and terms are all made of one number, so that a mix-up shows. */
const point = (mark: number, changes: Partial<PointFacts> = {}): Point => ({
  facts: facts(`p${mark}`, changes),
  sentence: new Int8Array(384).fill(mark),
  tokens: new Int8Array((mark % 4) * 64).fill(mark),
  terms: new Uint32Array(mark % 3).fill(mark),
  termCounts: new Uint8Array(mark % 3).fill(mark),
});

describe('replacePoints', () => {
  it('gives what laying out the points that remain gives, whatever was there before', () => {
    const all = Array.from({ length: 20 }, (_, i) => point(i + 1));
    for (let kept = 0; kept <= 20; kept++) {
      const gone = new Set(all.slice(kept).map(({ facts: { id } }) => id));
      const added = [point(50), point(51)];
      expect(replacePoints(layOut(all), gone, added)).toEqual(layOut([...all.slice(0, kept), ...added]));
    }
  });

  it('leaves the points it began with as they were', () => {
    const before = layOut([point(1), point(2)]);
    replacePoints(before, new Set(['p1']), [point(3)]);
    expect(before).toEqual(layOut([point(1), point(2)]));
  });
});

describe('layOut', () => {
  it('numbers the turns of each conversation by time, those of one moment as they came', () => {
    const turn = (mark: number, session: string | null, createdAt: number) => point(mark, { session, createdAt });
    const { places } = layOut([
      turn(1, 'a', 30),
      turn(2, 'b', 20),
      turn(3, 'a', 10),
      turn(4, null, 5),
      turn(5, 'a', 30),
    ]);
    expect(places.map(({ session, order }) => [session, order])).toEqual([
      ['a', 1],
      ['b', 0],
      ['a', 0],
      [null, 0],
      ['a', 2],
    ]);
  });

  it('takes no points at all', () => {
    expect(layOut([])).toMatchObject({ facts: [], places: [], tokenStarts: new Uint32Array(1) });
  });
});

it('counts about 1.6 KB for a message of a dozen content words', () => {
  const message = {
    ...point(0),
    tokens: new Int8Array(13 * 64),
    terms: new Uint32Array(11),
    termCounts: new Uint8Array(11),
  };
  const size = sizeOf(layOut(Array.from({ length: 100 }, () => message))) / 100;
  expect(size).toBeGreaterThan(13 * 64 + 384);
  expect(size).toBeLessThan(1650);
});

import { createDotKernel } from '../../shared/search/dot-kernel';
import { lateInteraction, tokenDimensions } from '../../shared/search/late-interaction';

const kernel = createDotKernel();

/** The unit vector along one axis, as int8. */
const axis = (...axes: number[]) =>
  Int8Array.from(axes.flatMap((at) => Array.from({ length: tokenDimensions }, (_, i) => (i === at ? 127 : 0))));
const random = (length: number, seed: number) => {
  let state = seed;
  return Int8Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((state >>> 8) % 255) - 127;
  });
};

describe('createDotKernel', () => {
  it.each([64, 128, 384])('gives the exact highest dot product of rows of %i', (length) => {
    const query = random(length, 3);
    const rows = random(length * 50, 5);
    const dot = (row: number) => query.reduce((sum, value, i) => sum + value * (rows[row * length + i] ?? 0), 0);
    kernel.load(rows);
    kernel.aim(query);
    for (let from = 0; from < 50; from++) {
      const to = Math.min(50, from + 1 + (from % 7));
      const dots = Array.from({ length: to - from }, (_, i) => dot(from + i));
      expect(kernel.best(from, to)).toBe(Math.max(...dots));
    }
  });

  it('holds the extremes without overflow', () => {
    kernel.load(new Int8Array(384).fill(-127));
    kernel.aim(new Int8Array(384).fill(127));
    expect(kernel.best(0, 1)).toBe(-384 * 127 * 127);
  });

  it('takes more than it had room for, and less again', () => {
    const large = random(5_000_000 - (5_000_000 % 64), 9);
    kernel.load(large);
    kernel.aim(large.subarray(large.length - 64));
    const last = large.length / 64 - 1;
    const own = large.subarray(large.length - 64).reduce((sum, value) => sum + value * value, 0);
    expect(kernel.best(last, last + 1)).toBe(own);
    kernel.load(axis(0));
    kernel.aim(axis(0));
    expect(kernel.best(0, 1)).toBe(127 * 127);
  });
});

describe('lateInteraction', () => {
  it('is 1 where each word of the query stands in the memory, in any order, and 0 where none does', () => {
    const rows = axis(1, 0, 2, 3, 4);
    const scores = lateInteraction(kernel, axis(0, 1), [1, 1], rows, Uint32Array.from([0, 3, 5]));
    expect(Array.from(scores)).toEqual([1, 0]);
  });

  it('counts a word by its weight', () => {
    const scores = lateInteraction(kernel, axis(0, 1), [3, 1], axis(0, 1), Uint32Array.from([0, 1, 2]));
    expect(Array.from(scores)).toEqual([0.75, 0.25]);
  });

  it('gives 0 to a memory without tokens, and to all when the query has none', () => {
    const starts = Uint32Array.from([0, 0, 1]);
    expect(Array.from(lateInteraction(kernel, axis(0), [1], axis(0), starts))).toEqual([0, 1]);
    expect(Array.from(lateInteraction(kernel, new Int8Array(), [], axis(0), starts))).toEqual([0, 0]);
  });
});

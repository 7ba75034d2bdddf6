/**
 * Dot products of int8 vectors, the innermost loop of recall, as a WebAssembly function with 128-bit SIMD: several times faster
 * than JavaScript. It is small enough to be written here, instruction by instruction (WebAssembly core specification 2.0,
 * chapter 5), so there is nothing to build and nothing to ship beside it.
 */
export interface DotKernel {
  /** Copies rows of vectors to where `best` reads them, unless they are there from the last time. Rows are never changed in place. */
  load(rows: Int8Array): void;
  /** Sets the query vector; its length, a multiple of 64 and at most 1,024, is that of the rows too. No component may be −128. */
  aim(query: Int8Array): void;
  /** The highest dot product of the query with rows `from` up to and without `to`, of which there must be one. */
  best(from: number, to: number): number;
}

/** The part of the engine's API that is used here; @types/node leaves it out. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

interface KernelExports {
  memory: { buffer: ArrayBuffer; grow(pages: number): number };
  best(row: number, end: number, length: number): number;
}

/** The query lies at 0, the rows behind it. */
const rowsAt = 1024;
const pageBytes = 65_536;

/** A kernel with memory of its own, as large as the most that was loaded. Compiling takes a millisecond. */
export function createDotKernel(): DotKernel {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes()));
  const { memory, best } = instance.exports as KernelExports;
  let length = 64;
  let loaded: Int8Array | null = null;
  return {
    load(rows) {
      if (rows === loaded) return;
      loaded = rows;
      const missing = rowsAt + rows.length - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / pageBytes));
      new Int8Array(memory.buffer).set(rows, rowsAt);
    },
    aim(query) {
      length = query.length;
      new Int8Array(memory.buffer).set(query);
    },
    best: (from, to) => best(rowsAt + from * length, rowsAt + to * length, length),
  };
}

const i32 = {
  type: 0x7f,
  const0: [0x41, 0],
  lowest: [0x41, 0x80, 0x80, 0x80, 0x80, 0x78],
  add: 0x6a,
  isLess: 0x49,
  isMore: 0x4a,
};
const v128 = { type: 0x7b, load: (offset: number) => [0xfd, 0x00, 0x00, offset], zero: [...i32.const0, 0xfd, 0x11] };
const i32x4 = { add: [0xfd, 0xae, 0x01], lane: (i: number) => [0xfd, 0x1b, i], pairSums: [0xfd, 0x7e] };
const i16x8 = { productsLow: [0xfd, 0x9c, 0x01], productsHigh: [0xfd, 0x9d, 0x01] };
const [loop, end, repeatIf, select] = [[0x03, 0x40], 0x0b, [0x0d, 0], 0x1b];

function moduleBytes(): Uint8Array {
  // Parameters, then locals, by their numbers.
  const [row, rowsEnd, length, best, at, dot, sum, a, b] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
  const get = (local: number) => [0x20, local];
  const set = (local: number) => [0x21, local];

  const multiply16 = (offset: number) => [
    ...[...get(at), ...v128.load(offset), ...set(a)],
    ...[...get(row), ...get(at), i32.add, ...v128.load(offset), ...set(b)],
    ...[...get(sum), ...get(a), ...get(b), ...i16x8.productsLow, ...i32x4.pairSums, ...i32x4.add],
    ...[...get(a), ...get(b), ...i16x8.productsHigh, ...i32x4.pairSums, ...i32x4.add, ...set(sum)],
  ];
  const body = [
    ...[...i32.lowest, ...set(best)],
    ...loop,
    ...[...v128.zero, ...set(sum), ...i32.const0, ...set(at)],
    ...loop,
    ...[0, 16, 32, 48].flatMap(multiply16),
    ...[...get(at), 0x41, 0xc0, 0x00, i32.add, ...set(at), ...get(at), ...get(length), i32.isLess, ...repeatIf],
    end,
    ...[0, 1, 2, 3].flatMap((lane) => [...get(sum), ...i32x4.lane(lane)]),
    ...[i32.add, i32.add, i32.add, ...set(dot)],
    ...[...get(dot), ...get(best), ...get(dot), ...get(best), i32.isMore, select, ...set(best)],
    ...[...get(row), ...get(length), i32.add, ...set(row), ...get(row), ...get(rowsEnd), i32.isLess, ...repeatIf],
    end,
    ...[...get(best), end],
  ];
  const locals = [2, 3, i32.type, 3, v128.type];
  const text = (value: string) => [value.length, ...Buffer.from(value)];
  const size = (bytes: number[]) => [(bytes.length & 0x7f) | 0x80, bytes.length >> 7, ...bytes];
  const section = (id: number, content: number[]) => [id, ...size(content)];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 3, i32.type, i32.type, i32.type, 1, i32.type]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...text('memory'), 2, 0, ...text('best'), 0, 0]),
    ...section(10, [1, ...size([...locals, ...body])]),
  ]);
}

/** Neighbours in runs, in their order: the next item goes on with the latest run where that takes it, and begins another one else. */
export function toRuns<T>(items: readonly T[], takes: (run: readonly [T, ...T[]], next: T) => boolean): [T, ...T[]][] {
  const runs: [T, ...T[]][] = [];
  for (const item of items) {
    const last = runs.at(-1);
    if (last && takes(last, item)) last.push(item);
    else runs.push([item]);
  }
  return runs;
}

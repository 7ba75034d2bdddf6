/** Where a memory stands in a conversation. */
export interface Place {
  /** The conversation it is a turn of; null for a memory that stands alone. */
  session: string | null;
  /** Which turn of it: two that follow each other differ by 1. */
  order: number;
}

/** What each memory's conversation says for it, by the memory's position. */
export interface Structure {
  /** Sum of `x` over the turns just before and just after. */
  next: Float64Array;
  /** Sum of `x` over the turns two before and two after. */
  afterNext: Float64Array;
  /** Mean of the three highest `x` of the conversation (of fewer, where it is shorter). */
  session: Float64Array;
}

/**
 * Reads a memory's company: an answer often has none of the question's words, but stands beside a turn that has, in a
 * conversation that is about it. `x` says how well each memory matches by itself. A memory that stands alone counts as a
 * conversation of one, so that it is not behind the turns for lack of company.
 */
export function readStructure(places: readonly Place[], x: Float64Array): Structure {
  const next = new Float64Array(places.length);
  const afterNext = new Float64Array(places.length);
  const session = Float64Array.from(x);
  for (const turns of bySession(places)) {
    const at: number[] = [];
    for (const i of turns) at[places[i]?.order ?? 0] = i;
    const xAt = (order: number) => x[at[order] ?? -1] ?? 0;
    const best = meanOfBest(turns.map((i) => x[i] ?? 0));
    for (const i of turns) {
      const order = places[i]?.order ?? 0;
      next[i] = xAt(order - 1) + xAt(order + 1);
      afterNext[i] = xAt(order - 2) + xAt(order + 2);
      session[i] = best;
    }
  }
  return { next, afterNext, session };
}

/** Positions of the turns of each conversation. */
function bySession(places: readonly Place[]): Iterable<number[]> {
  const sessions = new Map<string, number[]>();
  for (const [i, { session }] of places.entries()) {
    if (session === null) continue;
    const turns = sessions.get(session);
    if (turns) turns.push(i);
    else sessions.set(session, [i]);
  }
  return sessions.values();
}

/** Of the three highest values, found in one pass. */
function meanOfBest(values: readonly number[]): number {
  let [first, second, third] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value > first) [first, second, third] = [value, first, second];
    else if (value > second) [second, third] = [value, second];
    else if (value > third) third = value;
  }
  const top = [first, second, third].slice(0, values.length);
  return top.reduce((sum, value) => sum + value, 0) / top.length;
}

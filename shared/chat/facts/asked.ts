import type { Memory } from '../../memory/memory';
import { toClause } from '../clauses';
import { askedRules } from '../rules/asked-rules';
import { canonical } from '../rules/claim-rules';
import { type Claim, claimsIn, contradicts } from './claims';

/** The slots of claims that a question asks for: `home` for "Where do I live?"; [] where no rule knows. */
export function slotsAsked(question: string): string[] {
  const { folded } = toClause(question);
  return askedRules.flatMap(({ slot, pattern }) => {
    const match = pattern.exec(folded);
    const of = match?.groups?.of ?? match?.groups?.of2;
    return match ? [of ? `${slot}:${canonical(of)}` : slot] : [];
  });
}

const isHeld = ({ isOver }: Claim) => !isOver;
const claimsOf = (text: string, slots: readonly string[]): Claim[] =>
  slots.length === 0
    ? []
    : claimsIn(text).filter(({ slot }) => slots.some((asked) => slot === asked || slot.startsWith(`${asked}/`)));

/** Whether a text tells what these slots are about, as it is now. */
export const answers = (text: string, slots: readonly string[]): boolean => claimsOf(text, slots).some(isHeld);

/** Those that tell what these slots are about, newest first: the ones that hold, and the ones that a newer one contradicts. */
export function sortAnswers(
  memories: readonly Memory[],
  slots: readonly string[],
): { holding: Memory[]; over: Memory[] } {
  const holding: Memory[] = [];
  const over: Memory[] = [];
  const newer: Claim[] = [];
  const newestFirst = memories.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  for (const memory of newestFirst) {
    const claims = claimsOf(memory.text, slots);
    if (!claims.some(isHeld)) continue;
    const isOver = claims.some((claim) => newer.some((each) => contradicts(each, claim)));
    (isOver ? over : holding).push(memory);
    newer.push(...claims);
  }
  return { holding, over };
}

import { toClause } from '../clauses';
import { askedRules } from '../rules/asked-rules';
import { canonical } from '../rules/claim-rules';
import { claimsIn } from './claims';

/** The slots of claims that a question asks for: `home` for "Where do I live?"; [] where no rule knows. */
export function slotsAsked(question: string): string[] {
  const { folded } = toClause(question);
  return askedRules.flatMap(({ slot, pattern }) => {
    const match = pattern.exec(folded);
    const of = match?.groups?.of ?? match?.groups?.of2;
    return match ? [of ? `${slot}:${canonical(of)}` : slot] : [];
  });
}

/** Whether a text tells what these slots are about, as it is now. */
export const answers = (text: string, slots: readonly string[]): boolean =>
  slots.length > 0 &&
  claimsIn(text).some(
    ({ slot, isOver }) => !isOver && slots.some((asked) => slot === asked || slot.startsWith(`${asked}/`)),
  );

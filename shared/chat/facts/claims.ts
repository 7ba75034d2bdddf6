import { extractFacts } from '../../memory/salience';
import { type Clause, slice, splitClauses, splitSentences, toClause } from '../clauses';
import * as rules from '../rules/claim-rules';
import { question } from '../rules/phrase-rules';
import { countryOf, readValue } from './claim-values';

/** Something that a person says of themselves and that can only be one thing at a time. */
export interface Claim {
  /** What it is about: `home`, `job`, `favourite:color`, `home:sister`, `home:sister/lucia`. */
  slot: string;
  /** Made alike for comparison; '' where everything that was claimed is over. */
  value: string;
  /** The person's own clause. */
  text: string;
  /** Says that it was so and is no longer, or that it is not. */
  isOver: boolean;
}

/** The claims of a text by rule, in its order: [] where it asks, wishes, supposes, quotes or tells of others. Time linear in its length. */
export const claimsIn = (text: string): Claim[] => read(text).claims;

/** Whether a text tells nothing but claims, and `newer` contradict every one of them; or, of the words of a message, one of them: its other claims are kept as facts of their own. */
export function isOutdated(text: string, newer: readonly Claim[], isMessage = false): boolean {
  const { claims, isAll } = read(text);
  const isContradicted = (claim: Claim) => newer.some((each) => contradicts(each, claim));
  return isAll && (isMessage ? claims.some(isContradicted) : claims.every(isContradicted));
}

/** Whether a text tells no more than one thing: then what contradicts that outdates all of it. */
export const isOneStatement = (text: string): boolean =>
  splitSentences(text)
    .flatMap(splitClauses)
    .filter((clause) => isStatement(clause.text)).length <= 1;

/** Whether both cannot be true at a time. "Lima" and "Lima, Peru" can, and so can a city and a country. */
export function contradicts(a: Claim, b: Claim): boolean {
  if (!isSameSlot(a.slot, b.slot) || (a.isOver && b.isOver)) return false;
  return a.isOver === b.isOver ? !isCompatible(a.value, b.value) : isCompatible(a.value, b.value);
}

/** Whether two claims say the same. */
export const isSameClaim = (a: Claim, b: Claim): boolean =>
  isSameSlot(a.slot, b.slot) && a.isOver === b.isOver && isCompatible(a.value, b.value);

/** "My sister" may be "my sister Lucia". */
const isSameSlot = (a: string, b: string) => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);

function isCompatible(a: string, b: string): boolean {
  const [first, second] = [a.split(' '), b.split(' ')];
  const isWithin = (some: string[], others: string[]) => some.every((word) => others.includes(word));
  return a === '' || b === '' || isWithin(first, second) || isWithin(second, first);
}

/** What is quoted in the first person is somebody else's. */
const quoted = /["“«][^"“”«»]{0,300}["”»]/g;
const firstPerson = /\b(?:i|i'm|my|yo|mi|vivo|soy|me)\b/i;
/** Seams that `splitClauses` does not know: after one, the person still speaks of themselves. */
const furtherSeams =
  /,? (?:and|but|so|y|pero) (?=(?:now|nowadays|currently|these days|today|ahora|actualmente|hoy en dia|hoy|vivo|trabajo|tengo|estoy|naci|peso|mido|ya no)\b)| and (?=(?:work|live|weigh|have|moved|got) )|, (?=(?:vivo|trabajo|tengo|estoy|naci|now)\b)/;
const self = /^(?:i|i'm|i've|my|yo|me|mi|soy|vivo|trabajo|tengo|estoy|ya|no|lived|moved) /;

function read(message: string): { claims: Claim[]; isAll: boolean } {
  const own = message.replace(/^[ \t]*>.*$/gm, '').replace(quoted, (words) => (firstPerson.test(words) ? '' : words));
  const claims: Claim[] = [];
  let isAll = true;
  for (const sentence of splitSentences(own)) {
    const isAsked = question.test(sentence.folded);
    let before = '';
    for (const clause of splitClauses(sentence).flatMap(splitFurther)) {
      const found = isAsked || rules.unreal.test(before) ? [] : readClause(clause);
      claims.push(...found);
      if (found.length === 0 && isStatement(clause.text)) isAll = false;
      before += `${clause.folded} `;
    }
  }
  return { claims, isAll: isAll && claims.length > 0 };
}

const isStatement = (content: string) => extractFacts([{ role: 'user', name: null, content, at: null }]).length > 0;

function splitFurther(clause: Clause): Clause[] {
  const seam = self.test(withoutOpening(clause).folded) ? furtherSeams.exec(clause.folded) : null;
  if (!seam) return [clause];
  return [slice(clause, 0, seam.index), ...splitFurther(slice(clause, seam.index + seam[0].length))];
}

function withoutOpening(clause: Clause): Clause {
  const opened = rules.opening.exec(clause.folded);
  return opened?.[0] ? withoutOpening(slice(clause, opened[0].length)) : clause;
}

/** A clause without what negates it; null where nothing does, or more than one thing. */
function withoutNegation(clause: Clause): Clause | null {
  const found = rules.negation.exec(clause.folded);
  if (!found) return null;
  const end = found.index + found[0].length;
  const positive = toClause((clause.text.slice(0, found.index) + clause.text.slice(end)).trim());
  return rules.negation.test(positive.folded) ? null : positive;
}

function readClause(clause: Clause): Claim[] {
  const opened = withoutOpening(clause);
  if (rules.unrealAfter.test(opened.folded)) return [];
  const negated = withoutNegation(opened);
  const claims = rules.claimRules.flatMap((rule): Claim[] => {
    // As it stands first: in "I live in Lima, not in Madrid" nothing negates the claim.
    const claim = readBy(rule, opened);
    if (claim || !negated || rule.isOver) return claim ?? [];
    return readBy(rule, negated)?.map((each) => ({ ...each, isOver: true })) ?? [];
  });
  return [...new Map(claims.map((claim) => [claim.slot, { ...claim, text: clause.text }])).values()];
}

function readBy(
  { slot, kind, pattern, isOver = false, isStrict = false }: rules.ClaimRule,
  clause: Clause,
): Claim[] | null {
  const match = pattern.exec(clause.folded);
  const value = match && readValue[kind](slice(clause, match[0].length), isStrict);
  if (!match || value === null) return null;
  const { of, who } = match.groups ?? {};
  const about = of && [rules.canonical(of), who].filter(Boolean).join('/');
  const claim = { slot: about ? `${slot}:${about}` : slot, value, text: clause.text, isOver };
  return kind === 'place' ? toPlaces(claim, match[0]) : [claim];
}

const fold = (text: string) => toClause(text).folded;

/** A country and a city can both be where somebody lives; who moves to another country leaves the city, too. */
function toPlaces(claim: Claim, said: string): Claim[] {
  const name = claim.value.replace(/^(?:the|el) (?!salvador)/, '');
  const country = countryOf(claim.value, fold) ?? countryOf(name, fold);
  if (!country) return [{ ...claim, value: name }];
  const inCountry = { ...claim, slot: claim.slot.replace(/^\w+/, '$&-country'), value: country };
  const isMove = /\b(?:moved|relocated|mude|mudo|mudamos|mudado|traslade|traslado)\b/.test(said);
  return isMove ? [inCountry, { ...claim, value: country }] : [inCountry];
}

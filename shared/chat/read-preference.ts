import { type Clause, slice } from './clauses';
import type { Intent } from './intent';
import { personalities } from './personalities/list';
import { nameAfterGreeting, nameGiven, nameMaybe } from './rules/phrase-rules';
import { byName, byStyle, liking, negated, timeOfDayRules, timesOfDay } from './rules/preference-rules';

type PreferenceIntent = Extract<Intent, { kind: 'preference' | 'remember' }>;

const anyName = byName(personalities.map(({ name }) => name).join('|'));
const anyStyle = byStyle(personalities.flatMap(({ aliases }) => aliases).join('|'));

/** A time of day, a personality, or something liked or disliked; null when the clause holds none. */
export function readPreference({ text, folded }: Clause): PreferenceIntent | null {
  if (!negated.test(folded)) {
    const style = anyName.exec(folded) ?? anyStyle.exec(folded);
    const alias = style?.slice(1).find((group) => group !== undefined);
    const personality = personalities.find(({ name, aliases }) => alias && (alias === name || aliases.includes(alias)));
    if (personality) return { kind: 'preference', name: 'personality', value: personality.name, words: text };
    const word = timeOfDayRules.map((pattern) => pattern.exec(folded)?.[1]).find(Boolean);
    if (word && Object.hasOwn(timesOfDay, word)) {
      const value = timesOfDay[word as keyof typeof timesOfDay];
      return { kind: 'preference', name: 'time_of_day', value, words: text };
    }
  }
  return liking.test(folded) ? { kind: 'remember', type: 'preference', words: text } : null;
}

/** What somebody is called: "my name is Ana", "call me Ana", and after a greeting "I am Ana"; null when nobody is named. */
export function readName(clause: Clause, hasGreeting: boolean): PreferenceIntent | null {
  const given = nameGiven.exec(clause.folded);
  const maybe = given ?? nameMaybe.exec(clause.folded) ?? (hasGreeting ? nameAfterGreeting.exec(clause.folded) : null);
  if (!maybe) return null;
  const after = slice(clause, maybe.index + maybe[0].length).text;
  const pattern = given
    ? /^(?!not\b|no\b)\p{L}[\p{L}'’-]{0,29}(?: \p{Lu}[\p{L}'’-]{0,29}){0,2}/u
    : /^\p{Lu}[\p{L}'’-]{0,29}(?: \p{Lu}[\p{L}'’-]{0,29}){0,2}(?=[.,!]|$)/u;
  const [name] = pattern.exec(after) ?? [];
  if (!name) return null;
  return { kind: 'preference', name: 'name', value: name.charAt(0).toUpperCase() + name.slice(1), words: clause.text };
}

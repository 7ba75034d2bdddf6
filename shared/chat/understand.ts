import { type Clause, slice, splitClauses, splitSentences } from './clauses';
import type { Intent, Understanding } from './intent';
import type { Language } from './personalities/personality';
import { readCheckIn, readReport } from './read-check-in';
import { readGoalChange, readGoals } from './read-goal';
import { readName, readPreference } from './read-preference';
import { phraseRules, question, rememberThis, spanishWords } from './rules/phrase-rules';

/** Finds everything that a message asks for, by rule, in time linear in its length. `guess` tells the language where no rule does. */
export function understand(message: string, guess: (text: string) => Language): Understanding {
  const sentences = splitSentences(message);
  const intents: Intent[] = [];
  const languages: Language[] = [];
  const hasGreeting = sentences[0] !== undefined && phrasesIn(sentences[0]).some(({ kind }) => kind === 'greeting');
  for (const sentence of sentences) {
    const phrases = phrasesIn(sentence);
    languages.push(...phrases.map(({ language }) => language));
    intents.push(...phrases.map(({ kind }) => ({ kind })));
    const isAnswered = phrases.some(({ kind }) => kind !== 'good' && kind !== 'bad');
    const remembered = rememberThis.exec(sentence.folded);
    if (question.test(sentence.folded)) {
      if (!isAnswered) intents.push({ kind: 'question', words: sentence.text });
    } else if (remembered) {
      const { text } = slice(sentence, remembered[0].length);
      if (text) intents.push({ kind: 'remember', type: 'fact', words: text });
    } else {
      intents.push(...readStatement(sentence, hasGreeting));
    }
  }
  const isSpanish = sentences.some(({ folded }) => spanishWords.test(folded));
  const language = languages[0] ?? (isSpanish ? 'es' : guess(message));
  const isCrisis = intents.some(({ kind }) => kind === 'crisis');
  return { language, intents: isCrisis ? [{ kind: 'crisis' }] : unique(intents) };
}

function phrasesIn(sentence: Clause) {
  return phraseRules.filter(({ pattern }) => pattern.test(sentence.folded));
}

/** A clause says one thing of its kind: what was read as a goal is not read as a preference too. */
function readStatement(sentence: Clause, hasGreeting: boolean): Intent[] {
  const byClause = splitClauses(sentence).flatMap((clause): Intent[] => {
    const name = readName(clause, hasGreeting);
    if (name) return [name];
    const change = readGoalChange(clause);
    if (change) return [change];
    const goals = readGoals(clause);
    if (goals.length) return goals;
    const report = readReport(clause);
    if (report) return [report];
    const preference = readPreference(clause);
    return preference ? [preference] : [];
  });
  return [...byClause, ...readCheckIn(sentence)];
}

/** The same said twice in a message is done once, and mood and energy make one check-in wherever they stand. */
function unique(intents: Intent[]): Intent[] {
  const checkIns = intents.filter((intent) => intent.kind === 'check_in');
  const merged = intents.filter((intent) => intent.kind !== 'check_in' || intent === checkIns[0]);
  const whole = merged.map(
    (intent) => (intent.kind === 'check_in' ? Object.assign({}, ...checkIns.reverse()) : intent) as Intent,
  );
  return [...new Map(whole.map((intent) => [JSON.stringify(intent), intent])).values()];
}

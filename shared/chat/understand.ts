import { isSalient } from '../memory/salience';
import { type Clause, slice, splitClauses, splitSentences } from './clauses';
import type { Intent, Understanding } from './intent';
import type { Language } from './personalities/personality';
import { readCheckIn, readReport } from './read-check-in';
import { joinCorrections, readCorrection } from './read-correction';
import { readForget } from './read-forget';
import { readGoalChange, readGoals } from './read-goal';
import { readName, readPreference } from './read-preference';
import { aboutTopic, phraseRules, question, rememberThis, spanishWords } from './rules/phrase-rules';

/** Finds everything that a message asks for, by rule, in time linear in its length. `guess` tells the language where no rule does. */
export function understand(message: string, guess: (text: string) => Language): Understanding {
  const sentences = joinCorrections(splitSentences(message));
  const intents: Intent[] = [];
  const languages: Language[] = [];
  const hasGreeting = sentences[0] !== undefined && phrasesIn(sentences[0]).some(({ kind }) => kind === 'greeting');
  for (const [i, sentence] of sentences.entries()) {
    const forget = readGoalChange(sentence) ? null : readForget(sentence);
    const phrases = phrasesIn(sentence).filter(({ kind }) => !forget || kind === 'crisis');
    languages.push(...phrases.map(({ language }) => language));
    intents.push(...phrases.map(({ kind }) => ({ kind })));
    const isAnswered = phrases.some(({ kind }) => kind !== 'good' && kind !== 'bad');
    const remembered = rememberThis.exec(sentence.folded);
    const correction = readCorrection(sentence);
    if (forget) {
      languages.push(forget.language);
      const isDoubtful = forget.intent.what === 'last' && sentences.slice(0, i).some(({ text }) => isSalient(text));
      intents.push({ ...forget.intent, ...(isDoubtful && { isDoubtful }) }, ...readStatement(forget.rest, false));
    } else if (question.test(sentence.folded)) {
      if (!isAnswered) intents.push({ kind: 'question', words: topicOf(sentence) });
    } else if (remembered) {
      const { text } = slice(sentence, remembered[0].length);
      if (text) intents.push({ kind: 'remember', type: 'fact', words: text });
    } else if (correction) {
      languages.push(correction.language);
      intents.push(...readRight(correction.right));
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

/** What is asked about: "Lima" of "what do you know about Lima?", else the question itself. */
function topicOf(sentence: Clause): string {
  const match = aboutTopic.exec(sentence.folded);
  return match ? slice(sentence, match.index + match[0].length).text : sentence.text;
}

/** What is right is done where it is something to do, a goal or what works; else it corrects what was told. */
function readRight(right: Clause): Intent[] {
  const read = readStatement(right, false);
  const isDone = read.some(
    (intent) => intent.kind !== 'remember' && (intent.kind !== 'report' || intent.activities.length > 0),
  );
  return isDone ? read : [{ kind: 'correction', words: right.text || null }];
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

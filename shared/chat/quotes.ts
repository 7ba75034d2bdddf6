import type { Terms } from '../embedding/terms';
import type { Memory } from '../memory/memory';
import { extractFacts } from '../memory/salience';
import { toClause } from './clauses';
import { cut } from './cut';
import { slotsAsked, sortAnswers } from './facts/asked';
import type { Intent } from './intent';
import { readForget } from './read-forget';
import { understand } from './understand';

/** Nobody asks for something to be forgotten in more than so many characters. */
const longestRequest = 300;
/** What the coach wrote down beside somebody's own words, which it quotes instead. */
const isOwnNote = ({ metadata }: Memory) => 'conversation_id' in metadata && 'tool_used' in metadata;
const saysSomething = ({ text }: Memory) =>
  extractFacts([{ role: 'user', name: null, content: text, at: null }]).length > 0 &&
  !readForget(toClause(cut(text, longestRequest)));

/** The recalled memories that can be told to somebody as theirs, in the same order: no questions, no small talk, nothing twice, nothing that is over. */
export function quotable(recalled: readonly Memory[]): Memory[] {
  const told: Memory[] = [];
  for (const memory of recalled) {
    const isNew = told.every(({ text }) => !text.toLowerCase().includes(memory.text.toLowerCase()));
    const isCurrent = memory.supersededBy === null;
    if (isNew && isCurrent && !isOwnNote(memory) && saysSomething(memory)) told.push(memory);
  }
  return told;
}

/** Those of `memories` that share a content word with the question. */
export function onTopic<Said extends { text: string }>(
  question: string,
  memories: readonly Said[],
  terms: Terms,
): Said[] {
  const asked = terms.terms(question);
  return memories.filter(({ text }) => [...terms.terms(text).keys()].some((stem) => asked.has(stem)));
}

const aspects = /[,;]| (?:and|or|y|o) /i;
const word = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:['’]\p{L}+)*/gu;

/**
 * Those of `memories` that are about a topic, which is stricter: they hold more than half of its content words, "live" alone is not "I
 * live in Rome". Of a topic of several, "my knee and my boat", about any.
 */
export function allAbout(topic: string, memories: readonly Memory[], terms: Terms): Memory[] {
  const wanted = topic.split(aspects).map((aspect) => {
    const read = terms.reader(topic);
    const words = (aspect.toLowerCase().match(word) ?? []).filter((each) => read(each) !== null);
    return words.map((each) => [read(each), ...terms.terms(each).keys()]);
  });
  return memories.filter(({ text }) => {
    const held = terms.terms(text);
    return wanted.some((words) => {
      const shared = words.filter((stems) => stems.some((stem) => stem !== null && held.has(stem)));
      return shared.length > words.length / 2;
    });
  });
}

/**
 * Those of `notes` that answer a question or are on its topic, in that order; and in place of one that is over, the one that took its
 * place.
 */
export function currentOnTopic(
  question: string,
  recalled: readonly Memory[],
  notes: readonly Memory[],
  terms: Terms,
): Memory[] {
  const { holding, over } = sortAnswers(notes, slotsAsked(question));
  const current = onTopic(question, recalled, terms).map((memory) =>
    memory.supersededBy === null
      ? notes.find(({ id }) => id === memory.id)
      : recalled.find(({ id, supersededBy }) => id === memory.supersededBy && supersededBy === null),
  );
  const told = [...new Set([...holding, ...current])].filter((memory) => memory !== undefined);
  return told.filter((memory) => !over.includes(memory));
}

const lasting = new Set<Intent['kind']>(['goal', 'remember', 'correction']);

/** Whether a text tells something about a person that is not over with the day, as far as the rules can see. */
export function isLasting(text: string, terms: Terms): boolean {
  const { intents } = understand(text, terms.language);
  return intents.length === 0 || intents.some(({ kind }) => lasting.has(kind));
}

/** The ids of the memories that a reply tells of: of whose content words it holds at least half. */
export function told(reply: string, memories: readonly Memory[], terms: Terms): string[] {
  const said = terms.terms(reply);
  const isTold = ({ text }: Memory) => {
    const stems = [...terms.terms(text).keys()];
    return stems.length > 0 && stems.filter((stem) => said.has(stem)).length >= stems.length / 2;
  };
  return memories.filter(isTold).map(({ id }) => id);
}

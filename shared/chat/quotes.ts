import type { Terms } from '../embedding/terms';
import type { Memory } from '../memory/memory';
import { extractFacts } from '../memory/salience';
import type { Intent } from './intent';
import { understand } from './understand';

/** What the coach wrote down beside somebody's own words, which it quotes instead. */
const isOwnNote = ({ metadata }: Memory) => 'conversation_id' in metadata && 'tool_used' in metadata;
const saysSomething = ({ text }: Memory) =>
  extractFacts([{ role: 'user', name: null, content: text, at: null }]).length > 0;

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
export function onTopic(question: string, memories: readonly Memory[], terms: Terms): Memory[] {
  const asked = terms.terms(question);
  return memories.filter(({ text }) => [...terms.terms(text).keys()].some((stem) => asked.has(stem)));
}

const lasting = new Set<Intent['kind']>(['goal', 'remember']);

/** Whether a text tells something about a person that is not over with the day, as far as the rules can see. */
export function isLasting(text: string, terms: Terms): boolean {
  const { intents } = understand(text, terms.language);
  return intents.length === 0 || intents.some(({ kind }) => lasting.has(kind));
}

import type { Terms } from '../embedding/terms';
import type { Memory } from '../memory/memory';
import type { Goal } from './goals';
import type { Intent } from './intent';
import type { Language, Personality, Voice } from './personalities/personality';
import { type Phrases, phrases } from './phrases';
import { isLasting, quotable } from './quotes';
import type { ToolRun } from './tool-runner';
import type { Known } from './tools';

/** What the coach answers from. It states nothing else. */
export interface Situation {
  message: string;
  personality: Personality;
  known: Known;
}

/** One message on its way to a reply. */
export interface Turn {
  intents: readonly Intent[];
  known: Known;
  tools: ToolRun;
  terms: Terms;
  /** Facts, the same for every personality. */
  say: Phrases;
  /** A line of the personality for an occasion. */
  speak(occasion: keyof Voice, values?: Record<string, string>): string;
  /** The goals somebody has now, those of this message with them. */
  active: Goal[];
  /** What can be quoted, best first; null when memory is unavailable. */
  notes: Memory[] | null;
  /** Those of `notes` that say something lasting: no check-ins, no greetings. */
  lasting: Memory[];
  /** A memory in the words it was told in, with its date. */
  quote(memory: Memory): string;
  /** Mood and energy go with the first thing that was done; after that they are logged. */
  isCheckInLogged: boolean;
}

/** Fills `{name}` places once over, with a capital where a sentence begins: what is put in is never looked at again. */
function fill(line: string, values: Record<string, string>): string {
  return line.replace(/(^|[.!?] )?\{(\w+)\}/g, (_, opening: string | undefined, key: string) => {
    const value = values[key] ?? '';
    return opening === undefined ? value : opening + value.charAt(0).toUpperCase() + value.slice(1);
  });
}

export function createTurn(
  { intents, language }: { intents: readonly Intent[]; language: Language },
  { message, personality, known }: Situation,
  tools: ToolRun,
  terms: Terms,
): Turn {
  const voice = personality.voice[language];
  const say = phrases[language];
  const notes = known.recalled && quotable(known.recalled);
  const { name } = known.preferences;
  return {
    ...{ intents, known, tools, terms, say, notes },
    lasting: (notes ?? []).filter(({ text }) => isLasting(text, terms)),
    quote: (memory) => say.quote(memory, memory.speaker === name ? null : memory.speaker),
    speak: (occasion, values = {}) => {
      const lines = voice[occasion];
      return fill(lines[message.length % lines.length] ?? '', values);
    },
    active: (known.goals ?? []).filter(({ status }) => status === 'active'),
    isCheckInLogged: false,
  };
}

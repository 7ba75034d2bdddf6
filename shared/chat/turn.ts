import type { Terms } from '../embedding/terms';
import type { Memory } from '../memory/memory';
import type { Goal } from './goals';
import type { Intent } from './intent';
import type { Language, Personality } from './personalities/personality';
import { isLasting, quotable } from './quotes';
import { createSpeech, type Speech } from './speech';
import type { Known } from './tool';
import type { ToolRun } from './tool-runner';
import type { Pending, TranscriptTurn } from './transcript';

/** What the coach answers from. It states nothing else. */
export interface Situation {
  message: string;
  personality: Personality;
  known: Known;
  /** The person's last turn in this conversation, and what it asked them to confirm. */
  previous: TranscriptTurn | null;
  pending: Pending | null;
}

/** One message on its way to a reply. */
export interface Turn extends Speech {
  intents: readonly Intent[];
  known: Known;
  previous: TranscriptTurn | null;
  tools: ToolRun;
  terms: Terms;
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

export function createTurn(
  { intents, language }: { intents: readonly Intent[]; language: Language },
  { message, personality, known, previous }: Situation,
  tools: ToolRun,
  terms: Terms,
): Turn {
  const speech = createSpeech(language, personality, message.length);
  const notes = known.recalled && quotable(known.recalled);
  const { name } = known.preferences;
  return {
    ...speech,
    ...{ intents, known, previous, tools, terms, notes },
    lasting: (notes ?? []).filter(({ text }) => isLasting(text, terms)),
    quote: (memory) => speech.say.quote(memory, memory.speaker === name ? null : memory.speaker),
    active: (known.goals ?? []).filter(({ status }) => status === 'active'),
    isCheckInLogged: false,
  };
}

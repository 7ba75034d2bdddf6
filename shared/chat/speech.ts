import type { Language, Personality, Voice } from './personalities/personality';
import { type Phrases, phrases } from './phrases';

/** How a reply is worded. */
export interface Speech {
  /** Facts, the same for every personality. */
  say: Phrases;
  /** A line of the personality for an occasion. */
  speak(occasion: keyof Voice, values?: Record<string, string>): string;
}

/** Of several lines `choice` picks one: the same number, the same line. */
export function createSpeech(language: Language, { voice }: Personality, choice: number): Speech {
  return {
    say: phrases[language],
    speak: (occasion, values = {}) => {
      const lines = voice[language][occasion];
      return fill(lines[choice % lines.length] ?? '', values);
    },
  };
}

/** Fills `{name}` places once over, with a capital where a sentence begins: what is put in is never looked at again. */
function fill(line: string, values: Record<string, string>): string {
  return line.replace(/(^|[.!?] )?\{(\w+)\}/g, (_, opening: string | undefined, key: string) => {
    const value = values[key] ?? '';
    return opening === undefined ? value : opening + value.charAt(0).toUpperCase() + value.slice(1);
  });
}

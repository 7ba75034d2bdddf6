export type Language = 'en' | 'es';

/**
 * What a personality says, by occasion. Of several lines one is chosen by the message, so the same message gets the same
 * line. `{goal}` stands for the goal's title and target.
 */
export interface Voice {
  /** To somebody nothing is known of. */
  hello: readonly string[];
  /** To somebody known; `{name}` is empty or `, ` and the name. */
  welcomeBack: readonly string[];
  goalSet: readonly string[];
  /** After something was done for a goal. */
  done: readonly string[];
  /** After a check-in or a feeling: mood and energy of 7 and more on average, 5 and 6, 4 and less. */
  good: readonly string[];
  steady: readonly string[];
  bad: readonly string[];
  /** Before what is remembered is told. */
  recall: readonly string[];
  /** Where there is nothing to do but to listen. */
  listening: readonly string[];
}

/** One coach's manner, as data. To add one: a file like its neighbours and a line in list.ts. */
export interface Personality {
  name: string;
  /** One sentence for people who choose. */
  description: string;
  /** When it works, for a chat model and for people who choose; goes on after "Works best". */
  effectiveWhen: string;
  /** What people call it, in lower case and without accents: "switch to the calm one". */
  aliases: readonly string[];
  voice: Record<Language, Voice>;
  /** How a chat model is told to speak. */
  systemPrompt: string;
}

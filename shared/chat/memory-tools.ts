import { z } from 'zod';
import type { MemoryService } from '../memory/memory-contract';
import { personalityNames } from './personalities/list';
import { type Preferences, preferenceNames } from './preferences';
import { tool, ToolError } from './tool';

/** What is kept of a person, and what is known. */
export function createMemoryTools({ preferences, memory }: { preferences: Preferences; memory: MemoryService }) {
  return {
    remember: tool({
      description:
        'Keeps a fact, or something the person likes or dislikes, in their own words, when they ask for it or correct what you said. ' +
        'Their messages are kept anyway. Gives what was kept.',
      input: z.strictObject({ text: z.string().trim().min(1).max(1000), type: z.enum(['fact', 'preference']) }),
      run: async (note) => ({ result: note, notes: [note] }),
    }),
    set_preference: tool({
      description:
        'Settles, when the person says so themselves, what they are called (name), which coach they prefer (personality: ' +
        `${personalityNames.join(', ')}), or the time of day that works for them (time_of_day: morning, afternoon, evening, night). ` +
        '`words` is how they said it. Gives name and value.',
      input: z.strictObject({
        name: z.enum(preferenceNames),
        value: z.string().trim().min(1).max(100),
        words: z.string().max(1000),
      }),
      run: async ({ name, value, words }, { userId, at }) => {
        if (name === 'personality' && !personalityNames.includes(value)) throw new ToolError('unknown_personality');
        await preferences.set(userId, name, value, at);
        const note = { type: 'preference' as const, text: words, metadata: { preference: name, value } };
        return { result: { name, value }, notes: [note] };
      },
    }),
    search_memory: tool({
      description:
        'Looks for what the person told before, by meaning and by words, when the answer is not among what you were given. Gives dated ' +
        'memories, best first; [] when nothing is known; null when memory cannot be reached, which is not the same: then say that you cannot look.',
      input: z.strictObject({
        query: z.string().trim().min(1).max(1000),
        limit: z.number().int().min(1).max(20).default(8),
      }),
      run: async ({ query, limit }, { userId, deadline }) => {
        const { value } = await memory.recall({ userId, query, limit }, deadline);
        const memories = value?.map((found) => found.memory).filter(({ type }) => type !== 'tool_usage');
        return {
          result: {
            memories: memories?.map(({ id, text, type, createdAt }) => ({ id, text, type, createdAt })) ?? null,
          },
        };
      },
    }),
    what_do_you_know: tool({
      description:
        'Sums up what is known about the person, when they ask for it: preferences, and how many goals and memories there are; null where ' +
        'that cannot be reached.',
      input: z.strictObject({}),
      run: async (_, { known: { goals, recalled, preferences } }) => ({
        result: { preferences, goals: goals?.length ?? null, memories: recalled?.length ?? null },
      }),
    }),
  };
}

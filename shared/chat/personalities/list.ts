import { cheerleader } from './cheerleader';
import type { Personality } from './personality';
import { strategist } from './strategist';
import { taskmaster } from './taskmaster';
import { zen } from './zen';

export const personalities: readonly Personality[] = [taskmaster, cheerleader, strategist, zen];

export const personalityNames = personalities.map(({ name }) => name);

/** Speaks where neither the request nor the person asked for another. */
export const defaultPersonality: Personality = cheerleader;

/** The personality of that name, or null. */
export const findPersonality = (name: string | undefined): Personality | null =>
  personalities.find((personality) => personality.name === name) ?? null;

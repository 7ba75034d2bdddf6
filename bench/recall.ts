import { categories } from './locomo';

export const depths = [5, 10, 20] as const;

/** One question's answer: which turns were found, best first, and which it asked for. */
export interface Answer {
  category: number;
  evidence: readonly string[];
  found: readonly string[];
}

/** Mean over questions of evidence turns found in the first k ÷ evidence turns. */
export type Recall = Record<`@${(typeof depths)[number]}`, number>;

export function recallOf(answers: readonly Answer[]): Recall {
  const at = (depth: number) => {
    const shares = answers.map(({ evidence, found }) => {
      const first = new Set(found.slice(0, depth));
      return evidence.filter((turn) => first.has(turn)).length / evidence.length;
    });
    return shares.reduce((sum, share) => sum + share, 0) / shares.length;
  };
  return { '@5': at(5), '@10': at(10), '@20': at(20) };
}

export function recallByCategory(answers: readonly Answer[]): Record<string, Recall & { questions: number }> {
  return Object.fromEntries(
    Object.entries(categories).flatMap(([category, name]) => {
      const those = answers.filter((answer) => answer.category === Number(category));
      return those.length > 0 ? [[name, { ...recallOf(those), questions: those.length }]] : [];
    }),
  );
}

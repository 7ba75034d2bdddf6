import type { Fact, Owner } from './brain-contract';
import type { Company } from './companies';
import type { Profile } from './profiles';
import { contentOf, templates } from './templates';

/** Marks a fact as made from a record: when the record loses the value, so does the brain. What others saved under the slug stays. */
export const fromRecord = { from: 'record' } as const;

/** What a record says of its owner, and the slugs that it says nothing of. */
export interface Loaded {
  facts: Fact[];
  empty: string[];
}

/** A field that holds nothing, or white space alone, makes no fact. Pure. */
export function toFacts(kind: Owner['kind'], record: Profile | Company): Loaded {
  const facts: Fact[] = [];
  const empty: string[] = [];
  for (const { field, slug, category } of templates[kind]) {
    const value = (record as Partial<Record<string, unknown>>)[field];
    const said = typeof value === 'string' ? value.trim() : '';
    if (said === '') empty.push(slug);
    else facts.push({ slug, category, content: contentOf(slug, said), metadata: fromRecord });
  }
  return { facts, empty };
}

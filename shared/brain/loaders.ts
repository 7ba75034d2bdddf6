import type { Owner } from './brain-contract';
import type { Company } from './companies';
import { type Filled, fillTemplates } from './fill-templates';
import type { Profile } from './profiles';
import { templates } from './templates';

/** Marks a fact as made from a record: when the record loses the value, so does the brain. What others saved under the slug stays. */
export const fromRecord = { from: 'record' } as const;

/** What a record says of its owner, and the slugs that it says nothing of. */
export type Loaded = Filled;

/** A field that holds nothing, or white space alone, makes no fact. Pure. */
export const toFacts = (kind: Owner['kind'], record: Profile | Company): Loaded =>
  fillTemplates(templates[kind], record, fromRecord);

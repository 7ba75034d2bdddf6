import { z } from 'zod';
import type { BrainRow, Owner } from '../brain/brain-contract';
import * as fields from './fields';

/** What stands for an owner in a route: its id in any of its spellings, which the brain reads. */
export const owner = {
  kind: z.enum(['users', 'companies'], 'must be users or companies'),
  id: fields.label(),
  /** For whom it is done, of a company's facts. */
  user_id: fields.label().optional(),
};

/** A person's facts are there for nobody else. */
export function refuseUser(
  { kind, user_id }: { kind: Owner['kind']; user_id?: string },
  context: z.RefinementCtx,
): void {
  if (kind === 'users' && user_id !== undefined)
    context.addIssue({
      code: 'custom',
      path: ['user_id'],
      message: 'is for companies: a person has their own facts only',
    });
}

const slug = z
  .string()
  .max(128)
  .regex(/^[a-z][a-z0-9_]*$/, 'must be lower case letters, digits and _, such as user_full_name');

const fact = z.strictObject({
  slug,
  category: fields.label(64),
  content: fields.message,
  metadata: fields.metadata.optional(),
});

/** Each slug has one value. */
function refuseTwins(given: { slug: string }[], context: z.RefinementCtx): void {
  const slugs = given.map((each) => each.slug);
  slugs.forEach((each, i) => {
    if (slugs.indexOf(each) < i) context.addIssue({ code: 'custom', path: [i, 'slug'], message: 'is given twice' });
  });
}

export const facts = z
  .strictObject({ ...owner, memories: z.array(fact).min(1).max(100).superRefine(refuseTwins) })
  .superRefine(refuseUser);
export const factsOfOwner = z.strictObject(owner).superRefine(refuseUser);
export const factOfOwner = z.strictObject({ ...owner, slug }).superRefine(refuseUser);

export const toOwner = ({ kind, id }: Owner): Owner => ({ kind, id });

const rowView = ({ slug, category, content, metadata, memoryId, state, createdAt, updatedAt }: BrainRow) => ({
  ...{ slug, category, content, metadata, memoryId, state, createdAt, updatedAt },
});

/** How rows were read: they are our own, and as the provider has them where none is on its way. */
const memoryOf = (rows: BrainRow[] | null) => ({
  source: rows === null ? 'none' : rows.every(({ state }) => state === 'synced') ? 'provider' : 'outbox',
  degraded: rows === null,
  reason: rows === null ? 'database_unreachable' : null,
  asOf: new Date(),
});

export const factView = (row: BrainRow) => ({ result: rowView(row), memory: memoryOf([row]) });

/** null where the database cannot be reached. */
export const factsView = (rows: BrainRow[] | null) => ({
  ...{ memories: rows?.map(rowView) ?? null, count: rows?.length ?? 0, memory: memoryOf(rows) },
});

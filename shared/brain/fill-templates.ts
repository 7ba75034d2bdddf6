import type { Metadata } from '../memory/memory';
import type { Fact } from './brain-contract';
import type { Template } from './templates';

/** Facts, and the slugs of which nothing was said. */
export interface Filled {
  facts: Fact[];
  empty: string[];
}

/** A field that holds nothing, or white space alone, makes no fact. Pure. */
export function fillTemplates(templates: readonly Template[], values: object, metadata: Metadata): Filled {
  const facts: Fact[] = [];
  const empty: string[] = [];
  for (const { field, slug, category, text } of templates) {
    const said = toWords((values as Partial<Record<string, unknown>>)[field]);
    // A value that holds the placeholder, or `$&`, stays as it is written.
    if (said) facts.push({ slug, category, content: text.replace('{value}', () => said), metadata });
    else empty.push(slug);
  }
  return { facts, empty };
}

function toWords(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'sí' : 'no';
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
}

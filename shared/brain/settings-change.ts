import type { Fact, Owner } from './brain-contract';
import { fillTemplates } from './fill-templates';
import { formTemplates } from './form-templates';

/**
 * What a change of settings, under the fields of `formTemplates`, means for the brain: facts of what is new or different, and the slugs of
 * what was emptied. What is the same, and what `after` does not name, is left alone. Pure.
 */
export function toSettingsChange(
  kind: Owner['kind'],
  before: object,
  after: object,
): { facts: Fact[]; removed: string[] } {
  const named = formTemplates[kind].filter(({ field }) => field in after);
  const { facts, empty } = fillTemplates(named, after, { from: 'settings' });
  const earlier = new Map(fillTemplates(named, before, {}).facts.map(({ slug, content }) => [slug, content]));
  return { facts: facts.filter(({ slug, content }) => earlier.get(slug) !== content), removed: empty };
}

import { at, type Declaration, type Infra, type Value } from './bicep';

/** What must hold of all that is deployed. */
export interface Rule {
  says: string;
  /** What breaks it, a sentence each. */
  complaints: (infra: Infra) => string[];
  /** Changes that it must notice: file, text, and what stands in its place. */
  breaks: [path: string, text: string, instead: string][];
}

export const all = (infra: Infra): Declaration[] => [...infra.values()].flat();
export const resources = (infra: Infra, type: string): Declaration[] =>
  all(infra).filter((one) => one.kind === 'resource' && !one.existing && one.type.startsWith(`${type}@`));

/** Every resource of a type has these properties; there is one at least. */
export function properties(infra: Infra, type: string, wanted: Record<string, string>): string[] {
  const found = resources(infra, type);
  if (found.length === 0) return [`there is no ${type}`];
  return found.flatMap(({ name, value }) =>
    Object.entries(wanted)
      .filter(([path, expected]) => at(value, 'properties', ...path.split('.')) !== expected)
      .map(([path, expected]) => `${type} ${name}: ${path} must be ${expected}`),
  );
}

/** Names of all properties that are set anywhere below a value. */
export const keys = (value: Value): string[] =>
  typeof value === 'string'
    ? []
    : Array.isArray(value)
      ? value.flatMap(keys)
      : Object.entries(value).flatMap(([key, inside]) => [key, ...keys(inside)]);

export const expressions = (value: Value): string[] =>
  typeof value === 'string' ? [value] : Object.values(value).flatMap((inside: Value) => expressions(inside));

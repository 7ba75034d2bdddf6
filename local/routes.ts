import Router from 'find-my-way';
import type { Registration } from './functions-core';

export const routePrefix = 'api';

/** An HTTP function and where it answers. */
export interface HttpFunction {
  registration: Registration;
  methods: string[];
  /** As registered, without the prefix: `memories/{id}`. */
  route: string;
  authLevel: string;
}

export type Match =
  | { kind: 'found'; target: HttpFunction; params: Record<string, string> }
  | { kind: 'wrong method'; allow: string[] }
  | { kind: 'none' };

export function httpFunctions(registrations: readonly Registration[]): HttpFunction[] {
  return registrations
    .filter(({ trigger }) => trigger.type === 'httpTrigger')
    .map((registration) => ({
      registration,
      methods: (registration.trigger.methods as string[]).map((method) => method.toUpperCase()),
      route: (registration.trigger.route as string | undefined) ?? registration.name,
      authLevel: registration.trigger.authLevel as string,
    }));
}

/**
 * Matches paths as the Functions host does: letters of any case, a slash at the end or not, a fixed segment before a
 * parameter before the rest of the path, and HEAD only where a function names it. Other than the host, which answers 404, a
 * known path with another method is told apart. Throws for a route it cannot serve and for two functions on one route.
 */
export function createRoutes(functions: HttpFunction[]): (method: string, path: string) => Match {
  // A parameter is as long as the request line lets it be; what it may hold is for the function to say.
  const router = Router({ caseSensitive: false, ignoreTrailingSlash: true, maxParamLength: 16_384 });
  const methods = [...new Set(functions.flatMap((target) => target.methods))];
  for (const target of functions) {
    for (const path of toRouterPaths(target.route))
      router.on(target.methods as Router.HTTPMethod[], path, unused, target);
  }
  const find = (method: string, path: string) => router.find(method as Router.HTTPMethod, path);
  return (method, path) => {
    const found = find(method, path);
    if (found) {
      const target: HttpFunction = found.store;
      return { kind: 'found', target, params: toParams(found.params, target.route) };
    }
    const allow = methods.filter((other) => find(other, path)).sort();
    return allow.length > 0 ? { kind: 'wrong method', allow } : { kind: 'none' };
  };
}

const unused = () => undefined;

/** `{id}` → `:id`, `{id?}` → `:id?`, and `{*path}` → `*`, which stands for no segment at all too. */
function toRouterPaths(route: string): string[] {
  const segments = route.split('/').map((segment) => {
    if (/^[^{}:*]+$/.test(segment)) return segment;
    const [, star, name, optional = ''] = /^\{(\*?)(\w+)(\?)?\}$/.exec(segment) ?? [];
    if (!name) throw new Error(`Route "${route}" uses "${segment}", which the local host does not serve`);
    return star ? '*' : `:${name}${optional}`;
  });
  const path = `/${[routePrefix, ...segments].join('/')}`;
  return path.endsWith('/*') ? [path, path.slice(0, -2)] : [path];
}

function toParams(found: Record<string, string | undefined>, route: string): Record<string, string> {
  const rest = /\{\*(\w+)\}$/.exec(route)?.[1] ?? '*';
  const entries = Object.entries(found).map(([name, value]) => [name === '*' ? rest : name, value] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => Boolean(entry[1])));
}

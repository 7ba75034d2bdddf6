/** A stored memory, in the vendor's words. `created_at` and its like are ISO 8601. */
export interface Mem0Row {
  id: string;
  memory: string;
  user_id: string | null;
  agent_id: string | null;
  app_id: string | null;
  run_id: string | null;
  metadata: Record<string, unknown> | null;
  categories: string[];
  created_at: string;
  updated_at: string;
  expiration_date: string | null;
  replaced_by: string | null;
}

/** The vendor's 400. */
export class FilterValidationError extends Error {}

type Condition = Record<string, unknown>;

const entities = ['user_id', 'agent_id', 'app_id', 'run_id'];
const times = ['created_at', 'updated_at', 'timestamp'];
const known = [...entities, ...times, 'categories', 'metadata', 'keywords', 'memory_ids', 'AND', 'OR', 'NOT'];

/**
 * What `filters` lets through, with the platform's traps: a scope is required and wildcards alone are none, `eq` on an id and `in`
 * over metadata are refused, unknown keys too, and an OR beside an AND at one level is dropped.
 */
export function toPredicate(filters: unknown): (row: Mem0Row) => boolean {
  if (!isObject(filters) || Object.keys(filters).length === 0) throw new FilterValidationError('filters is required');
  if (!hasScope(filters)) throw new FilterValidationError('At least one entity ID is required in filters');
  return all(filters);
}

/** The one user whom filters ask for; null where that takes a closer look. Spares a large account the whole predicate for everybody else. */
export function userOf(filters: Condition): string | null {
  const named = [filters, ...list(filters.AND)].find(({ user_id }) => typeof user_id === 'string' && user_id !== '*');
  return named ? String(named.user_id) : null;
}

const isObject = (value: unknown): value is Condition =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const list = (value: unknown): Condition[] => (Array.isArray(value) ? value : [value]).filter(isObject);

function hasScope(condition: Condition): boolean {
  const own = entities.some((name) => name in condition && condition[name] !== '*');
  return own || list(condition.AND).some(hasScope) || list(condition.OR).some(hasScope);
}

function all(condition: Condition): (row: Mem0Row) => boolean {
  const entries = Object.entries(condition).filter(([key]) => !(key === 'OR' && 'AND' in condition));
  const checks = entries.map(([key, value]) => one(key, value));
  return (row) => checks.every((check) => check(row));
}

function one(key: string, value: unknown): (row: Mem0Row) => boolean {
  if (!known.includes(key)) throw new FilterValidationError(`Invalid filter key: ${key}`);
  if (key === 'AND' || key === 'OR' || key === 'NOT') {
    const parts = list(value).map(all);
    if (key === 'AND') return (row) => parts.every((part) => part(row));
    if (key === 'OR') return (row) => parts.some((part) => part(row));
    return (row) => !parts.some((part) => part(row));
  }
  if (key === 'metadata') return metadata(value);
  if (key === 'memory_ids') return (row) => Array.isArray(value) && value.includes(row.id);
  if (key === 'keywords')
    return (row) => row.memory.toLowerCase().includes(String(isObject(value) ? value.icontains : value));
  if (key === 'categories')
    return (row) => isObject(value) && row.categories.some((name) => valuesOf(value.in).includes(name));
  const field = (key === 'timestamp' ? 'created_at' : key) as keyof Mem0Row;
  if (entities.includes(key) && isObject(value) && 'eq' in value)
    throw new FilterValidationError(`Unsupported operator eq for ${key}`);
  return (row) => compare(row[field], value);
}

const valuesOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Exact match of top-level keys. */
function metadata(value: unknown): (row: Mem0Row) => boolean {
  if (!isObject(value)) throw new FilterValidationError('metadata must be an object');
  for (const wanted of Object.values(value)) {
    if (isObject(wanted) && !('contains' in wanted) && !('ne' in wanted))
      throw new FilterValidationError('Unsupported operator for metadata');
  }
  return (row) =>
    Object.entries(value).every(([key, wanted]) => {
      const stored = row.metadata?.[key];
      if (!isObject(wanted)) return stored === wanted;
      if ('ne' in wanted) return stored !== wanted.ne;
      return typeof stored === 'string' && stored.includes(String(wanted.contains));
    });
}

function compare(stored: unknown, value: unknown): boolean {
  if (value === '*') return stored !== null;
  if (!isObject(value)) return stored === value;
  const order = (bound: unknown) => Date.parse(String(stored)) - Date.parse(String(bound));
  return Object.entries(value).every(([operator, bound]) => {
    switch (operator) {
      case 'gte':
        return order(bound) >= 0;
      case 'gt':
        return order(bound) > 0;
      case 'lte':
        return order(bound) <= 0;
      case 'lt':
        return order(bound) < 0;
      case 'ne':
        return stored !== bound;
      case 'in':
        return valuesOf(bound).includes(stored);
      default:
        throw new FilterValidationError(`Unsupported operator: ${operator}`);
    }
  });
}

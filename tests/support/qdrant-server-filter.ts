/** Qdrant's filters over payloads, as far as Keepsake uses them; what is not known here is refused, never passed over. */

export type Payload = Record<string, unknown>;
export interface Filter {
  must?: Condition[];
  must_not?: Condition[];
  should?: Condition[];
}
type Condition =
  | Filter
  | { has_id: string[] }
  | { is_empty: { key: string } }
  | { key: string; match: { value: unknown } | { any: unknown[] } }
  | { key: string; range: Partial<Record<Bound, string | number | null>> };
type Bound = 'gt' | 'gte' | 'lt' | 'lte';

export interface Filterable {
  id: string;
  payload: Payload;
}

/** Whether a point passes. Throws what is wrong with the filter. */
export function passes(filter: Filter | null | undefined, point: Filterable): boolean {
  const { must = [], must_not = [], should = [], ...rest } = filter ?? {};
  const [unknown] = Object.keys(rest);
  if (unknown) throw new Error(`unknown field \`${unknown}\` in filter`);
  const holds = (condition: Condition) => meets(condition, point);
  return must.every(holds) && !must_not.some(holds) && (should.length === 0 || should.some(holds));
}

/** Payload fields that a filter looks at. */
export function fieldsOf(filter: Filter | null | undefined): string[] {
  const { must = [], must_not = [], should = [] } = filter ?? {};
  return [...must, ...must_not, ...should].flatMap((condition) => {
    if ('key' in condition) return [condition.key];
    if ('is_empty' in condition) return [condition.is_empty.key];
    return 'has_id' in condition ? [] : fieldsOf(condition);
  });
}

function meets(condition: Condition, point: Filterable): boolean {
  if ('has_id' in condition) return condition.has_id.includes(point.id);
  if ('is_empty' in condition) return valuesOf(point.payload[condition.is_empty.key]).length === 0;
  if (!('key' in condition)) return passes(condition, point);
  const values = valuesOf(point.payload[condition.key]);
  if ('range' in condition) return values.some((value) => isWithin(value, condition.range));
  const { match } = condition;
  if ('value' in match) return values.includes(match.value);
  if ('any' in match) return values.some((value) => match.any.includes(value));
  throw new Error('this match is not known to the loopback server');
}

/** A field of several values is looked at value by value; one that is null or missing has none. */
const valuesOf = (field: unknown): unknown[] => [field].flat().filter((value) => value !== null && value !== undefined);

const bounds: Record<Bound, (value: number, bound: number) => boolean> = {
  gt: (value, bound) => value > bound,
  gte: (value, bound) => value >= bound,
  lt: (value, bound) => value < bound,
  lte: (value, bound) => value <= bound,
};

/** Numbers as they are, RFC 3339 dates as milliseconds; no other value lies within anything. */
function isWithin(value: unknown, range: Partial<Record<Bound, string | number | null>>): boolean {
  return Object.entries(range).every(([name, bound]) => {
    if (bound === null) return true;
    const [a, b] = typeof bound === 'string' ? [Date.parse(String(value)), Date.parse(bound)] : [value, bound];
    return typeof a === 'number' && bounds[name as Bound](a, b);
  });
}

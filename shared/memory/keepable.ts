/** Without what Postgres cannot keep, and a person's sync would fail at for ever: NUL, and halves of surrogate pairs. */
export function keepable<T>(value: T): T {
  if (typeof value === 'string') return value.replaceAll('\0', '').toWellFormed() as T;
  if (Array.isArray(value)) return value.map(keepable) as T;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map((entry) => keepable(entry))) as T;
}

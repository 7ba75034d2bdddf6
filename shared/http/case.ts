/** Keys whose value belongs to the caller and is passed on as it is. */
const opaque = new Set(['metadata', 'lead_data', 'leadData']);

type KeyChange = (key: string) => string;

/** The names are our own and few, and every answer has them many times. */
function remembered(change: KeyChange): KeyChange {
  const known = new Map<string, string>();
  return (key) => {
    const changed = known.get(key) ?? change(key);
    known.set(key, changed);
    return changed;
  };
}

const toCamel = remembered((key) => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()));
/** `userId` becomes `user_id`. */
export const toSnake = remembered((key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));

function changeKeys(value: unknown, change: KeyChange): unknown {
  if (Array.isArray(value)) return value.map((item) => changeKeys(item, change));
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  const changed: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value))
    changed[change(key)] = opaque.has(key) ? inner : changeKeys(inner, change);
  return changed;
}

/** `user_id` becomes `userId`, at every depth but under `metadata`. */
export const camelKeys = (value: unknown): unknown => changeKeys(value, toCamel);

/** `userId` becomes `user_id`, at every depth but under `metadata`. */
export const snakeKeys = (value: unknown): unknown => changeKeys(value, toSnake);

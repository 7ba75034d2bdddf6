/** Keys whose value belongs to the caller and is passed on as it is. */
const opaque = new Set(['metadata']);

type KeyChange = (key: string) => string;

const toCamel: KeyChange = (key) => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
const toSnake: KeyChange = (key) => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function changeKeys(value: unknown, change: KeyChange): unknown {
  if (Array.isArray(value)) return value.map((item) => changeKeys(item, change));
  if (value === null || typeof value !== 'object' || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [change(key), opaque.has(key) ? inner : changeKeys(inner, change)]),
  );
}

/** `user_id` becomes `userId`, at every depth but under `metadata`. */
export const camelKeys = (value: unknown): unknown => changeKeys(value, toCamel);

/** `userId` becomes `user_id`, at every depth but under `metadata`. */
export const snakeKeys = (value: unknown): unknown => changeKeys(value, toSnake);

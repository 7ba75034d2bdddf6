import { z } from 'zod';
import type { Page } from './memory';

/** Thrown for a cursor that we never gave out. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
}

/** As tight as what we give out, so that nothing reaches Postgres that it refuses: it knows no year 0 and no NUL. */
const parts = {
  time: z.iso.datetime().regex(/^[1-9]/),
  uuid: z.uuid(),
  text: z.string().regex(/^[\x20-\x7e]{1,128}$/),
  count: z.string().regex(/^[1-9]\d{0,5}$/),
};

/** The sort key that a cursor holds, checked part by part; undefined for the first page. Throws `CursorError` when it is not one of ours. */
export function fromCursor<Shape extends (keyof typeof parts)[]>(cursor: string | null, shape: [...Shape]) {
  if (cursor === null) return undefined;
  try {
    const key = z
      .array(z.unknown())
      .length(shape.length)
      .parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
    return shape.map((kind, i) => parts[kind].parse(key[i])) as { [Part in keyof Shape]: string };
  } catch (cause) {
    throw new CursorError('The cursor is not one that this list gave out.', { cause });
  }
}

export const toCursor = (sortKey: string[]): string => Buffer.from(JSON.stringify(sortKey)).toString('base64url');

/** A page of `rows`, of which one more than `limit` was asked for: that one tells whether there is a next page. */
export function toPage<T>(rows: T[], limit: number, sortKey: (last: T) => string[]): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const hasMore = rows.length > limit && last !== undefined;
  return { items, nextCursor: hasMore ? toCursor(sortKey(last)) : null };
}

/** Pages of a list, one after the other; empty ones, too. */
export async function* pagesOf<T>(list: (cursor: string | null) => Promise<Page<T>>): AsyncGenerator<T[]> {
  let cursor: string | null = null;
  do {
    const page: Page<T> = await list(cursor);
    yield page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

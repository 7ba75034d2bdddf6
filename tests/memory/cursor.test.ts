import { CursorError, fromCursor, toPage } from '../../shared/memory/cursor';

describe('cursors', () => {
  const rows = ['a', 'b', 'c'];

  test('the last page has none', () =>
    expect(toPage(rows, 3, (last) => [last])).toEqual({ items: rows, nextCursor: null }));

  test('a further page begins after the last row of this one', () => {
    const { items, nextCursor } = toPage(rows, 2, (last) => [last]);
    expect(items).toEqual(['a', 'b']);
    expect(fromCursor(nextCursor, ['text'])).toEqual(['b']);
  });

  test('no cursor means the first page', () => expect(fromCursor(null, ['text'])).toBeUndefined());

  test.each([
    '',
    'x',
    'bnVsbA',
    Buffer.from('[1]').toString('base64url'),
    Buffer.from('["a","b"]').toString('base64url'),
    '%00',
  ])('refuses %p', (cursor) => expect(() => fromCursor(cursor, ['text'])).toThrow(CursorError));

  test('refuses a part of another kind', () => {
    const { nextCursor } = toPage(rows, 2, (last) => [last]);
    expect(() => fromCursor(nextCursor, ['uuid'])).toThrow(CursorError);
  });
});

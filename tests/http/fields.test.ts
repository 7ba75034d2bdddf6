import type { z } from 'zod';
import * as fields from '../../shared/http/fields';

const nested = (levels: number): object => (levels === 1 ? {} : { a: nested(levels - 1) });
const sized = (bytes: number) => ({ a: 'x'.repeat(bytes - JSON.stringify({ a: '' }).length) });

/** The last value that a field takes, and the first that it does not. */
const limits: [name: string, field: z.ZodType, good: unknown, bad: unknown][] = [
  ['a message of 8,000 characters', fields.message, 'x'.repeat(8_000), 'x'.repeat(8_001)],
  ['a query of 1,000 characters', fields.query, 'x'.repeat(1_000), 'x'.repeat(1_001)],
  ['a label of 128 characters', fields.label(), 'x'.repeat(128), 'x'.repeat(129)],
  ['a person of 128 characters', fields.userId, 'x'.repeat(128), 'x'.repeat(129)],
  ['an address of 256 characters', fields.address, 'x'.repeat(256), 'x'.repeat(257)],
  ['every character of a person', fields.userId, 'aZ0._:@+-', 'aZ0._:@+-/'],
  ['20 tags', fields.tags, Array(20).fill('a'), Array(21).fill('a')],
  ['a tag of 64 characters', fields.tags, ['x'.repeat(64)], ['x'.repeat(65)]],
  ['no tag', fields.tags, [], ['']],
  ['paired surrogates', fields.message, '🎈', '🎈'.slice(0, 1)],
  ['a text with white space around it', fields.message, ' \n a\t', ' \n \t'],
  ['metadata of five levels', fields.metadata, nested(5), nested(6)],
  ['metadata of 16 KiB', fields.metadata, sized(16 * 1024), sized(16 * 1024 + 1)],
  ['metadata counted in bytes', fields.metadata, { a: 'ñ'.repeat(8_000) }, { a: 'ñ'.repeat(8_200) }],
  ['names that objects have', fields.metadata, { toString: 1, valueOf: 2, hasOwnProperty: 3 }, { constructor: 1 }],
  ['a limit of 100 in a body', fields.bodyLimit, 100, 101],
  ['a limit of 1 in a body', fields.bodyLimit, 1, 0],
  ['a limit of 100 in a query', fields.queryLimit, '100', '101'],
  ['a limit of 1 in a query', fields.queryLimit, '1', '0'],
  ['the first moment', fields.moment, '1900-01-01T00:00:00Z', '1899-12-31T23:59:59.999Z'],
  ['the last moment', fields.moment, '9999-12-31T23:59:59.999Z', '9999-12-31T23:00:00-01:00'],
  ['a leap day', fields.moment, '2028-02-29', '2026-02-29'],
];

describe('a field', () => {
  it.each(limits)('takes %s, and not the next thing', (_, field, good, bad) => {
    expect(field.safeParse(good).success).toBe(true);
    expect(field.safeParse(bad).success).toBe(false);
  });

  it.each([
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01T08:30:00Z', '2026-03-01T08:30:00.000Z'],
    ['2026-03-01T08:30:00.123456Z', '2026-03-01T08:30:00.123Z'],
    ['2026-03-01T08:30:00+05:45', '2026-03-01T02:45:00.000Z'],
  ])('reads the moment %s as %s', (given, expected) => {
    expect(fields.moment.parse(given).toISOString()).toBe(expected);
  });

  it('returns metadata as it was', () => {
    const given = { user_id: 1, userId: [null, { b: 'ñ' }] };
    expect(fields.metadata.parse(given)).toBe(given);
  });
});

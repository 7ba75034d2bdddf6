import { batch, toBatches } from '../../shared/sync/batch';

const people = (count: number, isAlone = false) =>
  Array.from({ length: count }, (_, i) => ({ userId: `${isAlone ? 'alone' : 'person'}-${i}`, isAlone }));

describe('batches', () => {
  it.each([
    [0, 0, 0],
    [1, 1, 1],
    [5, 3, 2],
    [100, 50, 2],
    [1_000, 50, 20],
    [10_000, 400, 25],
  ])('of %i people are %i, of at most %i each, with everybody in them once', (count, batches, size) => {
    const made = toBatches(7, people(count));
    expect([made.length, Math.max(0, ...made.map((one) => one.people.length))]).toEqual([batches, size]);
    expect(made.flatMap((one) => one.people)).toEqual(people(count).map(({ userId }) => userId));
    for (const one of made) expect(batch.parse(JSON.parse(JSON.stringify(one)))).toEqual(one);
  });

  it('hold those alone whose batch failed', () => {
    const made = toBatches(7, [...people(100), ...people(2, true)]);
    expect(made.filter((one) => one.people.some((userId) => userId.startsWith('alone')))).toEqual([
      { version: 1, run: 7, people: ['alone-0'] },
      { version: 1, run: 7, people: ['alone-1'] },
    ]);
  });

  it('stay below the 64 KiB of a message with ids of the longest kind', () => {
    const longest = people(10_000).map((person) => ({ ...person, userId: '\u{10ffff}'.repeat(128) }));
    const [first] = toBatches(Number.MAX_SAFE_INTEGER, longest);
    expect(Buffer.from(JSON.stringify(first)).toString('base64').length).toBeLessThan(65_536);
  });

  it.each([
    ['of another version', { version: 2, run: 1, people: ['ana'] }],
    ['without people', { version: 1, run: 1, people: [] }],
    ['of too many', { version: 1, run: 1, people: Array.from({ length: 101 }, String) }],
    ['with more in it than ids', { version: 1, run: 1, people: ['ana'], text: 'hello' }],
    ['as a text', 'ana'],
  ])('are not read %s', (_, message) => {
    expect(batch.safeParse(message).success).toBe(false);
  });
});

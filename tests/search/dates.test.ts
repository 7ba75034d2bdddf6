import { isAround, namedDates } from '../../shared/search/dates';

const now = Date.parse('2026-03-01T12:00:00Z');
const named = (text: string) => namedDates(text, now).map(({ year, month, day }) => [year, month, day]);

describe('namedDates', () => {
  it.each([
    ['What did she show on October 13, 2023?', [[2023, 9, 13]]],
    ['on 3 June, 2023', [[2023, 5, 3]]],
    ['el 15 de mayo de 2024', [[2024, 4, 15]]],
    ['the 2nd of August', [[null, 7, 2]]],
    ['in May 2023', [[2023, 4, null]]],
    ['¿qué hice en Septiembre?', [[null, 8, null]]],
    [
      'between June and July',
      [
        [null, 5, null],
        [null, 6, null],
      ],
    ],
    ['all through 2022', [[2022, null, null]]],
    ['What may I march on in May', [[null, 4, null]]],
    ['yesterday', [[2026, 1, 28]]],
    ['¿qué comí hoy?', [[2026, 2, 1]]],
    ['last month', [[2026, 1, null]]],
    ['el año pasado', [[2025, null, null]]],
    ['who may come', []],
    ['room 2', []],
    ['', []],
  ])('%s', (text, dates) => expect(named(text)).toEqual(dates));

  it('takes last week for the days up to yesterday', () => {
    const dates = namedDates('what did we say last week?', now);
    const said = (day: string) => isAround(dates, Date.parse(day));
    expect(said('2026-02-23T08:00:00Z')).toBe(true);
    expect(said('2026-02-05T08:00:00Z')).toBe(false);
  });

  it('takes 8,000 characters in a few milliseconds', () => {
    for (const text of ['1'.repeat(8000), '12 '.repeat(2600), 'may '.repeat(2000), '15 de '.repeat(1300)]) {
      const started = performance.now();
      namedDates(text, now);
      expect(performance.now() - started).toBeLessThan(100);
    }
  });
});

describe('isAround', () => {
  it.each([
    ['May 2023', '2023-05-31T23:00:00Z', true],
    ['May 2023', '2023-06-01T23:00:00Z', true],
    ['May 2023', '2023-06-03T00:00:00Z', false],
    ['May 2023', '2024-05-10T00:00:00Z', false],
    ['in May', '2024-05-10T00:00:00Z', true],
    ['2023', '2023-07-07T00:00:00Z', true],
    ['13 October 2023', '2023-10-14T09:00:00Z', true],
    ['13 October 2023', '2023-10-16T09:00:00Z', false],
    ['nothing', '2023-10-16T09:00:00Z', false],
  ])('%s: %s is %s', (text, moment, expected) =>
    expect(isAround(namedDates(text, now), Date.parse(moment))).toBe(expected),
  );
});

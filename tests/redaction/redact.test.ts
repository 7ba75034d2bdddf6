import fc from 'fast-check';
import { type Level, redact } from '../../shared/redaction/redact';
import type { Kind } from '../../shared/redaction/span';
import { negatives, personal, positives } from './samples';

const countsOf = (kinds: Kind[]) => Object.fromEntries(kinds.map((kind) => [kind, 1]));

describe('redaction', () => {
  it('is shown by 60 samples at least on either side', () => {
    expect(positives.length).toBeGreaterThanOrEqual(60);
    expect(negatives.length + personal.length).toBeGreaterThanOrEqual(60);
  });

  it.each(positives)('masks: $text', ({ text, masked, kinds, level }) => {
    const asked: Level = level ?? 'secrets';
    expect(redact(text, asked)).toEqual({ text: masked, counts: countsOf(kinds) });
    expect(redact(masked, 'pii')).toEqual({ text: masked, counts: {} });
  });

  it.each(negatives)('leaves on every level: %s', (text) => {
    for (const level of ['secrets', 'pii'] as const) expect(redact(text, level)).toEqual({ text, counts: {} });
  });

  it.each(personal)('leaves unless personal data are masked: %s', (text) => {
    expect(redact(text, 'secrets')).toEqual({ text, counts: {} });
    expect(redact(text, 'pii').text).not.toBe(text);
  });

  it('masks nothing where it is off', () => {
    for (const { text } of positives) expect(redact(text, 'off')).toEqual({ text, counts: {} });
  });

  it('counts each piece of a kind', () => {
    expect(redact('4111 1111 1111 1111 and 5555-5555-5555-4444, pin 1234', 'secrets')).toEqual({
      text: '[card] and [card], pin [password]',
      counts: { card: 2, password: 1 },
    });
  });

  it('changes nothing in what it has masked, whatever stands beside what', () => {
    const pieces = fc.constantFrom(
      ...positives.map(({ text }) => text),
      ...negatives,
      ' ',
      ': ',
      '\n',
      'is ',
      '12',
      '"',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 6 }), fc.constantFrom('', ' ', ', '), (parts, glue) => {
        const masked = redact(parts.join(glue), 'pii').text;
        expect(redact(masked, 'pii')).toEqual({ text: masked, counts: {} });
      }),
      { numRuns: 300 },
    );
  });

  const length = 8_000;
  const hostile: [name: string, unit: string][] = [
    ['digits', '4'],
    ['digits one by one', '4 '],
    ['groups of four', '4111 '],
    ['cards', '4111 1111 1111 1111 '],
    ['beginnings of IBANs', 'DE89 '],
    ['IBANs without an end', 'DE89370400440532013'],
    ['letters', 'a'],
    ['beginnings of tokens', 'eyJaaaaaaaaa.'],
    ['tokens in tokens', 'sk-a-'],
    ['long tokens', 'ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaa-'],
    ['headers', 'Bearer '],
    ['beginnings of private keys', '-----BEGIN PRIVATE KEY-----'],
    ['passwords', 'password '],
    ['passwords of passwords', 'password for password is '],
    ['the word for them before each', 'my password is my '],
    ['PINs', 'pin 1'],
    ['addresses of services', '://a:'],
    ['colons after those', '://a:::::::::'],
    ['at signs', 'a@'],
    ['dots after them', 'a@a.a.a.a.a.a.'],
    ['plus signs', '+1'],
    ['phones', '+1 415 555 2671 '],
    ['words for phones', 'phone 1 1 1 1 1 1 '],
    ['houses', '12 A B C D '],
    ['streets', 'Calle A B C '],
    ['spaces', ' '],
    ['spaces after a word', `password${' '.repeat(2_000)}`],
    ['separators', '1 . - '],
    ['nothing to see', '1\u200b'],
    ['brackets', '[card] '],
    ['quotes', 'password: "'],
  ];
  it.each(hostile)('takes no time for thousands of %s', (_, unit) => {
    const short = unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
    const before = process.cpuUsage();
    redact(short, 'pii');
    // What the process computed: others on the machine do not count.
    expect(process.cpuUsage(before).user / 1_000).toBeLessThan(500);
  });
});

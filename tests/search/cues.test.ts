import { queryCues, textCues } from '../../shared/search/cues';

describe('textCues', () => {
  it.each([
    'I moved yesterday',
    'We met last summer',
    'My exam is on Friday',
    'It was in May',
    'She was born in 1994',
    'three weeks ago',
    'See you at 5 pm',
    'Lo vi ayer',
    'Me mudé el año pasado',
    'Empiezo el miércoles',
    'hace dos meses',
    'la próxima semana',
  ])('hears a time in "%s"', (text) => expect(textCues(text).hasTime).toBe(true));

  it.each(['I may come', 'It is a long way', 'Sunny flat', 'Es muy bonito', ''])('hears no time in "%s"', (text) =>
    expect(textCues(text).hasTime).toBe(false),
  );

  it.each(['12 eggs', 'two dogs', 'I ran it twice', 'dos perros', 'varias veces', 'both of them'])(
    'finds a number in "%s"',
    (text) => expect(textCues(text).hasNumber).toBe(true),
  );

  it.each(['someone', 'a tent', 'atwood', 'often', 'un perro'])('finds no number in "%s"', (text) =>
    expect(textCues(text).hasNumber).toBe(false),
  );

  it.each([
    ['Did you go?', true],
    ['¿Fuiste?  ', true],
    ['Did you go? I did.', false],
    ['I went.', false],
  ])('"%s" is a question: %s', (text, isQuestion) => expect(textCues(text).isQuestion).toBe(isQuestion));

  it('takes a text of 8,000 characters in a few milliseconds', () => {
    for (const text of ['1'.repeat(8000), 'last '.repeat(1600), 'á'.repeat(8000), '?'.repeat(8000), ' '.repeat(8000)]) {
      const started = performance.now();
      textCues(text);
      queryCues(text);
      expect(performance.now() - started).toBeLessThan(100);
    }
  });
});

describe('queryCues', () => {
  it.each([
    'When did I move?',
    'how long have I lived here',
    'Which year was it?',
    '¿Cuándo me mudé?',
    '¿En qué año fue?',
    'cuánto tiempo llevo',
  ])('"%s" asks when', (text) => expect(queryCues(text).asksWhen).toBe(true));
  it.each(['How many dogs?', 'how often do I run', '¿Cuántas veces?'])('"%s" asks how many', (text) =>
    expect(queryCues(text).asksHowMany).toBe(true),
  );
  it.each(['Where do I live?', 'whenever', '¿Dónde vivo?'])('"%s" asks neither', (text) =>
    expect(queryCues(text)).toMatchObject({ asksWhen: false, asksHowMany: false }),
  );
});

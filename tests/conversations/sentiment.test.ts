import { createSentiment } from '../../shared/conversations/sentiment';
import { createTerms } from '../../shared/embedding/terms';

const { trend } = createSentiment(createTerms('auto'));
/** Of one utterance: the halves of it and itself are the same. */
const feelingOf = (text: string) => trend([text, text]).second;

describe('what an utterance sounds like', () => {
  it.each([
    'This is a great apartment, I love it',
    'Thank you, that is very good news',
    'Me gusta mucho la casa',
    'Muchas gracias, quedó perfecta',
    'Estoy muy contenta con la visita',
    '😍',
  ])('good: %s', (text) => expect(feelingOf(text)).toBeGreaterThan(0));

  it.each([
    'This is terrible, I am angry',
    'It is not good at all',
    "I don't love the kitchen",
    'No me gusta la cocina',
    'Estoy cansada de esperar, es un problema',
    'La casa es muy cara',
    'Nunca estuve contento con ustedes',
  ])('bad: %s', (text) => expect(feelingOf(text)).toBeLessThan(0));

  it.each([
    'I would like to book a visit for Tuesday',
    'It has three rooms and a balcony',
    'Quiero una cita para el martes, por favor',
    'Me gustaría saber el precio en UF',
    'Solo tengo tiempo los lunes',
    'No, a las tres',
    '12345',
  ])('neither: %s', (text) => expect(feelingOf(text)).toBe(0));

  it('a negator reaches no further than its clause', () => {
    expect(feelingOf('No, es excelente')).toBeGreaterThan(0);
    expect(feelingOf('It is not the first floor but it is beautiful')).toBeGreaterThan(0);
  });

  it('a word without its accent is the same word', () => {
    expect(feelingOf('el servicio es pesimo señor')).toBe(feelingOf('el servicio es pésimo señor'));
  });
});

describe('the trend', () => {
  const good = 'I am happy with the house';
  const bad = 'I am sad about the house';

  it.each([
    ['improving', [bad, bad, good, good], -0.4, 0.6],
    ['declining', [good, good, bad, bad], 0.6, -0.4],
    ['steady', [good, bad, good, bad], 0.1, 0.1],
  ] as const)('is %s by the halves', (direction, said, first, second) => {
    expect(trend([...said])).toEqual({ direction, first, second, count: 4 });
  });

  it('is the same in Spanish', () => {
    const said = ['Estoy triste con la casa', 'Es un problema', 'Estoy feliz con la casa', 'Me gusta'];
    expect(trend(said)).toEqual({ direction: 'improving', first: -0.4, second: 0.5, count: 4 });
  });

  it('is unknown under four utterances, and blank ones are none', () => {
    expect(trend([])).toEqual({ direction: 'unknown', first: 0, second: 0, count: 0 });
    expect(trend([bad, '', ' ', good, good])).toEqual({
      direction: 'unknown',
      first: -0.4,
      second: 0.6,
      count: 3,
    });
  });

  it('gives the utterance in the middle to the later half', () => {
    expect(trend([bad, bad, bad, good, good])).toMatchObject({ first: -0.4, second: 0.267, count: 5 });
  });

  it('takes what nobody says, and stays between -1 and 1', () => {
    const { first, second } = trend([
      'no '.repeat(4_000),
      '💔'.repeat(2_000),
      'constructor __proto__ toString',
      'fuck '.repeat(1_000),
    ]);
    for (const half of [first, second]) expect(Math.abs(half)).toBeLessThanOrEqual(1);
  });
});

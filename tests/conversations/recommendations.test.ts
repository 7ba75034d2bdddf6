import { type History, type Recommendation, recommend } from '../../shared/conversations/recommendations';

const now = new Date('2026-03-01T12:00:00Z');
const dayMs = 86_400_000;

type Said = [query: string, answer?: string];

/** Exchanges an hour apart that end an hour ago; their ids are e1, e2, … */
const call = (said: Said[], sessionId = 'call-1'): History['exchanges'] =>
  said.map(([query, answer = 'Very well.'], i) => ({
    ...{ id: `e${i + 1}`, sessionId, query, answer },
    at: new Date(now.getTime() - (said.length - i) * 3_600_000),
  }));

/** Versions of leads, a session each. */
const leads = (...known: [leadId: string, level: string | null, daysAgo: number][]): History['leads'] =>
  known.map(([leadId, level, daysAgo], i) => ({
    ...{ leadId, sessionId: `lead-call-${i}`, data: { interest_level: level } },
    at: new Date(now.getTime() - daysAgo * dayMs),
  }));

const recommended = (history: Partial<History>, language: 'en' | 'es' = 'en'): Recommendation[] =>
  recommend({ exchanges: [], leads: [], now, ...history }, language);
const rulesOf = (history: Partial<History>) => recommended(history).map(({ rule }) => rule);

describe('rescheduled twice', () => {
  it.each([
    ['Can we reschedule my appointment?', 'I would need to move the visit'],
    ['Could we do another day', "I can't make it. Let's postpone"],
    ['Quiero cambiar la cita', '¿Podemos dejarlo para otro día?'],
    ['Necesito reagendar la visita', 'Hay que mover la reunión'],
    ["I can't come can we reschedule", 'No puedo ir quiero reagendar'],
  ])('%s … %s', (one, other) => {
    const exchanges = call([[one], ['The kitchen is nice.'], [other]]);
    const [first, ...others] = recommended({ exchanges });
    expect(first).toEqual({
      rule: 'rescheduled_twice',
      text: expect.stringContaining('2 times'),
      evidence: ['e1', 'e3'],
    });
    expect(others).toEqual([]);
  });

  it.each([
    ['once', [['Can we reschedule?'], ['The kitchen is nice.'], ['Thank you.']]],
    [
      'twice, but the second answers what the agent asked back',
      [['Can we reschedule.'], ['Reschedule it to Friday.'], ['Bye.']],
    ],
    ['taken back', [['No need to reschedule.'], ['Fine.'], ["I don't want to postpone it."]]],
    ['taken back in Spanish', [['No quiero cambiar la cita.'], ['Bien.'], ['Sin reagendar nada.']]],
    ['something else that moves', [['The other day I called you.'], ['Bien.'], ['Quiero cambiar la cocina.']]],
    ['said by the agent', [['Hello.', 'We have to reschedule.'], ['Fine.'], ['Well.', 'Let us reschedule again.']]],
  ] as [string, Said[]][])('not: %s', (_, said) => expect(rulesOf({ exchanges: call(said) })).toEqual([]));

  it('not: long ago', () => {
    const exchanges = call([['Can we reschedule.'], ['Fine.'], ['Can we reschedule.']]);
    const old = exchanges.map((one) => ({ ...one, at: new Date(one.at.getTime() - 91 * dayMs) }));
    expect(rulesOf({ exchanges })).toEqual(['rescheduled_twice']);
    expect(rulesOf({ exchanges: old })).toEqual([]);
  });
});

describe('interest rising', () => {
  it.each([
    ['low', 'medium', 'high'],
    ['baja', 'media', 'alta'],
    ['Bajo', null, 'MEDIA'],
    ['high', 'low', 'medium'],
  ])('by the lead: %s, %s, %s', (...said) => {
    const [a, b, c] = said;
    const history = leads(['lead-1', a, 3], ['lead-1', b, 2], ['lead-1', c, 1]);
    expect(recommended({ leads: history })).toEqual([
      { rule: 'interest_rising', text: expect.stringContaining('rising'), evidence: ['lead-1'] },
    ]);
  });

  it('over two leads of the person', () => {
    const [first] = recommended({ leads: leads(['lead-1', 'low', 3], ['lead-2', 'medium', 1]) });
    expect(first).toMatchObject({ rule: 'interest_rising', evidence: ['lead-1', 'lead-2'] });
  });

  it.each([
    ['falling', ['high', 'medium', 'low']],
    ['the same', ['medium', 'medium', 'medium']],
    ['risen and fallen again', ['low', 'high', 'medium']],
    ['in words that no rule knows', ['lukewarm', 'boiling', 'volcanic']],
  ])('not: %s', (_, [a = '', b = '', c = '']) => {
    expect(rulesOf({ leads: leads(['lead-1', a, 3], ['lead-1', b, 2], ['lead-1', c, 1]) })).toEqual([]);
  });

  it.each([
    [['Hello.'], ['It is for my family.'], ['Tell me the price.'], ['I would like to sign the contract.']],
    [['Hola.'], ['Es para mi familia.'], ['Dígame el precio.'], ['Me gustaría firmar el contrato.']],
  ] as Said[][])('by what the caller says: %s', (...said) => {
    const exchanges = call(said as Said[]);
    expect(recommended({ exchanges })).toEqual([
      { rule: 'interest_rising', text: expect.stringContaining('rising'), evidence: ['e3', 'e4'] },
    ]);
  });

  it.each([
    ['as much before as after', [['The price.'], ['A discount.'], ['The price.'], ['A discount.']]],
    ['a single time', [['Hello.'], ['It is for my family.'], ['Tell me the price.'], ['Thank you.']]],
    ['taken back', [['Hello.'], ['Well.'], ["I don't want to buy."], ['No quiero firmar nada.']]],
  ] as [string, Said[]][])('not: %s', (_, said) => expect(rulesOf({ exchanges: call(said) })).toEqual([]));
});

describe('unanswered question', () => {
  it.each([
    ['Is there a garage?', "I don't know, I'm afraid."],
    ['How much are the common expenses?', 'I will find out and call you back.'],
    ['When can I visit', ''],
    ['¿Aceptan mascotas?', 'No lo sé, lo averiguo.'],
    ['Cuánto valen los gastos comunes', 'No tengo esa información, le devuelvo la llamada.'],
  ])('%s … %s', (query, answer) => {
    const exchanges = call([['Hello.'], [query, answer], ['Que tenga buen día.', 'Goodbye.']]);
    expect(recommended({ exchanges })).toEqual([
      { rule: 'unanswered_question', text: expect.stringContaining(query), evidence: ['e2'] },
    ]);
  });

  it.each([
    ['answered', [['Is there a garage?', 'Yes, for two cars.']]],
    ['answered politely', [['¿Hay estacionamiento?', 'No se preocupe, hay dos.']]],
    [
      'answered when it was asked again',
      [
        ['Is there a garage?', "I don't know."],
        ['So is there a garage?', 'Yes.'],
      ],
    ],
    ['answered with a time', [['When do we talk?', 'I will call you at five.']]],
    ['confirmed', [['¿Hay estacionamiento?', 'Le confirmo que sí, hay dos.']]],
    ['no question', [['I have a car.', "I don't know that model."]]],
    ['the caller does not know', [["I don't know yet.", 'Take your time.']]],
  ] as [string, Said[]][])('not: %s', (_, said) => expect(rulesOf({ exchanges: call(said) })).toEqual([]));
});

describe('high-interest lead without follow-up', () => {
  it.each(['high', 'Alta'])('%s', (level) => {
    expect(recommended({ leads: leads(['lead-1', level, 5]) })).toEqual([
      { rule: 'high_interest_lead_without_follow_up', text: expect.stringContaining('5 days'), evidence: ['lead-1'] },
    ]);
  });

  it('what was said in the lead’s own session follows nothing up', () => {
    const sold = {
      id: 'e1',
      sessionId: 'lead-call-0',
      query: 'Goodbye.',
      answer: '',
      at: new Date(now.getTime() - 4 * dayMs),
    };
    expect(rulesOf({ leads: leads(['lead-1', 'high', 5]), exchanges: [sold] })).toEqual([
      'high_interest_lead_without_follow_up',
    ]);
  });

  it.each([
    ['a lead of medium interest', { leads: leads(['lead-1', 'medium', 5]) }],
    ['a fresh one', { leads: leads(['lead-1', 'high', 2]) }],
    ['one that has cooled', { leads: leads(['lead-1', 'high', 9], ['lead-1', 'low', 5]) }],
    ['one whose person has called since', { leads: leads(['lead-1', 'high', 5]), exchanges: call([['Hello.']]) }],
    ['one that was looked at since', { leads: leads(['lead-1', 'high', 5], ['lead-1', null, 1]) }],
  ] as [string, Partial<History>][])('not: %s', (_, history) => expect(rulesOf(history)).toEqual([]));
});

it('speaks the caller’s language', () => {
  const history = { leads: leads(['lead-1', 'alta', 5]) };
  expect(recommended(history, 'es')[0]?.text).toBe(
    'Un lead de alto interés lleva 5 días sin seguimiento: retómalo ahora.',
  );
});

it('has nothing to say about nobody', () => expect(recommended({})).toEqual([]));

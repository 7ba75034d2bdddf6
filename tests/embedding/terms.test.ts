import { createTerms } from '../../shared/embedding/terms';

const counted = (terms: Map<string, number>) => Object.fromEntries(terms);

describe('terms', () => {
  const auto = createTerms('auto');

  it.each([
    ['running', 'run'],
    ['Allergies', 'allergi'],
    ['happily', 'happili'],
    ['café', 'cafe'],
  ])('stems %s to %s in English', (word, stem) => {
    expect(createTerms('en').stem(word)).toBe(stem);
  });

  it.each([
    [['corriendo', 'corrió'], 'corr'],
    [['trabajo', 'trabajé', 'TRABAJANDO'], 'trabaj'],
    [['canción', 'cancion', 'canciones'], 'cancion'],
    [['educación', 'educacion', 'educaciones'], 'educ'],
    [['médico', 'medico', 'médica'], 'medic'],
    [['niños', 'ninos'], 'nin'],
  ])('stems each of %j to %s in Spanish', (words, stem) => {
    const spanish = createTerms('es');
    expect(words.map((word) => spanish.stem(word))).toEqual(words.map(() => stem));
  });

  it.each<[string, 'en' | 'es']>([
    ['Where does my sister work?', 'en'],
    ['The trip to Las Vegas with Dan', 'en'],
    ['We met Juan in Los Angeles', 'en'],
    ['¿Dónde trabaja mi hermana?', 'es'],
    ['Mi hermana vive en Valparaíso', 'es'],
    ['Nos gusta la canción "Let it be" de los Beatles', 'es'],
    ['hermana', 'en'],
    ['Las Vegas', 'en'],
    ['', 'en'],
    ['👍🏽', 'en'],
  ])('reads %j as %s', (text, language) => {
    expect(auto.language(text)).toBe(language);
  });

  it('does not guess where the setting names the language', () => {
    expect(createTerms('es').language('Where does my sister work?')).toBe('es');
    expect(createTerms('en').language('¿Dónde trabaja mi hermana?')).toBe('en');
  });

  it.each([
    ['hermana', 'Mi hermana trabaja en un hospital'],
    ['hermanas', 'Mi hermana trabaja en un hospital'],
    ['cancion favorita', 'Mi canción favorita es de los años ochenta'],
    ['running', 'I ran and I was running with the dog'],
    ['¿Qué comió mi perro?', 'perro enfermo'],
  ])('lets the query %j meet the memory %j', (query, memory) => {
    const known = auto.terms(memory);
    expect([...auto.terms(query).keys()].some((stem) => known.has(stem))).toBe(true);
  });

  it.each<[string, Record<string, number>]>([
    ['We talked about the dogs and the dog', { talk: 1, dog: 2 }],
    ["I can't, don’t and wont", {}],
    ["It's O'Brien and Ana's dog", { o: 1, brien: 1, ana: 1, dog: 1 }],
    ['She ran 3.5 km at 7:30 for 1,000 euros', { ran: 1, '3.5': 1, km: 1, '7:30': 1, '1,000': 1, euro: 1 }],
    ['It is in locker 12, not in locker 13.', { locker: 2, '12': 1, '13': 1 }],
    ['You can write to ana.b@example.com', { write: 1, ana: 1, b: 1, exampl: 1, com: 1 }],
    ['This is vitamin C and plan B', { vitamin: 1, c: 1, plan: 1, b: 1 }],
    ['That is a cafe\u0301', { cafe: 1 }],
    ['ＷＩＤＥ is the letter', { wide: 1, letter: 1 }],
    ['Mi trabajo de hoy en el café', { trabaj: 1, hoy: 1, caf: 1 }],
    ['我喜欢茶', { 我: 1, 喜: 1, 欢: 1, 茶: 1 }],
    ['हिन्दी', { हिन्दी: 1 }],
    ['it is constructor __proto__', { constructor: 1, proto: 1 }],
    ['', {}],
    ['... !? 🎉', {}],
    ['\u0000\ud800', {}],
  ])('counts the terms of %j', (text, expected) => {
    expect(new Map(auto.terms(text))).toEqual(new Map(Object.entries(expected)));
  });

  it('keeps the Spanish words a memory turns on, and drops those that carry nothing', () => {
    const spanish = createTerms('es');
    for (const word of ['trabajo', 'hoy', 'país', 'tres', 'té'])
      expect([word, spanish.isStopWord(word)]).toEqual([word, false]);
    for (const word of ['también', 'tambien', 'qué', 'que', 'tienes', 'LA'])
      expect([word, spanish.isStopWord(word)]).toEqual([word, true]);
  });

  it('reads 8,000 characters of anything', () => {
    expect(counted(auto.terms('é'.repeat(8000)))).toEqual({ ['e'.repeat(8000)]: 1 });
    expect(auto.terms("a'".repeat(4000)).size).toBe(0);
  });
});

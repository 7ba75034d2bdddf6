import { claimsIn, contradicts, isOutdated } from '../../shared/chat/facts/claims';

const said = (text: string) =>
  claimsIn(text).map(({ slot, value, isOver }) => `${slot}: ${isOver ? 'not ' : ''}${value}`.trim());

describe('claims of what can only be one thing at a time', () => {
  test.each<[string, string[]]>([
    ['I live in Lima', ['home: lima']],
    ['i live in lima', ['home: lima']],
    ["Hi! I'm living in San Sebastián now.", ['home: san sebastian']],
    ["That's wrong, I moved to Lima", ['home: lima']],
    ['Moved to Lima last week!', ['home: lima']],
    ["I've just moved back to Quito, it is lovely", ['home: quito']],
    ['I moved from Madrid to New York in March', ['home: new york']],
    ['I live in The Hague with my sister', ['home: hague']],
    ['I live in Lima, not Madrid', ['home: lima']],
    ['I live in Lima and not in Madrid', ['home: lima']],
    ['Remember that I live in Lima', ['home: lima']],
    ['We moved to Portugal in 2021', ['home-country: pt', 'home: pt']],
    ["I've been living in Oslo for three years", ['home: oslo']],
    ['Sorry, I meant I live in Rome', ['home: rome']],
    ['In March I moved to Lima', ['home: lima']],
    ['I moved to Lima when I was 20', ['home: lima']],
    ['Nos mudamos a Barcelona en enero', ['home: barcelona']],
    ['Vivo en la Ciudad de México', ['home: la ciudad de mexico']],
    ['I have been vegan for two years', ['diet: vegan']],
    ["I'm not working at Google anymore", ['employer: not google']],
    ['I live in Peru', ['home-country: pe']],
    ['I moved to Spain', ['home-country: es', 'home: es']],
    ['User lives in Lima', ['home: lima']],
    ['Vivo en Lima', ['home: lima']],
    ['Me mudé a Lima', ['home: lima']],
    ['No, vivo en La Paz', ['home: la paz']],
    ['Sí, vivo en Cusco', ['home: cusco']],
    ['Me llamo Ana y vivo en el Perú', ['name: ana', 'home-country: pe']],
    ['My sister lives in Lima', ['home:sister: lima']],
    ['My sister Lucia moved to Quito last year', ['home:sister/lucia: quito']],
    ['Mi hermana Lucía vive en Quito', ['home:sister/lucia: quito']],
    ['I am from Chile', ['origin-country: cl']],
    ['Soy de Valparaíso', ['origin: valparaiso']],
    ['I was born in Cusco', ['birthplace: cusco']],
    ["I'm a nurse now", ['job: nurse']],
    ['I am a senior software engineer at Acme', ['job: senior software engineer']],
    ['I work as a nurse', ['job: nurse']],
    ['Soy enfermera', ['job: nurse']],
    ['Trabajo como ingeniero de software', ['job: engineer software']],
    ['My brother is a doctor', ['job:brother: doctor']],
    ['I work at Acme and I live in Lima', ['employer: acme', 'home: lima']],
    ['I live in Lima and work at Acme', ['home: lima', 'employer: acme']],
    ['I joined Acme last month', ['employer: acme']],
    ['My name is Ana', ['name: ana']],
    ['Me llamo Ana María', ['name: ana maria']],
    ["I'm 34 years old", ['age: 34']],
    ['I just turned 35!', ['age: 35']],
    ['Tengo 34 años', ['age: 34']],
    ['My birthday is on May 4th', ['birthday: 4/5']],
    ['Mi cumpleaños es el 4 de mayo', ['birthday: 4/5']],
    ['I got married in June', ['marital status: married']],
    ['Estoy divorciada', ['marital status: divorced']],
    ["I'm vegan", ['diet: vegan']],
    ['I went vegetarian', ['diet: vegetarian']],
    ['Soy vegano desde 2020', ['diet: vegan']],
    ['I eat meat again', ['diet: omnivore']],
    ['My new number is +51 999 111 222', ['phone: 51999111222']],
    ['My e-mail is ana@example.com.', ['e-mail: ana@example.com']],
    ['Mi correo es ana@example.com', ['e-mail: ana@example.com']],
    ['My native language is Quechua', ['native language: quechua']],
    ['My favourite colour is blue', ['favourite:color: blue']],
    ['Mi color favorito es el azul', ['favourite:color: azul']],
    ['My favorite book is "Dune"', []],
    ['My dog is called Ox', ['name:dog: ox']],
    ['Mi perro se llama Ox', ['name:dog: ox']],
    ['I have two kids', ['children: 2']],
    ['Tengo tres hijos', ['children: 3']],
    ['I weigh 80 kilos', ['weight: 80 kg']],
    ['Peso 82,5 kg', ['weight: 82.5 kg']],
    ["I'm 1.80 m tall", ['height: 180 cm']],
    ['I wake up at 6:30', ['wake-up time: 6:30']],
    ['Me levanto a las 7 de la mañana', ['wake-up time: 7:00']],
    ['I go to bed at 11pm', ['bedtime: 23:00']],
    // What is over.
    ["I don't live in Madrid anymore", ['home: not madrid']],
    ['I no longer live in Madrid', ['home: not madrid']],
    ['I used to live in Madrid', ['home: not madrid']],
    ['I used to live in Madrid but now I live in Lima', ['home: not madrid', 'home: lima']],
    ['Ya no vivo en Madrid', ['home: not madrid']],
    ['Dejé de trabajar como enfermera', ['job: not nurse']],
    ["I'm not vegan", ['diet: not vegan']],
    ["I'm no longer a nurse", ['job: not nurse']],
    ['My favourite colour is not blue', ['favourite:color: not blue']],
    ['I left Acme', ['employer: not acme']],
    ['I quit my job', ['job: not', 'employer: not']],
    ["My name isn't Ana", ['name: not ana']],
  ])('%s', (text, expected) => expect(said(text)).toEqual(expected.map((claim) => claim.trim())));

  test.each([
    'Do I live in Lima?',
    'Where do I live?',
    'I live in Lima, right?',
    '¿Vivo en Lima?',
    'If I lived in Lima I would swim every day',
    'If I had the money, I live in Lima in my head',
    'I wish I lived in Lima',
    'I would live in Lima',
    'I might move to Lima',
    'I want to move to Lima',
    "I'm moving to Lima next month",
    'I lived in Lima',
    'I lived in Lima for three years',
    'We always wanted to live in Lima',
    'He says I live in Lima',
    'Ben lives in Lima',
    'Ben said, I live in Lima',
    'My friend Ben thinks that I work at Acme',
    'He said: "I live in Lima."',
    '> I live in Lima',
    'Ben: I live in Lima',
    'Imagine I live in Lima',
    "Let's say I live in Lima",
    'In my dream, I live in Lima',
    'I live in Lima in the game',
    'I live in Lima until June',
    'I live in fear',
    'I live in the moment',
    'I live in a small flat',
    'I live in my own world',
    'I live in Lima and Madrid',
    'I moved to tears',
    'I moved to a new flat',
    'I moved to Lima for work and then moved back',
    'Si vivo en Lima, nado todos los días',
    'Ojalá viva en Lima',
    'Quiero vivir en Lima',
    'Viví en Lima',
    'Vivo en pareja',
    'Vivo en un piso pequeño',
    "I'm from the future",
    'Soy de los que madrugan',
    "I'm a mess",
    "I'm a morning person",
    "I'm a bit tired",
    "I'm a retired teacher",
    'I wanted to be a nurse',
    'My nurse is a good person',
    'I work at night',
    'I quit smoking',
    'I left early',
    "I'm called into a meeting",
    'My name is spelled with an h',
    'You know I live in Paris',
    'I work for myself',
    'I work from home',
    'I work hard as a rule',
    'Trabajo de noche',
    'Soy feliz',
    'Soy alta',
    "I'm 34 minutes late",
    "I'm 90 percent sure",
    "I'll be 35 in May",
    'Tengo 34 libros',
    'Tengo 10 años de experiencia',
    'I turned 180 degrees',
    'My birthday is coming up',
    "I'm single-minded",
    "I'm married to my job",
    "I'm engaged in a project",
    "I'm almost vegan",
    'My sister said she is vegan',
    'I like vegan food',
    'My favourite thing about Lima is the sea',
    'My favourite colours are blue and red',
    'My favourite book is about whales',
    'My other dog is called Rex',
    'My number is unlisted',
    'I weigh my food',
    'Peso mis opciones',
    'I woke up at 6 today',
    'I wake up at 6 tomorrow',
    'I wake up at 9 on Sundays',
    'I wake up at night',
    'Call me later',
    "I'm used to living in Lima",
    'I am going to Lima',
    'Lima is lovely',
    "I don't not live in Lima",
    '',
  ])('none in: %s', (text) => expect(said(text)).toEqual([]));

  test('carry the clause they were said in, and take no longer for a text that is made to take long', () => {
    expect(claimsIn('Hi there! Yes, I live in Lima and I like it.')[0]?.text).toBe('I live in Lima');
    const started = performance.now();
    for (const hostile of [
      'i '.repeat(50_000),
      'I live in '.repeat(10_000),
      '"'.repeat(100_000),
      '\n'.repeat(100_000),
      ' '.repeat(100_000),
      `I moved from ${'a '.repeat(40_000)}`,
    ])
      claimsIn(hostile);
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

describe('contradictions', () => {
  const first = (text: string) => {
    const [claim] = claimsIn(text);
    if (!claim) throw new Error(`No claim in: ${text}`);
    return claim;
  };
  test.each([
    ['I moved to Lima', 'I live in Madrid'],
    ['My sister moved to Lima', 'My sister Lucia lives in Madrid'],
    ["I don't live in Madrid anymore", 'I live in Madrid'],
    ['I live in Madrid', "I don't live in Madrid anymore"],
    ['I quit my job', 'I am a nurse'],
    ['I eat meat again', "I'm vegan"],
    ['I wake up at 7', 'I wake up at 6'],
  ])('%p contradicts %p', (a, b) => expect(contradicts(first(a), first(b))).toBe(true));
  test.each([
    ['I live in Lima', 'I moved to Lima'],
    ['I live in Peru', 'I live in Lima'],
    ['I live in Lima', 'My sister lives in Madrid'],
    ['My sister Lucia lives in Lima', 'My sister Eva lives in Madrid'],
    ['My name is Ana María', 'My name is Ana'],
    ["I don't live in Madrid anymore", 'I live in Lima'],
    ['Soy enfermera', 'I am a nurse'],
    ['My favourite colour is blue', 'My favourite movie is Alien'],
  ])('%p does not contradict %p', (a, b) => expect(contradicts(first(a), first(b))).toBe(false));

  test('outdate a text only where they leave nothing of it', () => {
    const newer = claimsIn('I moved to Lima');
    expect(isOutdated('I live in Madrid.', newer)).toBe(true);
    expect(isOutdated('Hi! I live in Madrid.', newer)).toBe(true);
    expect(isOutdated('I live in Madrid. My locker is number 12.', newer)).toBe(false);
    expect(isOutdated('My name is Ana and I live in Madrid', newer)).toBe(false);
    expect(isOutdated('My locker is number 12.', newer)).toBe(false);
    expect(isOutdated('My name is Ana and I live in Madrid', newer, true)).toBe(true);
    expect(isOutdated('I live in Madrid. The train was late.', newer, true)).toBe(false);
    expect(isOutdated('I moved to Spain', claimsIn('I live in Barcelona'))).toBe(false);
    expect(isOutdated('I live in Madrid', claimsIn('I moved to Peru'))).toBe(true);
    expect(isOutdated('', newer)).toBe(false);
  });
});

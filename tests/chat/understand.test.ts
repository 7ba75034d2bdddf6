import { performance } from 'node:perf_hooks';
import type { Intent } from '../../shared/chat/intent';
import { asksToForgetLast, readAnswer } from '../../shared/chat/read-forget';
import { understand } from '../../shared/chat/understand';
import { createTerms } from '../../shared/embedding/terms';

const terms = createTerms('auto');
const read = (message: string) => understand(message, terms.language);
/** The intents of one kind without their kind. */
const only = (message: string, kind: Intent['kind']) =>
  read(message)
    .intents.filter((intent) => intent.kind === kind)
    .map(({ kind: _, ...rest }) => rest);
const kinds = (message: string) => read(message).intents.map(({ kind }) => kind);

type Period = 'day' | 'week' | 'month';
const goal = (title: string, count?: number, period?: Period) => ({
  title,
  target: count && period ? { count, period } : null,
});

describe('goals', () => {
  test.each<[string, ...ReturnType<typeof goal>[]]>([
    ['I want to work out three times a week', goal('work out', 3, 'week')],
    ['Hi, I am Ana and I want to work out three times a week', goal('work out', 3, 'week')],
    ["I'd love to run twice a week!", goal('run', 2, 'week')],
    ['my goal is to read 20 pages a day', goal('read 20 pages', 1, 'day')],
    ['My goal: drink 8 glasses of water a day', goal('drink 8 glasses of water', 1, 'day')],
    ['I want to do yoga 3x/week', goal('do yoga', 3, 'week')],
    ['I plan to call my mum once a month', goal('call my mum', 1, 'month')],
    ['Every day I want to read 20 pages', goal('read 20 pages', 1, 'day')],
    ['I need to stretch every morning', goal('stretch', 1, 'day')],
    ['I want to work out on Mondays, Wednesdays and Fridays', goal('work out', 3, 'week')],
    ['I want to run every Tuesday and Thursday', goal('run', 2, 'week')],
    ['I want to work out three times a week with Ben', goal('work out with Ben', 3, 'week')],
    ['I want to run twice a week and meditate every day', goal('run', 2, 'week'), goal('meditate', 1, 'day')],
    ['I want to learn Italian', goal('learn Italian')],
    ['I have decided to stop smoking', goal('stop smoking')],
    ['quiero correr tres veces por semana', goal('correr', 3, 'week')],
    ['Mi meta es leer 20 páginas al día', goal('leer 20 páginas', 1, 'day')],
    ['me gustaría meditar todos los días', goal('meditar', 1, 'day')],
    ['Quiero ir al gimnasio los lunes y jueves', goal('ir al gimnasio', 2, 'week')],
    ['me llamo José y quiero aprender inglés', goal('aprender inglés')],
    ['Tengo que llamar a mi madre una vez al mes', goal('llamar a mi madre', 1, 'month')],
  ])('%s', (message, ...goals) => {
    expect(only(message, 'goal')).toEqual(goals);
  });

  test.each([
    'I want to know the time',
    'I want to buy a car',
    "I don't want to work out three times a week",
    'If I want to run every day, what then',
    'I wanted to run every day',
    'Should I work out three times a week?',
    'I need to go now',
    'no quiero correr tres veces por semana',
    '¿Debo correr tres veces por semana?',
    'My goal is three times a week',
    'She is happy every day',
  ])('none: %s', (message) => {
    expect(only(message, 'goal')).toEqual([]);
  });

  test.each([
    ['I reached my reading goal', { status: 'done' }],
    ['Please drop my running goal', { status: 'dropped' }],
    ['change my workout goal to 4 times a week', { target: { count: 4, period: 'week' } }],
    ['Logré mi meta de leer', { status: 'done' }],
    ['cancela mi meta de correr', { status: 'dropped' }],
    ['cambia mi meta de correr a dos veces por semana', { target: { count: 2, period: 'week' } }],
  ])('changed: %s', (message, change) => {
    expect(only(message, 'goal_change')).toEqual([expect.objectContaining({ change })]);
  });
});

describe('check-ins', () => {
  test.each([
    ['mood 7, energy 5', { mood: 7, energy: 5 }],
    ['Mood: seven. Energy: 3/10', { mood: 7, energy: 3 }],
    ['7 mood, 5 energy', { mood: 7, energy: 5 }],
    ['7 mood 5 energy', { mood: 7, energy: 5 }],
    ['mood 7, 5 energy', { mood: 7, energy: 5 }],
    ['on day 3 my mood is 7 and energy 5', { mood: 7, energy: 5, note: 'on day 3 my mood is 7 and energy 5' }],
    ['mood 7 energy 5', { mood: 7, energy: 5 }],
    ['my mood is about a 6 today', { mood: 6 }],
    ['energy level 4 out of 10', { energy: 4 }],
    ["I'm feeling 8/10", { mood: 8 }],
    ['I feel like a 9', { mood: 9 }],
    ['mood 7.5', { mood: 8 }],
    ['energía 4 y ánimo 6', { mood: 6, energy: 4 }],
    ['Ánimo: siete, energía: diez', { mood: 7, energy: 10 }],
    ['me siento un 8 de 10', { mood: 8 }],
  ])('%s', (message, levels) => {
    expect(only(message, 'check_in')).toEqual([levels]);
  });

  test('what is told beside the numbers becomes the note', () => {
    expect(only('mood 3 because my dog is ill', 'check_in')).toEqual([
      { mood: 3, note: 'mood 3 because my dog is ill' },
    ]);
  });

  test.each(['mood 0', 'energy 11', 'mood 100', 'mood 15, energy 5'])(
    'outside the scale, so not logged: %s',
    (message) => {
      expect(kinds(message)).toEqual(['out_of_scale']);
    },
  );

  test.each([
    "My son's mood is 3",
    'his energy is 4',
    'I moved to room 7',
    'mood 7/5',
    'the energy bill is 50 dollars',
  ])('none: %s', (message) => {
    expect(only(message, 'check_in')).toEqual([]);
  });
});

describe('things done', () => {
  test.each([
    ['did my workout today', ['exercise'], 0],
    ['I went for a run yesterday', ['run'], 1],
    ['I just finished my workout', ['exercise'], 0],
    ['Today I read 20 pages', ['read'], 0],
    ['hoy entrené en el gimnasio', ['exercise'], 0],
    ['ayer corrí 5 km', ['run'], 1],
  ])('%s', (message, activities, daysAgo) => {
    expect(only(message, 'report')).toEqual([expect.objectContaining({ activities, daysAgo, isNamed: true })]);
  });

  test.each(['did it today', 'done for today!', 'lo hice', 'I hit my goal today'])('unnamed: %s', (message) => {
    expect(only(message, 'report')).toEqual([expect.objectContaining({ isNamed: false })]);
  });

  test.each([
    "I didn't work out",
    'My brother ran 5 km',
    'I skipped my workout',
    'I will do my workout',
    'did I do my workout?',
    'no entrené hoy',
    'I run three times a week',
  ])('none: %s', (message) => {
    expect(only(message, 'report')).toEqual([]);
  });
});

describe('preferences', () => {
  test.each([
    ['morning motivation works for me', 'time_of_day', 'morning'],
    ['evenings are better', 'time_of_day', 'evening'],
    ['I prefer mornings', 'time_of_day', 'morning'],
    ["I'm a night owl", 'time_of_day', 'night'],
    ['prefiero las mañanas', 'time_of_day', 'morning'],
    ['por las noches me va mejor', 'time_of_day', 'night'],
    ['I prefer the zen style', 'personality', 'zen'],
    ['Please be my taskmaster', 'personality', 'taskmaster'],
    ['I like the calm style', 'personality', 'zen'],
    ['switch to strategist', 'personality', 'strategist'],
    ['prefiero el estilo tranquilo', 'personality', 'zen'],
    ['Hi, I am Ana', 'name', 'Ana'],
    ['my name is ana', 'name', 'Ana'],
    ['Call me Ben', 'name', 'Ben'],
    ['Hola, soy María José', 'name', 'María José'],
    ['me llamo Zoë', 'name', 'Zoë'],
  ])('%s', (message, name, value) => {
    expect(only(message, 'preference')).toEqual([expect.objectContaining({ name, value })]);
  });

  test.each([
    "mornings don't work for me",
    'good morning is what I say',
    'I like zen gardens',
    'Hi, I am tired',
    'call me later',
    'I am Spanish',
  ])('none: %s', (message) => {
    expect(only(message, 'preference')).toEqual([]);
  });

  test.each([
    ['I love hiking with my dog', 'preference', 'I love hiking with my dog'],
    ['me encanta el café', 'preference', 'me encanta el café'],
    ['Remember that Ben and I meet on Friday', 'fact', 'Ben and I meet on Friday'],
    ['Recuerda que mi hermana vive en Lima', 'fact', 'mi hermana vive en Lima'],
  ])('kept in their words: %s', (message, type, words) => {
    expect(only(message, 'remember')).toEqual([{ type, words }]);
  });
});

describe('forgetting', () => {
  test.each([
    'forget that',
    'Please forget that!',
    'Actually, forget what I just said',
    'Oh no. Forget that.',
    'can you forget that?',
    'delete my last message',
    'olvida eso',
    'Borra lo último que te dije',
    'olvida lo que acabo de decir, por favor',
  ])('the last message: %s', (message) => {
    expect(only(message, 'forget')).toEqual([{ what: 'last' }]);
    expect(asksToForgetLast(read(message))).toBe(true);
  });

  test('what the same message said before is not the last message for certain', () => {
    expect(only('My PIN is 1234. Forget that.', 'forget')).toEqual([{ what: 'last', isDoubtful: true }]);
    expect(asksToForgetLast(read('My PIN is 1234. Forget that.'))).toBe(false);
  });

  test.each([
    'forget everything',
    'Forget everything you know about me.',
    'delete all my data',
    'olvida todo',
    'Borra todo lo que sabes de mí',
  ])('everything: %s', (message) => {
    expect(only(message, 'forget')).toEqual([{ what: 'everything' }]);
  });

  test.each([
    ['forget everything about Lima', 'Lima'],
    ['Forget what I said about my job.', 'my job'],
    ['forget everything I told you about my sister and my aunt', 'my sister and my aunt'],
    ['could you please delete all your notes about my knee?', 'my knee'],
    ['forget that I live in Rome', 'I live in Rome'],
    ['forget my old address', 'my old address'],
    ['forget everything about Lima, I moved away', 'Lima'],
    ['olvida todo sobre Lima', 'Lima'],
    ['olvida todo sobre mi meta de correr', 'mi meta de correr'],
    ['Borra todo lo que te dije sobre mi trabajo', 'mi trabajo'],
    ['quiero que olvides todo lo que sabes de mi hermana', 'mi hermana'],
    ['olvida que vivo en Roma', 'vivo en Roma'],
  ])('%s', (message, about) => {
    expect(only(message, 'forget')).toEqual([{ about }]);
  });

  test.each([
    'forget it',
    'Forget about it.',
    'forget him',
    "don't forget my birthday",
    "please don't forget that",
    'I forgot my keys',
    'I will never forget that',
    'never forget me',
    "let's forget about Paris",
    'forget that?',
    'did you forget everything about Lima?',
    'I want to forget my ex',
    'drop my running goal',
    'forget my running goal',
    'olvídalo',
    'no olvides mi cumpleaños',
    'no olvides que vivo en Roma',
    'me olvidé de todo',
    'olvida mi meta de correr',
  ])('none: %s', (message) => {
    expect(only(message, 'forget')).toEqual([]);
  });

  test.each([
    ['yes', 'yes'],
    ['Yes, please!', 'yes'],
    ['yes, forget it', 'yes'],
    ['👍', 'yes'],
    ['¡Sí!', 'yes'],
    ['Claro que sí', 'yes'],
    ['no', 'no'],
    ['No, thanks', 'no'],
    ['mejor no', 'no'],
    ['yes, but keep the boat', null],
    ['no, I live in Lima now', null],
    ['forget it', null],
    ['maybe', null],
    ['yes '.repeat(2000), null],
    ['', null],
  ])('an answer: %j is %s', (message, answer) => {
    expect(readAnswer(message)).toBe(answer);
  });
});

describe('corrections', () => {
  test.each([
    ["that's wrong, I moved to Lima", 'I moved to Lima'],
    ["That's wrong. I moved to Lima", 'I moved to Lima'],
    ['no, I live in Lima now', 'I live in Lima now'],
    ["No, that's not right, my sister lives in Rome", 'my sister lives in Rome'],
    ['eso no es cierto, ahora vivo en Lima', 'ahora vivo en Lima'],
    ['No, ahora vivo en Lima', 'ahora vivo en Lima'],
    ["that's wrong", null],
    ['eso no es así', null],
  ])('%s', (message, words) => {
    expect(read(message).intents).toEqual([{ kind: 'correction', words }]);
  });

  test.each<[string, Intent['kind'][]]>([
    ["that's wrong, my name is Ana", ['preference']],
    ["that's wrong, I want to run three times a week", ['goal']],
    ["that's wrong, I ran yesterday", ['report']],
    ["that's wrong, isn't it?", ['question']],
  ])('what is right is done: %s', (message, intents) => {
    expect(kinds(message)).toEqual(intents);
  });

  test.each([
    "no, I didn't work out",
    'No, thanks',
    'no vivo en Lima',
    "that's not true for my brother",
    'no, my dog is ill',
  ])('none: %s', (message) => {
    expect(only(message, 'correction')).toEqual([]);
  });
});

describe('phrases and questions', () => {
  test.each<[string, Intent['kind']]>([
    ['Hello again', 'greeting'],
    ['hola', 'greeting'],
    ['Thanks!', 'thanks'],
    ['What do you know about me?', 'overview'],
    ['what do you remember?', 'overview'],
    ['¿Qué sabes de mí?', 'overview'],
    ['me recuerdas?', 'overview'],
    ["what's my goal?", 'list_goals'],
    ['How am I doing?', 'list_goals'],
    ['¿Cuáles son mis metas?', 'list_goals'],
    ['when did I say I want to work out?', 'question'],
    ['What do you know about Lima?', 'question'],
    ['¿Qué sabes de mi hermana?', 'question'],
    ['that really helped', 'thanks'],
    ['¿Dónde vive mi hermana?', 'question'],
    ['remind me what my sister does', 'question'],
    ['I am so tired', 'bad'],
    ['estoy muy contenta', 'good'],
    ['what can you do?', 'help'],
    ['I want to kill myself', 'crisis'],
  ])('%s', (message, kind) => {
    expect(kinds(message)).toEqual([kind]);
  });

  test.each([
    ['Hola', 'es'],
    ['hoy corrí', 'es'],
    ['ánimo 7', 'es'],
    ['Hello', 'en'],
    ['mood 7', 'en'],
  ])('the language of %s is %s', (message, language) => {
    expect(read(message).language).toBe(language);
  });

  test('everything in one message is understood', () => {
    const message =
      "Hi, I'm Ana. I want to run twice a week, mood 7 and energy 5. I prefer mornings. What do you know about me?";
    expect(kinds(message)).toEqual(['greeting', 'preference', 'goal', 'check_in', 'preference', 'overview']);
  });

  test('the same said twice is one thing', () => {
    expect(kinds('I want to run twice a week. I want to run twice a week.')).toEqual(['goal']);
  });
});

describe('rubbish', () => {
  test.each([
    '',
    ' ',
    '?',
    '...',
    '🙂',
    '\u0301\u0301',
    '¿¡',
    '{name} {goal}',
    '$& $1',
    'a'.repeat(8000),
    '\n'.repeat(500),
  ])('%j gives nothing and does not throw', (message) => {
    expect(kinds(message).filter((kind) => kind !== 'question')).toEqual([]);
  });

  const hostile = [
    'a ',
    'i want to ',
    'mood ',
    'every monday and ',
    ', i ',
    'i prefer ',
    '¿',
    '\u0301',
    ' ',
    'remember that ',
    'i feel so so ',
    'lunes, ',
    'morning ',
    'my goal ',
    'yes, ',
    '1 ',
    '. ',
    'and ',
    'not i ',
    'forget everything about ',
    'please forget that ',
    'olvida todo lo que ',
    "no, that's wrong, ",
    'yes, please ',
  ];
  test('reading 8,000 hostile characters takes less than 100 ms', () => {
    const time = (message: string) => {
      const started = performance.now();
      read(message);
      return performance.now() - started;
    };
    for (const piece of hostile) {
      const message = piece.repeat(Math.floor(8000 / piece.length));
      // The best of three: another process may hold the processor during one.
      expect(Math.min(time(message), time(message), time(message))).toBeLessThan(100);
    }
  });
});

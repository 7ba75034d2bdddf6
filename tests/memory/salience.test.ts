import type { Utterance } from '../../shared/memory/provider';
import { extractFacts, isSalient } from '../../shared/memory/salience';

const said = (content: string, role: Utterance['role'] = 'user'): Utterance => ({
  role,
  name: null,
  content,
  at: null,
});
const facts = (content: string) => extractFacts([said(content)]).map((fact) => fact.content);

describe('salience', () => {
  test.each([
    'I moved to Lima last month.',
    'My sister is allergic to peanuts',
    'Locker 12',
    'Vegetarian',
    'Well, I never eat meat.',
    'Me mudé a Lima el año pasado.',
    'No tengo hijos',
    'Thanks to my coach I ran a marathon.',
    'Yes, I have two dogs.',
  ])('keeps the statement %p', (sentence) => expect(isSalient(sentence)).toBe(true));

  test.each([
    'Hi!',
    'hey there',
    'Thanks a lot!',
    'ok',
    'OK, thanks!',
    "What's up?",
    'What time is it?',
    'Can you remind me tomorrow?',
    'So, how are you',
    '¿Cómo estás?',
    'Hola',
    'Buenos días',
    '...',
    '👍',
    '',
  ])('drops %p', (sentence) => expect(isSalient(sentence)).toBe(false));

  test('keeps the statements of a message in their order and in the words they were said in', () => {
    expect(facts('Hi there! I work as a nurse. How are you? My shift starts at 6:30.')).toEqual([
      'I work as a nurse. My shift starts at 6:30.',
    ]);
  });

  test('keeps nothing of what the assistant or the system said', () => {
    expect(extractFacts([said('You told me that you like tea.', 'assistant'), said('Be kind.', 'system')])).toEqual([]);
  });

  test('gives nothing for small talk alone', () => expect(facts('Hello! How are you? Thanks!')).toEqual([]));
});

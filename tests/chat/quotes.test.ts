import { allAbout, quotable } from '../../shared/chat/quotes';
import { createTerms } from '../../shared/embedding/terms';
import { toShown } from '../../shared/memory/shown';
import { aNewMemory } from '../support/memories';

const terms = createTerms('auto');
const toMemories = (texts: string[]) => texts.map((text) => toShown(aNewMemory({ text })));
const texts = (memories: { text: string }[]) => memories.map(({ text }) => text);

const known = toMemories([
  'I live in Rome',
  'My sister lives in Lima',
  'My old job was at a bank',
  'My old aunt sings',
  'Mi hermana canta en un coro',
]);

test.each<[string, string[]]>([
  ['I live in Rome', ['I live in Rome']],
  ['my old job', ['My old job was at a bank']],
  ['my sister and Rome', ['I live in Rome', 'My sister lives in Lima']],
  ['mi hermana', ['Mi hermana canta en un coro']],
  ['Hermana', ['Mi hermana canta en un coro']],
  ['living', ['I live in Rome', 'My sister lives in Lima']],
  ['Madrid', []],
  ['that', []],
  ['...', []],
])('about %j is what holds more than half of its words, not what shares one', (topic, meant) => {
  expect(texts(allAbout(topic, known, terms))).toEqual(meant);
});

test('questions, small talk, requests to forget and what was said already are not quoted', () => {
  const told = ['My boat is called Otter', 'my boat is called otter', 'Where is my boat?', 'Thanks!'];
  expect(texts(quotable(toMemories([...told, 'forget everything about my boat', 'forget that'])))).toEqual([told[0]]);
});

import { isSameStatement } from '../../shared/memory/guard';

describe('the guard against near duplicates', () => {
  test.each([
    ['I am allergic to peanuts.', "I'm allergic to peanuts"],
    ['I really love the sea', 'I love the sea!'],
    ["I don't eat meat", 'I do not eat meat'],
    ['My LOCKER is 12', 'my locker is 12.'],
    ['Me gusta mucho el mar', 'me gusta mucho mar.'],
    ['I can’t swim', 'I cannot swim'],
  ])('%p says the same as %p', (a, b) => expect(isSameStatement(a, b)).toBe(true));

  test.each([
    ['My locker is 12', 'My locker is 13'],
    ['I eat meat', "I don't eat meat"],
    ['He moved to Lima', 'She moved to Lima'],
    ['Ana loves Bruno', 'Bruno loves Ana'],
    ['I never smoke', 'I smoke'],
    ['My flight is on Monday', 'My flight is on Tuesday'],
    ['I owe him 3.5 dollars', 'I owe him 35 dollars'],
    ['Mi hermana vive en Lima', 'Mi hermano vive en Lima'],
    ['No tengo hijos', 'Tengo hijos'],
    ['I have one dog', 'I have two dogs'],
    ['I smoke', 'I smoked'],
  ])('%p and %p are two facts', (a, b) => expect(isSameStatement(a, b)).toBe(false));
});

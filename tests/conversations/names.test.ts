import fc from 'fast-check';
import { alike, decisiveTrigrams, foldName, trigramsOf } from '../../shared/conversations/names';

const similarity = (a: string, b: string) => {
  const [one, other] = [trigramsOf(foldName(a)), trigramsOf(foldName(b))];
  return one.filter((trigram) => other.includes(trigram)).length / new Set([...one, ...other]).size;
};

describe('a name', () => {
  it.each([
    ['José  María', 'jose maria'],
    ["Renée O'Brien", 'renee o brien'],
    ['STRAUß', 'strauss'],
    ['Søren Łukasz', 'soren lukasz'],
    ['Ægir Đorđević', 'aegir dordevic'],
    ['Jean-Luc (Dr.)', 'jean luc dr'],
    ['Йосиф', 'иосиф'],
    ['Ａｎａ', 'ana'],
    ['राम', 'राम'],
    ['रामा', 'रामा'],
    ['ガス', 'ガス'],
    [' . , - ', ''],
    ['', ''],
  ])('%s is compared as %s', (name, folded) => expect(foldName(name)).toBe(folded));

  /** The example of PostgreSQL's documentation: show_trgm('word'). */
  it('has the trigrams that PostgreSQL finds', () => {
    expect(trigramsOf('word').sort()).toEqual(['  w', ' wo', 'ord', 'rd ', 'wor']);
    expect(trigramsOf('')).toEqual([]);
  });

  it.each([
    ['Jon Smith', 'John Smith'],
    ['Tomas', 'Thomas'],
    ['María López', 'Maria Lopez'],
    ['Maria', 'Maria Lopez'],
    ['Lopez Maria', 'Maria Lopez'],
  ])('%s is like %s', (a, b) => expect(similarity(a, b)).toBeGreaterThanOrEqual(alike));

  it.each([
    ['Maria Lopez', 'Maria Garcia'],
    ['Ana', 'Ivan'],
    ['John Smith', 'Jane Roberts'],
  ])('%s is not like %s', (a, b) => expect(similarity(a, b)).toBeLessThan(alike));

  it('shares a decisive trigram with every name that is like it', () => {
    const name = fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'abc ') });
    fc.assert(
      fc.property(name, name, (a, b) => {
        const decisive = decisiveTrigrams(trigramsOf(foldName(a)));
        const other = new Set(trigramsOf(foldName(b)));
        expect(
          similarity(a, b) < alike || Number.isNaN(similarity(a, b)) || decisive.some((each) => other.has(each)),
        ).toBe(true);
      }),
    );
  });
});

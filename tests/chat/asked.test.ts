import { answers, slotsAsked, sortAnswers } from '../../shared/chat/facts/asked';
import { aMemory } from '../support/points';

describe('what a question asks for', () => {
  it.each([
    ['Where do I live?', 'home', 'I moved to Lima'],
    ['where am I living now', 'home', 'I live in Lima'],
    ['¿Dónde vivo?', 'home', 'Vivo en Lima'],
    ['Where does my sister live?', 'home:sister', 'My sister Lucia lives in Berlin'],
    ['¿Dónde vive mi hermana?', 'home:sister', 'Mi hermana vive en Berlín'],
    ['What do I do for a living?', 'job', 'I work as a nurse'],
    ['¿En qué trabajo?', 'job', 'Soy enfermera'],
    ["What's my favourite colour?", 'favourite:color', 'My favorite color is blue'],
    ['How old am I?', 'age', 'I am 34 years old'],
    ['Am I vegetarian?', 'diet', "I'm vegetarian"],
  ])('%s asks for %s, which “%s” answers', (question, slot, told) => {
    expect(slotsAsked(question)).toEqual([slot]);
    expect(answers(told, slotsAsked(question))).toBe(true);
  });

  it.each([
    ['Where does my brother live?', 'My sister Lucia lives in Berlin'],
    ['Where do I live?', 'I no longer live in Madrid'],
    ['Where do I live?', 'My sister Lucia lives in Berlin'],
    ['How is the weather?', 'I live in Lima'],
    ['Where do you live?', 'I live in Lima'],
  ])('%s is not answered by “%s”', (question, told) => {
    expect(answers(told, slotsAsked(question))).toBe(false);
  });
});

describe('several answers to one question', () => {
  const told = (text: string, day: number) => aMemory('ana', text, { createdAt: new Date(Date.UTC(2026, 2, day)) });
  it('are told apart by what was said later', () => {
    const madrid = told('Hi, I am Ana. I live in Madrid.', 1);
    const lima = told('I moved to Lima', 2);
    const sister = told('My sister lives in Berlin', 3);
    expect(sortAnswers([madrid, sister, lima], ['home'])).toEqual({ holding: [lima], over: [madrid] });
    expect(sortAnswers([madrid, lima], [])).toEqual({ holding: [], over: [] });
  });
});

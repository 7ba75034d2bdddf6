import {
  defaultPersonality,
  findPersonality,
  personalities,
  personalityNames,
} from '../../shared/chat/personalities/list';

test('the four personalities are there, each under its own name', () => {
  expect(personalityNames).toEqual(['taskmaster', 'cheerleader', 'strategist', 'zen']);
  expect(personalities.map(({ name }) => findPersonality(name)?.name)).toEqual(personalityNames);
  expect(findPersonality('nobody')).toBeNull();
  expect(findPersonality(undefined)).toBeNull();
  expect(personalities).toContain(defaultPersonality);
});

test('no word for one personality means another, and all are written as they are compared', () => {
  const aliases = personalities.flatMap((personality) => personality.aliases);
  expect(new Set(aliases).size).toBe(aliases.length);
  for (const alias of aliases) expect(alias).toMatch(/^[a-z ]+$/);
});

describe.each(personalities)('$name', ({ voice, systemPrompt, description, effectiveWhen }) => {
  test('has a line for every occasion in both languages, and names the goal where one is set or worked on', () => {
    for (const language of ['en', 'es'] as const) {
      const lines = voice[language];
      for (const occasion of Object.values(lines)) {
        expect(occasion.length).toBeGreaterThan(0);
        for (const line of occasion) expect(line.trim()).not.toBe('');
      }
      for (const line of [...lines.goalSet, ...lines.done]) expect(line).toContain('{goal}');
      for (const line of lines.welcomeBack) expect(line).toContain('{name}');
    }
    expect(systemPrompt.length).toBeGreaterThan(80);
    expect(description).not.toBe('');
    expect(effectiveWhen.length).toBeGreaterThan(40);
  });
});

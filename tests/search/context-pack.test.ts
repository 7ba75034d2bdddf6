import { shippedPath } from '../../shared/config/shipped-files';
import { createMiniLm } from '../../shared/embedding/minilm';
import { createTerms } from '../../shared/embedding/terms';
import { createContextPack, isContextPack } from '../../shared/search/context-pack';
import type { RankedMemory, ScoreBreakdown } from '../../shared/search/ranking';

const embedder = createMiniLm({ modelsPath: shippedPath('models'), terms: createTerms('auto') });

const ranked = (
  text: string,
  breakdown: Partial<ScoreBreakdown> = {},
  changes: Partial<RankedMemory['memory']> = {},
): RankedMemory => ({
  memory: {
    ...{
      id: text,
      userId: 'ana',
      text,
      type: 'fact',
      topic: null,
      tags: [],
      metadata: {},
      sessionId: null,
      speaker: null,
    },
    ...{ createdAt: new Date('2024-03-31T23:59:59Z'), updatedAt: new Date(), expiresAt: null, supersededBy: null },
    ...changes,
  },
  score: 1,
  breakdown: { lexical: 0, late: 0, ...breakdown },
  provisional: false,
});

describe('createContextPack', () => {
  it('gives a line a memory, with when, who, what and why', async () => {
    const pack = await createContextPack(
      [
        ranked('I moved\n to  Porto.', { lexical: 0.2, late: 0.4 }, { speaker: 'Ana' }),
        ranked('It was on Friday.', { late: 0.1, next: 0.1 }, { sessionId: 's' }),
        ranked('I have a cat.', { late: 0.1 }),
      ],
      1000,
      embedder,
    );
    expect(pack.text.split('\n').slice(1)).toEqual([
      '- in March 2024, Ana: I moved to Porto. (words in common, meaning)',
      '- in March 2024, It was on Friday. (same conversation)',
      '- in March 2024, I have a cat. (the closest there is)',
    ]);
    expect(pack.lines.map(({ id, reason }) => [id, reason])).toEqual([
      ['I moved\n to  Porto.', 'words in common, meaning'],
      ['It was on Friday.', 'same conversation'],
      ['I have a cat.', 'the closest there is'],
    ]);
    expect(pack.tokens).toBe(await embedder.countTokens(pack.text));
  });

  it('never exceeds the cap, and never cuts a line', async () => {
    const texts = Array.from({ length: 30 }, (_, i) => `Memory ${i}: ${'supercalifragilistic 👍 '.repeat(i % 7)}`);
    for (const cap of [0, 1, 10, 25, 60, 150, 400, 5000]) {
      const pack = await createContextPack(
        texts.map((text) => ranked(text)),
        cap,
        embedder,
      );
      expect(await embedder.countTokens(pack.text)).toBe(pack.tokens);
      expect(pack.tokens).toBeLessThanOrEqual(cap);
      for (const line of pack.lines) expect(line.text).toContain(line.id.trim());
      expect(pack.lines.map(({ text }) => text)).toEqual(pack.text.split('\n').slice(1));
    }
  });

  it('leaves out whole what does not fit, and keeps a shorter one after it', async () => {
    const pack = await createContextPack([ranked('long '.repeat(200)), ranked('short')], 60, embedder);
    expect(pack.lines.map(({ id }) => id)).toEqual(['short']);
  });

  it('is empty where there is nothing, or nothing fits', async () => {
    const empty = { text: '', tokens: 0, lines: [] };
    expect(await createContextPack([], 1000, embedder)).toEqual(empty);
    expect(await createContextPack([ranked('I have a cat.')], 12, embedder)).toEqual(empty);
  });
});

describe('isContextPack', () => {
  it('knows a pack that comes back, alone or inside a message', async () => {
    const { text } = await createContextPack([ranked('I have a cat.')], 1000, embedder);
    expect(isContextPack(text)).toBe(true);
    expect(isContextPack(`You are a coach.\n\n${text}\n\nHello!`)).toBe(true);
    expect(isContextPack('I remembered to feed the cat.')).toBe(false);
    expect(isContextPack('')).toBe(false);
  });
});

import { shippedPath } from '../../shared/config/shipped-files';
import { createMiniLm } from '../../shared/embedding/minilm';
import { createTerms } from '../../shared/embedding/terms';
import { createContextPack, withoutContextPack } from '../../shared/search/context-pack';
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

  it('says of what something newer contradicts that it is over', async () => {
    const pack = await createContextPack([ranked('I live in Porto.', {}, { supersededBy: 'newer' })], 1000, embedder);
    expect(pack.lines[0]?.text).toBe('- no longer true, said in March 2024, I live in Porto. (the closest there is)');
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

describe('withoutContextPack', () => {
  let pack: string;
  beforeAll(async () => {
    const memories = [
      ranked('I have a cat (black).', { lexical: 0.2, late: 0.4 }),
      ranked('I live in Porto.', {}, { supersededBy: 'newer', sessionId: 's' }),
      ranked('- in March 2024, I said so (meaning)', {}, { speaker: 'Ana' }),
    ];
    pack = (await createContextPack(memories, 1000, embedder)).text;
  });
  const joined = () => pack.replaceAll('\n', ' ');
  const quoted = () => pack.replaceAll(/^/gm, '> ');

  it.each<[string, (pack: string) => string, string]>([
    ['alone', (it) => it, ''],
    ['twice', (it) => `${it}\n\n${it}\n`, ''],
    ['before a message', (it) => `${it}\n\nI moved to Lima.\n- and I like it`, 'I moved to Lima.\n- and I like it'],
    ['after a message', (it) => `I moved to Lima.\n${it}`, 'I moved to Lima.'],
    ['inside a message', (it) => `You are a coach.\n\n${it}\n\nHello!`, 'You are a coach.\n\nHello!'],
    ['with Windows line ends', (it) => `Hello!\r\n${it.replaceAll('\n', '\r\n')}\r\nBye!`, 'Hello!\n\nBye!'],
    ['quoted', () => `${quoted()}\n> \nNo, I moved to Lima.`, 'No, I moved to Lima.'],
    ['in one line', () => `Hello! ${joined()} I moved to Lima.`, 'Hello! \nI moved to Lima.'],
    ['cut off in the middle', (it) => `Hello!\n${it.slice(0, -40)}`, 'Hello!'],
  ])('cuts out a pack that comes back %s', (_, message, expected) => {
    const own = withoutContextPack(message(pack));
    expect(own.split('\n').map((line) => line.trim())).toEqual(expected.split('\n').map((line) => line.trim()));
  });

  it.each(['', 'I remembered to feed the cat.', '  - in March 2024, I moved (meaning)\n\n\n'])(
    'leaves as it is what holds no pack: %j',
    (text) => expect(withoutContextPack(text)).toBe(text),
  );

  it('takes no longer for a long text that is made to take long', () => {
    const hostile = `${pack}${'\n- in March 2024, (meaning'.repeat(20_000)}${'> '.repeat(100_000)}`;
    const started = performance.now();
    expect(withoutContextPack(hostile)).toBe('');
    expect(performance.now() - started).toBeLessThan(500);
  });
});

import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Embedding, EmbeddingError } from '../../shared/embedding/embedder';
import { createMiniLm } from '../../shared/embedding/minilm';
import { createTerms } from '../../shared/embedding/terms';

const modelsPath = join(__dirname, '../../models');
const terms = createTerms('auto');

const cosine = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  const dot = (x: ArrayLike<number>, y: ArrayLike<number>) =>
    Array.from(x).reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};
const rows = ({ tokens }: Embedding) => tokens.stems.map((_, i) => tokens.values.subarray(i * 64, (i + 1) * 64));

describe('MiniLM', () => {
  const embedder = createMiniLm({ modelsPath, terms });
  const createdApart = createMiniLm({ modelsPath, terms });

  it('gives the published vectors, at unit length', async () => {
    const file = join(modelsPath, 'all-MiniLM-L6-v2/reference-embeddings.json');
    const { sentences } = JSON.parse(await readFile(file, 'utf8')) as {
      sentences: { text: string; embedding: number[] }[];
    };
    expect(sentences).toHaveLength(10);
    for (const { text, embedding } of sentences) {
      const { sentence } = await embedder.embed(text);
      expect(cosine(sentence, embedding)).toBeGreaterThanOrEqual(0.95);
      expect(Math.hypot(...sentence)).toBeCloseTo(1, 5);
    }
  });

  it('runs a text once, however often and however concurrently it is asked for', async () => {
    const fresh = createMiniLm({ modelsPath, terms });
    expect(fresh.state()).toBe('cold');
    const [first, second] = await Promise.all([
      fresh.embed('my locker is number 12'),
      fresh.embed('my locker is number 12'),
    ]);
    const third = await fresh.embed('my locker is number 12');
    expect(second).toBe(first);
    expect(third).toBe(first);
    expect(fresh.cache()).toEqual({ hits: 2, misses: 1 });
    expect(fresh.state()).toBe('ready');
  });

  it('forgets the texts that were asked for longest ago', async () => {
    const small = createMiniLm({ modelsPath, terms, cacheSize: 2 });
    for (const text of ['one', 'two', 'three', 'one']) await small.embed(text);
    expect(small.cache()).toEqual({ hits: 0, misses: 4 });
  });

  it('gives each text its own vectors when many are asked for at once', async () => {
    const texts = [
      'The cat sleeps',
      'Stock prices fell sharply on Monday',
      'I run every morning',
      'Paris is in France',
    ];
    const together = await Promise.all(texts.map((text) => embedder.embed(text)));
    const alone = createMiniLm({ modelsPath, terms });
    for (const [i, text] of texts.entries()) expect(await alone.embed(text)).toEqual(together[i]);
  });

  it('takes texts that may wait together, and gives each what it would get alone', async () => {
    const texts = [
      'I run.',
      'I like green tea.',
      'My sister moved to Lima.',
      'Paris is in France',
      'The cat sleeps',
      '👍',
    ];
    const together = await Promise.all(texts.map((text) => createdApart.embed(text, 'when idle')));
    for (const [i, text] of texts.entries()) {
      const alone = await embedder.embed(text);
      const batched = together[i];
      if (!batched) throw new Error('Every text has its vectors.');
      expect(cosine(batched.sentence, alone.sentence)).toBeGreaterThan(0.99);
      expect(batched.tokens.stems).toEqual(alone.tokens.stems);
      for (const [row, values] of rows(batched).entries()) {
        expect(cosine(values, rows(alone)[row] ?? [])).toBeGreaterThan(0.98);
      }
    }
  });

  it('lets what somebody waits for pass those that may wait', async () => {
    await createdApart.embed('load the model');
    const order: string[] = [];
    const note = (name: string) => () => order.push(name);
    const idle = Array.from({ length: 30 }, (_, i) => createdApart.embed(`Remark number ${i}.`, 'when idle'));
    const all = Promise.all(idle).then(note('idle'));
    await createdApart.embed('Where is my bicycle?').then(note('urgent'));
    await all;
    expect(order).toEqual(['urgent', 'idle']);
  });

  it('has a unit-length row for each piece of a content word, and for nothing else', async () => {
    const embedding = await embedder.embed("I can't believe that Ana's coach, O'Brien, moved to Valparaíso 🎉!");
    const { stems, values } = embedding.tokens;
    expect(stems).toEqual(['believ', 'ana', 'coach', 'o', 'brien', 'move', 'valparaiso', 'valparaiso', 'valparaiso']);
    expect(values).toHaveLength(stems.length * 64);
    for (const row of rows(embedding)) expect(Math.abs(Math.hypot(...row) - 127)).toBeLessThan(3);
  });

  it('leaves Spanish stop words out of a Spanish text', async () => {
    const { tokens } = await embedder.embed('Mi hermana trabaja en un hospital de la ciudad');
    expect([...new Set(tokens.stems)]).toEqual(['herman', 'trabaj', 'hospital', 'ciud']);
  });

  it('has rows that tell which word is meant', async () => {
    const [river, money, shore] = await Promise.all(
      ['bank of the river', 'money in the bank', 'the shore of the river'].map(async (text) =>
        rows(await embedder.embed(text)),
      ),
    );
    const [bankOfRiver, bankWithMoney, shoreOfRiver] = [river?.[0] ?? [], money?.[1] ?? [], shore?.[0] ?? []];
    expect(cosine(bankOfRiver, shoreOfRiver)).toBeGreaterThan(cosine(bankWithMoney, shoreOfRiver));
  });

  it.each([
    ['nothing', '', 0],
    ['spaces', ' \n\t ', 0],
    ['punctuation', '... ?!', 0],
    ['an emoji', '👍🏽', 0],
    ['one endless word', 'x'.repeat(8000), 0],
    ['8,000 characters', 'walk '.repeat(1600), 254],
    ['Chinese', '我喜欢喝茶', undefined],
    ['combining accents', 'cafe\u0301', 1],
    ['NUL and half a surrogate pair', '\u0000\ud800', 0],
    ["the tokenizer's own marks", '[SEP] [MASK] [PAD]', 0],
  ])('survives %s', async (_, text, rowCount) => {
    const { sentence, tokens } = await embedder.embed(text);
    expect(Math.hypot(...sentence)).toBeCloseTo(1, 5);
    expect(tokens.values).toHaveLength(tokens.stems.length * 64);
    if (rowCount !== undefined) expect(tokens.stems).toHaveLength(rowCount);
  });

  it('counts word pieces, beyond what it embeds', async () => {
    expect(await embedder.countTokens('')).toBe(0);
    expect(await embedder.countTokens('I moved to Valparaíso.')).toBe(7);
    expect(await embedder.countTokens('walk '.repeat(1600))).toBe(1600);
  });

  it('says what to do when the model is not there, and loads it once it is', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keepsake-models-'));
    try {
      const late = createMiniLm({ modelsPath: folder, terms });
      await expect(late.embed('hello')).rejects.toThrow(
        `Cannot load the embedding model from ${join(folder, 'all-MiniLM-L6-v2')}`,
      );
      await expect(late.countTokens('hello')).rejects.toThrow('Cannot load the embedding model');
      expect(late.state()).toBe('failed');
      await symlink(join(modelsPath, 'all-MiniLM-L6-v2'), join(folder, 'all-MiniLM-L6-v2'));
      expect((await late.embed('hello')).sentence).toHaveLength(384);
      expect(late.state()).toBe('ready');
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('refuses a damaged model', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keepsake-models-'));
    try {
      const model = join(modelsPath, 'all-MiniLM-L6-v2');
      await cp(model, join(folder, 'all-MiniLM-L6-v2'), { recursive: true, filter: (path) => !path.endsWith('.onnx') });
      await expect(createMiniLm({ modelsPath: folder, terms }).embed('hello')).rejects.toThrow(EmbeddingError);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

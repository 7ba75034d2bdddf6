import { randomUUID } from 'node:crypto';
import { createDatabase } from '../../shared/database/client';
import { shadowReads } from '../../shared/database/schema-migration';
import { createAliases } from '../../shared/memory/aliases';
import { createLocalProvider } from '../../shared/memory/local';
import { createReader } from '../../shared/memory/reader';
import { createShadow, overlapOf } from '../../shared/memory/shadow';
import { compareShadow } from '../../shared/migration/compare';
import { createLogger } from '../../shared/telemetry/logger';
import { createTestClock } from '../support/clock';
import { freshHome } from '../support/home';
import { createTestMem0 } from '../support/mem0-provider';
import { aNewMemory } from '../support/memories';
import { until } from '../support/until';

const signal = new AbortController().signal;

describe('a provider that is asked along', () => {
  const clock = createTestClock();
  const database = createDatabase({ home: freshHome(), url: undefined });
  let mem0: Awaited<ReturnType<typeof createTestMem0>>;
  beforeAll(async () => {
    mem0 = await createTestMem0(clock.now);
  });
  afterAll(async () => {
    await mem0.server.close();
    await database.close();
  });
  beforeEach(async () => {
    mem0.server.fault = () => null;
    await (await database.open()).delete(shadowReads);
  });

  const open = (callMs = 5_000) => {
    const logger = createLogger('silent');
    const parts = { database, logger, now: clock.now, aliases: createAliases(database, clock.now) };
    const shadow = createShadow({ ...parts, second: mem0.provider, callMs });
    const provider = shadow.writing(createLocalProvider(database, clock.now));
    const statistics = { count: () => undefined };
    return { shadow, provider, reader: createReader({ ...parts, provider, fallback: null, shadow, statistics }) };
  };
  const rows = async () => (await database.open()).select().from(shadowReads);
  const recorded = (count: number) => until(async () => (await rows()).length >= count);
  const since = new Date(0);

  it('is sent the same writes in their order, and its answers are scored beside the first one’s', async () => {
    const { provider, reader, shadow } = open();
    const userId = randomUUID();
    const texts = ['The red bicycle.', 'The blue bicycle.', 'A bicycle too many.'];
    for (const text of texts) await provider.add(aNewMemory({ userId, text }), signal);
    const [changed, deleted] = (await provider.list(userId, { limit: 10, cursor: null }, signal)).items;
    await provider.update(changed?.id ?? '', { text: 'The green bicycle.' }, signal);
    await provider.delete(deleted?.id ?? '', signal);
    await recorded(5);
    const kept = (await provider.list(userId, { limit: 10, cursor: null }, signal)).items.map(({ text }) => text);
    expect(mem0.server.store.rows.map(({ memory }) => memory).sort()).toEqual([...kept].sort());

    const { value, reason } = await reader.search(userId, 'bicycle', 10, signal);
    expect([value.length, reason]).toEqual([2, null]);
    await recorded(6);
    for (const row of mem0.server.store.rows.splice(0, 1)) expect(row.memory).toContain('bicycle');
    await reader.list(userId, { limit: 10, cursor: null }, signal);
    await recorded(7);
    const compared = await compareShadow(database, since);
    const overlaps = Object.fromEntries(compared.map(({ kind, overlap }) => [kind, overlap]));
    expect(overlaps).toEqual({ add: null, update: null, delete: null, search: 1, list: 0.5 });
    expect(compared[0]).toMatchObject({ kind: 'add', calls: 3, errors: {}, second: { p50: expect.any(Number) } });
    expect(JSON.stringify(await rows())).not.toMatch(new RegExp(`bicycle|${userId}`));
    await shadow.stop();
  });

  it('makes nobody wait, whatever becomes of it', async () => {
    const { provider, reader, shadow } = open(50);
    const userId = randomUUID();
    mem0.server.fault = () => ({ kind: 'silent' });
    const receipt = await provider.add(aNewMemory({ userId }), signal);
    expect(receipt.status).toBe('stored');
    expect((await reader.search(userId, 'locker', 5, signal)).value).toHaveLength(1);
    await recorded(2);
    mem0.server.fault = () => ({ kind: 'status', status: 400 });
    await provider.add(aNewMemory({ userId }), signal);
    await recorded(3);
    mem0.server.fault = () => null;
    const [memory] = receipt.status === 'stored' ? receipt.memories : [];
    expect(await provider.delete(memory?.id ?? '', signal)).toBe(true);
    await recorded(4);
    const errors = Object.fromEntries((await compareShadow(database, since)).map((row) => [row.kind, row.errors]));
    expect(errors).toEqual({
      add: { timeout: 1, refused: 1 },
      search: { timeout: 1 },
      delete: { unknown_memory: 1 },
    });
    await shadow.stop();
    await provider.add(aNewMemory({ userId }), signal);
    await recorded(5);
    expect((await rows()).at(-1)).toMatchObject({ kind: 'add', error: 'left_out' });
  });

  it('holds back no more writes than it may, and says which it left out', async () => {
    const { provider, shadow } = open(5_000);
    mem0.server.fault = () => ({ kind: 'slow', ms: 300 });
    const memories = Array.from({ length: 1_002 }, () => aNewMemory({ userId: 'many' }));
    await provider.addAll?.(memories, signal);
    await recorded(2);
    expect((await rows()).slice(0, 2).map(({ error }) => error)).toEqual(['left_out', 'left_out']);
    await shadow.stop();
  });

  it('overlaps by what is said, not by its ids, among the ten best', () => {
    const memory = (text: string) => ({ id: randomUUID(), text }) as Parameters<typeof overlapOf>[0][number];
    const ten = Array.from({ length: 10 }, (_, i) => memory(`Fact ${i}`));
    expect(overlapOf(ten, [...ten.slice(0, 4).map(({ text }) => memory(` ${text.toUpperCase()}`))])).toBe(40);
    expect(overlapOf([...ten, memory('eleventh')], ten)).toBe(100);
    expect(overlapOf([], ten)).toBe(100);
    expect(overlapOf(ten, [])).toBe(0);
  });
});

import { randomUUID } from 'node:crypto';
import { createContainer } from '../../shared/container';
import type { Memory } from '../../shared/memory/memory';
import type { AddRequest, AddResult } from '../../shared/memory/memory-contract';
import { createTestClock } from '../support/clock';
import { createFlaky } from '../support/flaky-provider';
import { freshHome } from '../support/home';
import { createTestMem0 } from '../support/mem0-provider';
import { createTestZep } from '../support/zep-provider';
import { aDeadline } from '../support/service';

type Name = 'mem0' | 'zep' | 'local';

async function open(first: Name, second: Name) {
  const clock = createTestClock();
  const mem0 = await createTestMem0(clock.now);
  const zep = await createTestZep(clock.now);
  const real = { mem0: mem0.provider, zep: zep.provider };
  const firstOne = createFlaky(first === 'zep' ? real.zep : real.mem0);
  const secondOne = second === 'local' ? null : createFlaky(real[second]);
  const container = createContainer({
    env: { KEEPSAKE_HOME: freshHome(), MEMORY_BACKEND: first, MEMORY_FALLBACK: second, LOG_LEVEL: 'silent' },
    now: clock.now,
    providers: { [first]: firstOne.provider, ...(secondOne && { [second]: secondOne.provider }) },
  });
  const userId = randomUUID();
  const memory = container.memory();
  return {
    ...{ container, clock, userId, memory, first: firstOne.flaky, second: secondOne?.flaky },
    add: (text: string, more: Partial<AddRequest> = {}): Promise<AddResult> => {
      const utterances = [{ role: 'user' as const, name: 'Ana', content: text, at: null }];
      return memory.add({ userId, utterances, infer: false, waitMs: 9_000, ...more }, aDeadline());
    },
    list: async () => {
      const read = await memory.list(userId, { limit: 50, cursor: null }, aDeadline());
      return { memory: read.memory, texts: read.value?.items.map(({ text }) => text).sort() };
    },
    get: async (id: string | null) => (await memory.get(id ?? '', aDeadline())).value?.found ?? null,
    found: async (query: string) => (await memory.recall({ userId, query, limit: 10 }, aDeadline())).value ?? [],
    /** The first one is back, and everything is done that waited for it. */
    recover: async () => {
      Object.assign(firstOne.flaky, { isDown: false, losesAnswers: false });
      for (let i = 0; i < 6; i++) {
        clock.turn(700_000);
        await container.sync({});
      }
      expect((await container.health()).outbox).toMatchObject({ waiting: 0, dead: 0 });
    },
    kept: (name: 'mem0' | 'zep') =>
      name === 'mem0'
        ? mem0.server.store.rows.filter(({ user_id }) => user_id === userId).map((row) => row.memory)
        : zep.server.store.all().flatMap((held) => (held.userId === userId ? held.episode.content : [])),
    close: async () => {
      await container.close();
      await mem0.server.close();
      await zep.close();
    },
  };
}

describe.each<[Name, Name]>([
  ['mem0', 'local'],
  ['zep', 'mem0'],
])('while %s is down, %s', (first, second) => {
  let whole: Awaited<ReturnType<typeof open>>;
  beforeAll(async () => {
    whole = await open(first, second);
  });
  afterAll(() => whole.close());

  it('keeps what is said, changed and deleted, and hands it over in its order: nothing twice, nothing lost', async () => {
    const { add, list, get, found, recover, kept, memory } = whole;
    const before = await add('I live in Cusco.');
    expect(before.storage).toBe(first);
    whole.first.isDown = true;
    const [dog, lamp, car] = [await add('My dog is Ox.'), await add('My lamp is red.'), await add('My car is old.')];
    for (const each of [dog, lamp, car]) expect(each).toMatchObject({ status: 'stored', storage: second });
    const deadline = aDeadline();
    expect(await memory.update(lamp.memoryId ?? '', { text: 'My lamp is blue.' }, deadline)).toMatchObject({
      status: 'stored',
      memory: { text: 'My lamp is blue.' },
    });
    expect((await memory.delete(car.memoryId ?? '', deadline)).status).toBe('stored');
    expect(await list()).toMatchObject({
      texts: ['My dog is Ox.', 'My lamp is blue.'],
      memory: { source: 'provider', degraded: true, reason: 'provider_unavailable' },
    });
    expect((await get(lamp.memoryId))?.text).toBe('My lamp is blue.');
    expect((await found('Which colour is my lamp?')).map((hit) => hit.memory.text)[0]).toBe('My lamp is blue.');

    await recover();
    const all = ['I live in Cusco.', 'My dog is Ox.', 'My lamp is blue.'];
    expect(kept(first === 'zep' ? 'zep' : 'mem0')).toEqual(all);
    if (second === 'mem0') expect(kept('mem0')).toEqual([]);
    expect(await list()).toMatchObject({ texts: [...all].sort(), memory: { degraded: false } });
    // Whoever noted the ids that were given meanwhile goes on with them.
    const blue = (await get(lamp.memoryId)) as Memory;
    expect(blue.text).toBe('My lamp is blue.');
    expect(await get(car.memoryId)).toBeNull();
    expect((await memory.update(lamp.memoryId ?? '', { text: 'My lamp is green.' }, aDeadline())).status).toBe(
      'stored',
    );
    expect((await get(blue.id))?.text).toBe('My lamp is green.');
    const hits = (await found('dog')).filter((hit) => hit.memory.text === 'My dog is Ox.');
    expect(hits).toHaveLength(1);
  });

  it('keeps what may have arrived, and it is there once all the same', async () => {
    const { add, recover, list, clock } = whole;
    clock.turn(3_600_000);
    Object.assign(whole.first, { isDown: true, losesAnswers: true });
    const said = await add('My cat is Mia.', { messageId: 'm-1' });
    expect(said.status).toBe('stored');
    expect(await add('My cat is Mia.', { messageId: 'm-1' })).toEqual(said);
    await recover();
    expect((await list()).texts?.filter((text) => text === 'My cat is Mia.')).toHaveLength(1);
    expect((await whole.get(said.memoryId))?.text).toBe('My cat is Mia.');
  });
});

describe('where both providers are down', () => {
  it('a write waits in the outbox, and a read says that it is not known', async () => {
    const whole = await open('zep', 'mem0');
    const { add, list, recover, kept } = whole;
    whole.first.isDown = true;
    if (whole.second) whole.second.isDown = true;
    expect(await add('I live in Lima.')).toMatchObject({ status: 'queued', storage: 'outbox', memoryId: null });
    expect(await list()).toMatchObject({ texts: undefined, memory: { source: 'none', degraded: true } });
    const { issues, fallback } = await whole.container.health();
    expect(fallback).toMatchObject({ name: 'mem0', reachable: false });
    expect(issues.join()).toContain('The second provider (mem0) does not answer');
    if (whole.second) whole.second.isDown = false;
    expect(await add('I have two sons.')).toMatchObject({ status: 'stored', storage: 'mem0' });
    expect(kept('mem0')).toEqual(['I live in Lima.', 'I have two sons.']);
    await recover();
    expect(kept('mem0')).toEqual([]);
    expect(kept('zep')).toEqual(['I live in Lima.', 'I have two sons.']);
    await whole.close();
  });
});

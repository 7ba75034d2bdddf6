import { randomUUID } from 'node:crypto';
import { createMemoryHandler } from '../../functions/memory';
import type { Memory } from '../../shared/memory/memory';
import { call } from '../support/endpoint';
import { aDeadline, createTestService } from '../support/service';
import { createUnreachableIndex } from '../support/unreachable-index';

describe('a memory that a newer one contradicts', () => {
  const service = createTestService();
  const { container, clock } = service;
  beforeAll(() => container.warmUp(), 60_000);
  afterAll(() => service.close());
  let ana: string;
  beforeEach(() => {
    ana = `ana-${randomUUID()}`;
    service.provider.fault = () => null;
  });

  const add = async (text: string, sessionId?: string): Promise<string> => {
    clock.turn(1_000);
    const utterances = [{ role: 'user' as const, name: null, content: text, at: null }];
    const { memoryId } = await container
      .memory()
      .add({ userId: ana, utterances, infer: false, sessionId }, aDeadline());
    return memoryId ?? '';
  };
  const supersede = (older: string, newer: string) =>
    container.memory().update(older, { supersededBy: newer }, aDeadline());
  const find = async (query: string): Promise<Memory[]> => {
    const { value } = await container.memory().recall({ userId: ana, query, limit: 20 }, aDeadline());
    return value?.map(({ memory }) => memory) ?? [];
  };
  const get = async (id: string) => (await container.memory().get(id, aDeadline())).value?.found ?? null;

  it('never stands above it, however much better it matches', async () => {
    const session = [
      'Where I live is in Madrid.',
      'I live in Madrid since 2019.',
      'Where do I live? In Madrid!',
      'When did I move there? In 2019.',
    ];
    const old: string[] = [];
    for (const text of session) old.push(await add(text, 'session-1'));
    const newer = await add('Lima.');
    for (const id of old) await supersede(id, newer);
    expect((await find('Where do I live, and when did I move?'))[0]?.text).toBe('Lima.');
  });

  it('shows at the door what superseded it', async () => {
    const [older, newer] = [await add('I live in Madrid.'), await add('I live in Lima.')];
    await supersede(older, newer);
    const door = createMemoryHandler(container);
    const shown = await call(door, { method: 'GET', params: { id: older } });
    expect(shown.body).toMatchObject({ result: { id: older, superseded_by: newer } });
    expect((await call(door, { method: 'GET', params: { id: newer } })).body).toMatchObject({
      result: { superseded_by: null },
    });
  });

  it('holds again when that one is deleted, unless a third contradicts both', async () => {
    const [madrid, lima, quito] = [
      await add('I live in Madrid.'),
      await add('I live in Lima.'),
      await add('I live in Quito.'),
    ];
    await supersede(madrid, lima);
    await supersede(lima, quito);
    await container.memory().delete(lima, aDeadline());
    expect((await get(madrid))?.supersededBy).toBe(quito);
    await container.memory().delete(quito, aDeadline());
    expect((await get(madrid))?.supersededBy).toBeNull();
    expect((await find('Where do I live?')).map(({ id, supersededBy }) => [id, supersededBy])).toEqual([
      [madrid, null],
    ]);
  });

  it('is marked while the provider is down, and there afterwards', async () => {
    const [madrid, lima] = [await add('I live in Madrid.'), await add('I live in Lima.')];
    service.provider.fault = () => 'unavailable';
    expect(await supersede(madrid, lima)).toMatchObject({ status: 'queued', memory: { supersededBy: lima } });
    expect((await find('Where do I live?')).map(({ id }) => id)).toEqual([lima, madrid]);
    service.provider.fault = () => null;
    clock.turn(60_000);
    await service.tick();
    expect((await get(madrid))?.supersededBy).toBe(lima);
  });

  it('stands below it where the index cannot be reached, which keeps neither from being deleted', async () => {
    const { index } = createUnreachableIndex();
    const blind = createTestService({ index });
    const memory = blind.container.memory();
    const ids: string[] = [];
    for (const content of ['I live in Madrid, I live there.', 'I live in Lima.']) {
      const utterances = [{ role: 'user' as const, name: null, content, at: null }];
      ids.push((await memory.add({ userId: ana, utterances, infer: false }, aDeadline())).memoryId ?? '');
    }
    const [madrid = '', lima = ''] = ids;
    await memory.update(madrid, { supersededBy: lima }, aDeadline());
    const recall = await memory.recall({ userId: ana, query: 'Where do I live there?', limit: 5 }, aDeadline());
    expect(recall).toMatchObject({
      memory: { source: 'provider' },
      value: [{ memory: { id: lima } }, { memory: { id: madrid } }],
    });
    expect(await memory.delete(lima, aDeadline())).toMatchObject({ status: 'stored' });
    await blind.close();
  });
});

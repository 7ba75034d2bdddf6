import { randomUUID } from 'node:crypto';
import { createContainer } from '../../shared/container';
import type { AddRequest } from '../../shared/memory/memory-contract';
import { createTestClock } from '../support/clock';
import { freshHome } from '../support/home';
import { createMem0Server } from '../support/mem0-server';
import { createQdrantServer } from '../support/qdrant-server';
import { aDeadline, createTestService } from '../support/service';
import { createUnreachableIndex } from '../support/unreachable-index';

type Container = ReturnType<typeof createContainer>;
const dayMs = 86_400_000;
const budgetMs = 30_000;
const days = { RETENTION_DAYS_CONVERSATION: '30', RETENTION_DAYS_CHECK_IN: '10' };

const say = (
  container: Container,
  userId: string,
  text: string,
  type: string,
  at: Date,
  more: Partial<AddRequest> = {},
) =>
  container
    .memory()
    .add(
      { userId, type, at, infer: false, utterances: [{ role: 'user', name: null, content: text, at }], ...more },
      aDeadline(),
    );
const textsOf = async (container: Container, userId: string, type?: string) => {
  const { value } = await container.memory().list(userId, { limit: 100, cursor: null, type }, aDeadline());
  return value?.items.map(({ text }) => text).sort();
};
const found = async (container: Container, userId: string) => {
  const { value } = await container.memory().recall({ userId, query: 'tea', limit: 50 }, aDeadline());
  return value?.map(({ memory }) => memory.text).sort();
};

describe('retention', () => {
  const service = createTestService({ env: days });
  const { container, clock, provider } = service;
  const ago = (ms: number) => new Date(clock.now().getTime() - ms);
  const run = () => container.retention().run(budgetMs);
  beforeAll(() => container.warmUp());
  beforeEach(() => {
    provider.fault = () => null;
  });
  afterAll(() => service.close());

  it('deletes what is older than its type may be, by when it was said, and nothing else; a second run finds nothing', async () => {
    const [ana, ben] = [randomUUID(), randomUUID()];
    await say(container, ana, 'old tea talk', 'conversation', ago(30 * dayMs + 1));
    await say(container, ben, 'older tea talk', 'conversation', ago(400 * dayMs));
    await say(container, ana, 'tea talk at the limit', 'conversation', ago(30 * dayMs));
    await say(container, ana, 'tea at eleven days', 'check_in', ago(11 * dayMs));
    await say(container, ana, 'old tea fact', 'fact', ago(4_000 * dayMs));
    await say(container, ana, 'old tea goal', 'goal', ago(4_000 * dayMs));
    expect(await run()).toMatchObject({
      ...{ outcome: 'complete', reason: null, deleted: { conversation: 2, check_in: 1 }, expired: 0 },
    });
    const left = ['old tea fact', 'old tea goal', 'tea talk at the limit'];
    expect(await textsOf(container, ana)).toEqual(left);
    expect(await found(container, ana)).toEqual(left);
    expect(await textsOf(container, ben)).toEqual([]);
    expect(await run()).toMatchObject({ outcome: 'complete', deleted: { conversation: 0, check_in: 0 } });
    const { lastHour } = await container.report(aDeadline());
    expect(lastHour?.deletedByType).toEqual(
      expect.arrayContaining([
        { type: 'conversation', count: 2 },
        { type: 'check_in', count: 1 },
      ]),
    );
    const line = service.lines.map((text) => JSON.parse(text)).find(({ event }) => event === 'retention');
    expect(line).toMatchObject({ deleted_conversation: 2, deleted_check_in: 1, outcome: 'complete' });
  }, 30_000);

  it('takes the words out of the history of what it deleted', async () => {
    const ana = randomUUID();
    const { memoryId } = await say(container, ana, 'secret tea', 'conversation', ago(31 * dayMs));
    await run();
    const { value } = await container.memory().history(memoryId ?? '', aDeadline());
    expect(value?.map(({ event, text, previousText }) => [event, text, previousText])).toEqual([
      ['add', null, null],
      ['delete', null, null],
    ]);
  }, 30_000);

  it('is kept up while the provider is down: gone from searches at once, deleted there by a later tick', async () => {
    const ana = randomUUID();
    const { memoryId } = await say(container, ana, 'tea before the outage', 'conversation', ago(31 * dayMs));
    provider.fault = () => 'unavailable';
    expect(await run()).toMatchObject({ outcome: 'complete', deleted: { conversation: 1 } });
    expect(await found(container, ana)).not.toContain('tea before the outage');
    expect(await run()).toMatchObject({ deleted: { conversation: 0 } });
    provider.fault = () => null;
    expect(await provider.get(memoryId ?? '', AbortSignal.timeout(5_000))).not.toBeNull();
    clock.turn(60_000);
    await service.tick();
    expect(await provider.get(memoryId ?? '', AbortSignal.timeout(5_000))).toBeNull();
    expect(await found(container, ana)).toEqual([]);
  }, 30_000);

  it('deletes a person’s turns of a chat with the conversation, and leaves the facts in them', async () => {
    const ana = randomUUID();
    await container.chat().chat({ userId: ana, message: 'I like tea very much' }, aDeadline());
    await container.idle();
    expect(await textsOf(container, ana, 'conversation')).toEqual(['I like tea very much']);
    clock.turn(31 * dayMs);
    const { deleted, rows } = await run();
    expect(deleted.conversation).toBeGreaterThanOrEqual(1);
    expect(rows).toBeGreaterThanOrEqual(1);
    expect(await textsOf(container, ana, 'conversation')).toEqual([]);
    expect(await textsOf(container, ana, 'preference')).toEqual(['I like tea very much']);
  }, 30_000);
});

it('retention touches no type without days, and says so when the index is away', async () => {
  const service = createTestService();
  await say(service.container, 'ana', 'old tea talk', 'conversation', new Date(0));
  expect(await service.container.retention().run(budgetMs)).toMatchObject({
    outcome: 'complete',
    deleted: {},
    rows: 0,
  });
  expect(await textsOf(service.container, 'ana')).toEqual(['old tea talk']);
  await service.close();
  const away = createTestService({ env: days, index: createUnreachableIndex().index });
  expect(await away.container.retention().run(budgetMs)).toMatchObject({
    ...{ outcome: 'partial', reason: 'index_unreachable', deleted: { conversation: 0, check_in: 0 } },
  });
  await away.close();
}, 30_000);

it('retention deletes at Mem0 what the index on Qdrant says is old, and what has expired in our own Postgres', async () => {
  const clock = createTestClock();
  const [mem0, qdrant] = [await createMem0Server({ now: clock.now }), await createQdrantServer()];
  const remote = { MEM0_API_KEY: mem0.apiKey, MEM0_BASE_URL: mem0.url, QDRANT_URL: qdrant.url, LOG_LEVEL: 'silent' };
  const open = (env: NodeJS.ProcessEnv) =>
    createContainer({ env: { KEEPSAKE_HOME: freshHome(), ...days, ...env }, now: clock.now });
  const container = open(remote);
  const at = new Date(clock.now().getTime() - 31 * dayMs);
  await say(container, 'ana', 'I talked about tea', 'conversation', at, { waitMs: 5_000 });
  await say(container, 'ana', 'Tea is my favourite', 'fact', at, { waitMs: 5_000 });
  await container.sync({});
  expect(await textsOf(container, 'ana')).toHaveLength(2);
  expect(await container.retention().run(budgetMs)).toMatchObject({ deleted: { conversation: 1 } });
  await container.sync({});
  expect(await textsOf(container, 'ana')).toEqual(['Tea is my favourite']);
  expect(await found(container, 'ana')).toEqual(['Tea is my favourite']);
  await container.close();
  await Promise.all([mem0.close(), qdrant.close()]);

  const local = open({ LOG_LEVEL: 'silent' });
  const now = clock.now();
  await say(local, 'ana', 'tea until noon', 'fact', now, { expiresAt: new Date(now.getTime() + 1_000) });
  await say(local, 'ana', 'tea until tomorrow', 'fact', now, { expiresAt: new Date(now.getTime() + dayMs) });
  clock.turn(1_000);
  expect(await local.retention().run(budgetMs)).toMatchObject({ expired: 1, deleted: { conversation: 0 } });
  expect(await textsOf(local, 'ana')).toEqual(['tea until tomorrow']);
  await local.close();
}, 60_000);

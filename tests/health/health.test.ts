import { createHealthHandler } from '../../functions/health';
import { createStatisticsHandler } from '../../functions/statistics';
import { call } from '../support/endpoint';
import { aDeadline, createTestService, nowhere } from '../support/service';

const get = { method: 'GET' };
const setting = 'Setting MEM0_TIMEOUT must be a number; its default is used.';

describe('health', () => {
  const service = createTestService({ env: { MEM0_TIMEOUT: 'soon', LOCAL_FUNCTION_KEY: 'the-key' } });
  const { container, provider, clock } = service;
  const add = (text: string) => {
    const utterances = [{ role: 'user' as const, name: null, content: text, at: null }];
    return container.memory().add({ userId: 'ana', utterances, infer: false }, aDeadline());
  };
  // Opening the database takes longer than health waits for it on a busy machine.
  beforeAll(() => container.warmUp(), 60_000);
  afterEach(() => {
    provider.fault = () => null;
  });
  afterAll(() => service.close());

  it('names what is wrong with the settings, and not the value', async () => {
    const { status, issues } = await container.health();
    expect(status).toBe('degraded');
    expect(issues).toEqual([setting]);
  });

  it('is degraded, with 200, while the provider does not answer', async () => {
    provider.fault = () => 'unavailable';
    const { status, body } = await call(createHealthHandler(container), {
      ...get,
      headers: { 'x-functions-key': 'the-key' },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'degraded',
      provider: { name: 'local', reachable: false },
      index: { reachable: true },
    });
    expect((body as { issues: string[] }).issues).toContainEqual(expect.stringContaining('writes wait in the outbox'));
  });

  it('does not wait for a provider that hangs', async () => {
    provider.fault = () => 'hangs';
    expect(await container.health()).toMatchObject({
      status: 'degraded',
      provider: { reachable: false },
      database: { reachable: true },
    });
    provider.release();
  });

  it('tells how old the index may be, and makes an issue of it after three intervals', async () => {
    await service.tick();
    clock.turn(180_000);
    expect(await container.health()).toMatchObject({ sync: { lagSeconds: 180, drift: null }, issues: [setting] });
    clock.turn(1_000);
    const late =
      'The last complete sync began 181 s ago; changes made at the provider since then may be missing in searches.';
    expect((await container.health()).issues).toEqual([setting, late]);
    await service.tick();
    expect((await container.health()).issues).toEqual([setting]);
  });

  it('tells how long the oldest write has waited, and makes an issue of it after ten minutes', async () => {
    provider.fault = (method) => (method === 'add' ? 'unavailable' : null);
    await add('My locker is number 12.');
    clock.turn(600_000);
    const report = await container.health();
    expect(report.outbox).toEqual({ waiting: 1, oldestSeconds: 600, dead: 0 });
    expect(report.issues).not.toContainEqual(expect.stringContaining('oldest write'));
    clock.turn(1_000);
    const { issues } = await container.health();
    expect(issues).toContain('The oldest write has waited 601 s in the outbox.');
    provider.fault = () => null;
    await service.tick();
    expect((await container.health()).outbox).toEqual({ waiting: 0, oldestSeconds: 0, dead: 0 });
  });

  it('counts what the provider refused for good', async () => {
    provider.fault = (method) => (method === 'add' ? 'refused' : null);
    await add('Nobody takes this.');
    const { outbox, issues } = await container.health();
    expect(outbox).toMatchObject({ waiting: 0, dead: 1 });
    expect(issues).toContainEqual(expect.stringContaining('refused 1 write'));
  });

  it.each([
    ['no key', {}, false],
    ['a wrong key', { headers: { 'x-functions-key': 'the-kex' } }, false],
    ['the key as a header', { headers: { 'x-functions-key': 'the-key' } }, true],
    ['the key in the query', { query: { code: 'the-key' } }, true],
  ])('tells a caller with %s no more than it may know', async (_, request, knowsAll) => {
    const { status, body } = await call(createHealthHandler(container), { ...get, ...request });
    expect(status).toBe(200);
    if (knowsAll)
      expect(body).toMatchObject({ status: 'degraded', issues: expect.any(Array), version: expect.any(String) });
    else expect(body).toEqual({ status: 'degraded' });
  });
});

describe('without a database', () => {
  const service = createTestService({ env: { DATABASE_URL: nowhere } });
  const { container, provider } = service;
  afterAll(() => service.close());

  it('health is degraded while the provider takes writes, and a 503 when nothing can be kept', async () => {
    expect(await container.health()).toMatchObject({
      status: 'degraded',
      database: { engine: 'postgres', reachable: false },
      index: { reachable: false },
      outbox: null,
    });
    provider.fault = () => 'unavailable';
    const { status, body } = await call(createHealthHandler(container), get);
    expect([status, body]).toEqual([503, { status: 'unhealthy' }]);
  });

  it('statistics say what is known: nothing, which is not zero', async () => {
    const { status, body } = await call(createStatisticsHandler(container), get);
    expect(status).toBe(200);
    expect(body).toEqual({
      total_memories: null,
      memories_by_type: null,
      cache_hit_rate: null,
      last_hour: null,
      last_day: null,
      outbox: null,
      sync: null,
    });
  });
});

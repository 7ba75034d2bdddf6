import { randomUUID } from 'node:crypto';
import { createContainer } from '../../shared/container';
import type { SyncRequest } from '../../shared/sync/sync';
import { createTestClock } from '../support/clock';
import { aDeadline } from '../support/service';
import { freshHome } from '../support/home';
import { createMem0Server, type Mem0Server } from '../support/mem0-server';
import { createQdrantServer, type QdrantServer } from '../support/qdrant-server';

/** Mem0 as the truth, with each index beside it, both as they are configured by settings. */
describe.each(['embedded', 'qdrant'] as const)('sync of Mem0 to the %s index', (kind) => {
  const clock = createTestClock();
  const lines: string[] = [];
  let mem0: Mem0Server;
  let qdrant: QdrantServer;
  const start = (home = freshHome()) =>
    createContainer({
      env: {
        ...{ KEEPSAKE_HOME: home, MEM0_API_KEY: mem0.apiKey, MEM0_BASE_URL: mem0.url, MEM0_MAX_RETRIES: '0' },
        ...(kind === 'qdrant' && { QDRANT_URL: qdrant.url }),
      },
      now: clock.now,
      writeLog: (line) => lines.push(line),
    });
  let container: ReturnType<typeof createContainer>;
  let ana: string;

  beforeAll(async () => {
    [mem0, qdrant] = [await createMem0Server({ now: clock.now }), await createQdrantServer()];
    container = start();
  });
  afterAll(async () => {
    await container.close();
    await Promise.all([mem0.close(), qdrant.close()]);
  });
  beforeEach(async () => {
    ana = `ana-${randomUUID()}`;
    mem0.fault = () => null;
    qdrant.fault = () => null;
    clock.turn(3_600_000);
    await container.sync({});
    mem0.requests.length = 0;
    lines.length = 0;
  });

  /** Something that Mem0 learnt from somebody else. */
  const learn = (text: string, userId = ana) =>
    mem0.store.keep({ user_id: userId, messages: [] }, [{ role: 'user', content: text }]);
  const rowOf = (text: string) => {
    const row = mem0.store.rows.find(({ memory, user_id }) => memory === text && user_id === ana);
    if (!row) throw new Error('Mem0 has no such memory.');
    return row;
  };
  /** A tick a minute later. */
  const tick = (request: SyncRequest = {}) => {
    clock.turn(60_000);
    return container.sync(request);
  };
  const found = async (query: string, userId = ana) => {
    const { value, memory } = await container.memory().recall({ userId, query, limit: 10 }, aDeadline());
    expect(memory.source).toBe('index');
    return value?.map((ranked) => ranked.memory.text);
  };
  const lists = () => mem0.requests.filter(({ path }) => path === '/v3/memories/');

  it('brings over what is new, changed and expired, and asks only about people who changed', async () => {
    learn('I live in Cusco.');
    learn('I have a cat.');
    learn('I like tea.', 'somebody-else');
    expect(await tick()).toMatchObject({
      kind: 'changed',
      outcome: 'complete',
      people: 2,
      written: 3,
      missing: 3,
      errors: 0,
    });
    expect((await found('Where do I live?'))?.[0]).toBe('I live in Cusco.');

    mem0.store.change(rowOf('I live in Cusco.'), { memory: 'I live in Lima.' });
    expect(await tick()).toMatchObject({ people: 1, written: 1, changed: 1, missing: 0 });
    expect((await found('Where do I live?'))?.sort()).toEqual(['I have a cat.', 'I live in Lima.']);

    mem0.store.change(rowOf('I have a cat.'), { expiration_date: '2020-01-01' });
    expect(await tick()).toMatchObject({ people: 1, written: 0, removed: 1 });
    expect(await found('cat')).toEqual(['I live in Lima.']);

    mem0.requests.length = 0;
    expect(await tick()).toMatchObject({ outcome: 'complete', people: 0, written: 0 });
    expect(mem0.requests.map(({ path }) => path)).toEqual(['/v1/entities/']);
  });

  it('keeps what was replaced, behind what replaced it', async () => {
    const [old] = learn('I live in Cusco.');
    const [current] = learn('I live in Lima now.');
    mem0.store.change(rowOf('I live in Cusco.'), { replaced_by: current?.id ?? null });
    await tick();
    const { value } = await container
      .memory()
      .recall({ userId: ana, query: 'I live in Cusco.', limit: 10 }, aDeadline());
    expect(value?.map(({ memory }) => memory.id)).toEqual([current?.id, old?.id]);
  });

  it('pages through one who has much, and asks for the rest only next time', async () => {
    for (let i = 0; i < 205; i++) learn(`Remark number ${i}.`);
    expect(await tick()).toMatchObject({ written: 205 });
    expect(lists()).toHaveLength(2);
    for (const text of ['One remark more.', 'And another.']) {
      clock.turn(3_600_000);
      learn(text);
      mem0.requests.length = 0;
      expect(await tick()).toMatchObject({ written: 1, changed: 0 });
    }
    expect(lists()).toHaveLength(1);
  });

  it('goes on with everybody else where one person fails, and with that one next time', async () => {
    const ben = `ben-${randomUUID()}`;
    learn('I like tea.');
    learn('I like rain.', ben);
    mem0.fault = ({ body }) => (JSON.stringify(body ?? '').includes(ana) ? { kind: 'nonsense' } : null);
    expect(await tick()).toMatchObject({ outcome: 'complete', people: 2, errors: 1, reason: 'provider_unavailable' });
    expect(await found('rain', ben)).toEqual(['I like rain.']);
    mem0.fault = () => null;
    expect(await tick()).toMatchObject({ people: 1, errors: 0, written: 1 });
    expect(await found('tea')).toEqual(['I like tea.']);
  });

  it('stores how far it came only after it succeeded', async () => {
    for (let i = 0; i < 205; i++) learn(`Remark number ${i}.`);
    mem0.fault = ({ path, query, body }) =>
      path === '/v3/memories/' && String(query.get('page') ?? body?.page) === '2' ? { kind: 'reset' } : null;
    expect(await tick()).toMatchObject({ errors: 1 });
    mem0.fault = () => null;
    // The first page is there already: what is written stays written.
    expect(await tick()).toMatchObject({ errors: 0, written: 5 });
    expect(await container.sync({ userId: ana })).toMatchObject({ written: 0 });
  });

  it('says so where Mem0 cannot be reached, and does it at the next tick', async () => {
    learn('I like tea.');
    mem0.fault = () => ({ kind: 'status', status: 503 });
    expect(await tick()).toMatchObject({ outcome: 'unreachable', reason: 'provider_unavailable', written: 0 });
    mem0.fault = () => null;
    expect(await tick()).toMatchObject({ outcome: 'complete', written: 1 });
  });

  it('runs once at a time, over all processes', async () => {
    learn('I like tea.');
    const reports = await Promise.all([tick(), container.sync({})]);
    expect(reports.map(({ outcome }) => outcome).sort()).toEqual(['complete', 'running']);
  });

  it('starts nobody new once its time is up, and goes on with them next time', async () => {
    const others = Array.from({ length: 12 }, (_, i) => `other-${i}-${randomUUID()}`);
    for (const userId of others) learn('I like tea.', userId);
    // Slow, not silent: its circuit is to stay closed.
    mem0.fault = ({ path }) => (path === '/v3/memories/' ? { kind: 'slow', ms: 500 } : null);
    clock.turn(60_000);
    const cut = await container.sync({}, 300);
    expect(cut).toMatchObject({ outcome: 'partial', people: 12, written: 0 });
    expect(cut.remaining).toBeGreaterThan(0);
    mem0.fault = () => null;
    expect(await tick()).toMatchObject({ outcome: 'complete', people: 12, written: 12, remaining: 0 });
  });

  it('logs counts and a pseudonym for each person, and a line for the cycle; nothing that was said, and nobody by name', async () => {
    learn('My door code is 4711.');
    await tick();
    const logged = lines.map((line) => JSON.parse(line));
    expect(logged).toContainEqual(
      expect.objectContaining({ event: 'person synced', person: expect.stringMatching(/^[0-9a-f]{8}$/), synced: 1 }),
    );
    expect(logged).toContainEqual(
      expect.objectContaining({
        event: 'sync cycle',
        outcome: 'complete',
        synced: 1,
        errors: 0,
        ms: expect.any(Number),
      }),
    );
    expect(lines.join()).not.toMatch(/4711|ana-/);
  });

  it('takes what somebody stored in Mem0 that Postgres cannot keep, without what it cannot', async () => {
    const said = [{ role: 'user', content: 'I like\0 tea \ud800.' }];
    mem0.store.keep({ user_id: ana, messages: said, metadata: { 'a\0': ['\0', { b: '\udfff' }] } }, said);
    expect(await tick()).toMatchObject({ written: 1, errors: 0 });
    const { value } = await container.memory().recall({ userId: ana, query: 'tea', limit: 1 }, aDeadline());
    expect(value?.[0]?.memory).toMatchObject({ text: 'I like tea \ufffd.', metadata: { a: ['', { b: '\ufffd' }] } });
  });

  it('a full run finds what drifted apart and mends it, and leaves alone what is right', async () => {
    learn('I like tea.');
    learn('I live in Cusco.');
    learn('I have a cat.');
    await tick();
    // Deleted, changed and added without a trace: no filter of Mem0's shows the first.
    mem0.store.rows.splice(mem0.store.rows.indexOf(rowOf('I like tea.')), 1);
    rowOf('I live in Cusco.').memory = 'I live in Lima.';
    expect(await tick()).toMatchObject({ written: 0, removed: 0 });
    expect(await found('tea')).toContain('I like tea.');

    const report = await tick({ isFull: true });
    expect(report).toMatchObject({
      kind: 'full',
      outcome: 'complete',
      changed: 1,
      orphaned: 1,
      removed: 1,
      missing: 0,
    });
    expect((await found('What do you know about me?'))?.sort()).toEqual(['I have a cat.', 'I live in Lima.']);
    expect(await tick({ isFull: true })).toMatchObject({ written: 0, removed: 0, changed: 0, orphaned: 0 });
  });

  it('a full run forgets a person whom Mem0 deleted', async () => {
    learn('I like tea.');
    await tick();
    for (const row of mem0.store.rows.filter(({ user_id }) => user_id === ana))
      mem0.store.rows.splice(mem0.store.rows.indexOf(row), 1);
    mem0.store.entities.splice(
      mem0.store.entities.findIndex(({ name }) => name === ana),
      1,
    );
    expect(await tick({ isFull: true })).toMatchObject({ orphaned: 1, errors: 0 });
    expect(await found('tea')).toEqual([]);
  });

  it.each([3, 30])('a list that comes back empty does not empty the index (%i memories)', async (count) => {
    for (let i = 0; i < count; i++) learn(`Remark number ${i}.`);
    await tick();
    // Mem0 hides all of them from lists, as it does with a filter it misreads.
    const hide = mem0.store.rows.filter(({ user_id }) => user_id === ana);
    for (const row of hide) row.user_id = 'misfiled';
    const report = await tick({ userId: ana, isFull: true });
    expect(report).toMatchObject({ removed: 0, errors: count > 20 ? 1 : 0 });
    expect(await found('remark')).toHaveLength(Math.min(10, count));
  });

  it('builds an index anew from nothing', async () => {
    learn('I like tea.');
    learn('I like rain.');
    const fresh = start();
    if (kind === 'qdrant') qdrant.collections.clear();
    expect((await fresh.sync({ isFull: true })).errors).toBe(0);
    const { value } = await fresh.memory().recall({ userId: ana, query: 'rain', limit: 1 }, aDeadline());
    expect(value?.map(({ memory }) => memory.text)).toEqual(['I like rain.']);
    await fresh.close();
  });

  it('does not bring back what was deleted while it was read', async () => {
    const [tea] = learn('I like tea.');
    let isRead: () => void = () => undefined;
    const reading = new Promise<void>((resolve) => {
      isRead = resolve;
    });
    mem0.fault = ({ path }) => {
      if (path === '/v3/memories/') isRead();
      return path === '/v3/memories/' ? { kind: 'slow', ms: 50 } : null;
    };
    const run = tick();
    await reading;
    mem0.fault = () => null;
    await container.memory().delete(tea?.id ?? '', aDeadline());
    await run;
    expect(await found('tea')).toEqual([]);
  });
});

import { randomUUID } from 'node:crypto';
import { createTestClock } from '../support/clock';
import { createTestMem0 } from '../support/mem0-provider';
import { aNewMemory } from '../support/memories';

const signal = new AbortController().signal;

describe('what is sent to Mem0', () => {
  const clock = createTestClock();
  let mem0: Awaited<ReturnType<typeof createTestMem0>>;
  let ana: string;
  beforeAll(async () => {
    mem0 = await createTestMem0(clock.now, { MEM0_BATCH_SIZE: '2' });
  });
  afterAll(() => mem0.server.close());
  beforeEach(() => {
    ana = randomUUID();
    mem0.server.requests.length = 0;
    mem0.server.store.laterMs = 0;
    mem0.server.store.fails = () => false;
  });

  const row = (changes: object = {}) => ({
    ...{ id: randomUUID(), memory: 'Ana lives in Cusco.', user_id: ana, agent_id: null, app_id: null, run_id: null },
    ...{ metadata: null, categories: [], expiration_date: null, replaced_by: null },
    ...{ created_at: '2026-01-15T10:30:00.123456-07:00', updated_at: '2026-01-16T10:30:00Z' },
    ...changes,
  });
  const addMany = async (count: number) => {
    for (let i = 0; i < count; i++)
      await mem0.provider.add(aNewMemory({ userId: ana, text: `Fact number ${i}.` }), signal);
    mem0.server.requests.length = 0;
    return mem0.server.store.rows.filter(({ user_id }) => user_id === ana);
  };
  const paths = () => mem0.server.requests.map(({ method, path }) => `${method} ${path}`);

  it('is nothing but what was asked for: no ping, no telemetry', async () => {
    const fetched = jest.spyOn(globalThis, 'fetch');
    const fresh = await createTestMem0(clock.now);
    fetched.mockClear();
    await fresh.provider.add(aNewMemory(), signal);
    await fresh.provider.get(randomUUID(), signal);
    await new Promise(setImmediate);
    const asked = fetched.mock.calls.map(([url]) => String(url).replace(/[^/]+\/$/, ''));
    expect(asked).toEqual([`${fresh.server.url}/v3/memories/`, `${fresh.server.url}/v1/memories/`]);
    expect(process.env.MEM0_TELEMETRY).toBe('false');
    fetched.mockRestore();
    await fresh.server.close();
  });

  it('is an add with the words, the person and what we need to know them again', async () => {
    const memory = aNewMemory({ userId: ana, infer: true, expiresAt: new Date('2027-05-01T18:00:00Z') });
    await mem0.provider.add(memory, signal);
    expect(mem0.server.requests[0]).toMatchObject({ method: 'POST', path: '/v3/memories/add/' });
    expect(mem0.server.requests[0]?.body).toEqual({
      messages: [{ role: 'user', content: 'My locker is number 12.' }],
      ...{ user_id: ana, infer: true, timestamp: 1_769_932_800, expiration_date: '2027-05-01' },
      metadata: {
        ...{ keepsake_operation: memory.operationId, keepsake_type: 'fact' },
        keepsake: {
          ...{ topic: null, tags: ['gym'], sessionId: 'session-1', speaker: 'Ana', at: '2026-02-01T08:00:00.123Z' },
          ...{ expiresAt: '2027-05-01T18:00:00.000Z', metadata: { Source: 'test', nested: { user_id: 1 } } },
        },
      },
    });
  });

  it('asks for one person’s memories by filters alone', async () => {
    await mem0.provider.list(ana, { limit: 500, cursor: null }, signal);
    const since = new Date('2026-01-01T00:00:00Z');
    const page = { limit: 10, cursor: null, type: 'goal', changedSince: since, includeHidden: true };
    await mem0.provider.list(ana, page, signal);
    await mem0.provider.search(ana, 'locker', 7, signal);
    const asked = mem0.server.requests.map(({ query, body }) => [query.toString(), body]);
    expect(asked).toEqual([
      ['page=1&page_size=200', { filters: { AND: [{ user_id: ana }] }, show_expired: false }],
      [
        'page=1&page_size=10',
        {
          filters: {
            AND: [
              { user_id: ana },
              { metadata: { keepsake_type: 'goal' } },
              { updated_at: { gte: '2026-01-01T00:00:00.000Z' } },
            ],
          },
          show_expired: true,
        },
      ],
      ['', expect.objectContaining({ query: 'locker', top_k: 7, filters: { user_id: ana } })],
    ]);
  });

  it('lists what changed since a moment', async () => {
    await addMany(2);
    clock.turn(60_000);
    const since = clock.now();
    const [changed] = mem0.server.store.rows.filter(({ user_id }) => user_id === ana);
    await mem0.provider.update(changed?.id ?? '', { text: 'Another fact.' }, signal);
    const { items } = await mem0.provider.list(ana, { limit: 10, cursor: null, changedSince: since }, signal);
    expect(items.map(({ text }) => text)).toEqual(['Another fact.']);
  });

  it('keeps the size of the first page over all pages, and ends where rows were deleted meanwhile', async () => {
    const rows = await addMany(5);
    const first = await mem0.provider.list(ana, { limit: 2, cursor: null }, signal);
    const second = await mem0.provider.list(ana, { limit: 50, cursor: first.nextCursor }, signal);
    expect(second.items).toHaveLength(2);
    for (const { id } of rows.slice(0, 3)) await mem0.provider.delete(id, signal);
    const third = await mem0.provider.list(ana, { limit: 2, cursor: second.nextCursor }, signal);
    expect(third).toEqual({ items: [], nextCursor: null });
  });

  it('hides what expired or was replaced, unless it is asked for', async () => {
    const newer = randomUUID();
    mem0.server.store.rows.push(row({ expiration_date: '2026-02-28' }), row({ replaced_by: newer }), row());
    const list = async (includeHidden: boolean) => {
      const { items } = await mem0.provider.list(ana, { limit: 10, cursor: null, includeHidden }, signal);
      return items.map(({ expiresAt, supersededBy }) => [expiresAt?.toISOString(), supersededBy]).sort();
    };
    expect(await list(false)).toEqual([[undefined, null]]);
    expect(await list(true)).toEqual(
      [
        ['2026-02-28T23:59:59.999Z', null],
        [undefined, null],
        [undefined, newer],
      ].sort(),
    );
  });

  it('says of a memory that Mem0 replaced by itself what Mem0 says, whatever else was said', async () => {
    const [theirs, ours] = [randomUUID(), randomUUID()];
    const replaced = row({ replaced_by: theirs });
    mem0.server.store.rows.push(replaced);
    expect((await mem0.provider.update(replaced.id, { supersededBy: ours }, signal))?.supersededBy).toBe(theirs);
    expect((await mem0.provider.get(replaced.id, signal))?.supersededBy).toBe(theirs);
    replaced.replaced_by = null;
    expect((await mem0.provider.get(replaced.id, signal))?.supersededBy).toBe(ours);
  });

  it('takes memories that others wrote as they are', async () => {
    const metadata = { type: 'goal', Place: { home_town: true } };
    const other = row({ metadata, run_id: 'run-7' });
    mem0.server.store.rows.push(other);
    const expected = {
      ...{ id: other.id, userId: ana, text: 'Ana lives in Cusco.', type: 'goal', topic: null, tags: [], metadata },
      ...{ sessionId: 'run-7', speaker: null, expiresAt: null, supersededBy: null },
      ...{ createdAt: new Date('2026-01-15T17:30:00.123Z'), updatedAt: new Date('2026-01-16T10:30:00Z') },
    };
    expect(await mem0.provider.get(other.id, signal)).toEqual(expected);
    expect(await mem0.provider.search(ana, 'Cusco', 1, signal)).toEqual([expected]);
    const changed = await mem0.provider.update(other.id, { metadata: { mine: 1 } }, signal);
    expect(changed).toEqual({ ...expected, metadata: { mine: 1 }, updatedAt: clock.now() });
    expect(await mem0.provider.get(other.id, signal)).toEqual(changed);
    expect(other.metadata).toMatchObject(metadata);
  });

  it('sees no memory of an agent as a person’s', async () => {
    const agents = row({ user_id: null, agent_id: 'coach' });
    mem0.server.store.rows.push(agents);
    expect(await mem0.provider.get(agents.id, signal)).toBeNull();
    mem0.server.store.entities.push({
      ...{ id: randomUUID(), name: 'coach', type: 'agent', owner: 'owner', metadata: null },
      ...{ created_at: '2026-01-15T10:30:00Z', updated_at: '2026-01-15T10:30:00Z' },
    });
    const { items } = await mem0.provider.users({ limit: 100, cursor: null }, signal);
    expect(items.map(({ userId }) => userId)).not.toContain('coach');
  });

  it('tells of people how many memories they have and when the last one changed', async () => {
    await addMany(3);
    const { items } = await mem0.provider.users({ limit: 100, cursor: null }, signal);
    expect(items.find(({ userId }) => userId === ana)).toEqual({ userId: ana, memories: 3, lastMemoryAt: clock.now() });
  });

  it('changes and deletes many in batches', async () => {
    const rows = await addMany(5);
    await mem0.provider.updateMany(
      rows.map(({ id }, i) => ({ id, text: `Changed ${i}.` })),
      signal,
    );
    expect(rows.map(({ memory }) => memory)).toEqual([0, 1, 2, 3, 4].map((i) => `Changed ${i}.`));
    await mem0.provider.deleteMany([...rows.slice(1).map(({ id }) => id), randomUUID()], signal);
    expect(mem0.server.store.rows.filter(({ user_id }) => user_id === ana)).toEqual([rows[0]]);
    expect(paths()).toEqual([...Array(3).fill('PUT /v1/batch/'), ...Array(3).fill('DELETE /v1/batch/')]);
  });

  it('deletes a person, and asks until that is done', async () => {
    await addMany(3);
    mem0.server.store.laterMs = 1_000;
    mem0.server.fault = ({ path }) => {
      if (path.startsWith('/v1/event/')) clock.turn(400);
      return null;
    };
    await mem0.provider.deleteUser(ana, signal);
    mem0.server.fault = () => null;
    const event = expect.stringMatching(/^GET \/v1\/event\//);
    expect(paths()).toEqual([`DELETE /v2/entities/user/${ana}/`, event, event, event]);
    expect(mem0.server.store.rows.filter(({ user_id }) => user_id === ana)).toEqual([]);
  });

  it('says so when a deletion fails or takes too long, and deletes nobody without a name', async () => {
    await addMany(1);
    mem0.server.store.laterMs = 1_000_000;
    await expect(mem0.provider.deleteUser(ana, AbortSignal.timeout(100))).rejects.toMatchObject({ code: 'timeout' });
    mem0.server.fault = () => {
      for (const event of mem0.server.store.events) event.status = 'FAILED';
      return null;
    };
    await expect(mem0.provider.deleteUser(ana, signal)).rejects.toMatchObject({ code: 'unavailable' });
    mem0.server.fault = () => null;
    await expect(mem0.provider.deleteUser('', signal)).rejects.toThrow(RangeError);
  });

  it('is nothing where there is no key', async () => {
    const { provider, server, lines } = await createTestMem0(clock.now, { MEM0_API_KEY: '' });
    const failure = { name: 'ProviderError', code: 'unavailable', options: { retryable: true, outcomeUnknown: false } };
    await expect(provider.get(randomUUID(), signal)).rejects.toMatchObject(failure);
    await expect(provider.add(aNewMemory(), signal)).rejects.toMatchObject(failure);
    expect([provider.circuit(), server.requests]).toEqual(['open', []]);
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 'warn', event: 'mem0 is off', setting: 'MEM0_API_KEY' },
    ]);
    await server.close();
  });
});

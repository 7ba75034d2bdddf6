import { createAddMemoryHandler } from '../../functions/add-memory';
import { createChatHandler } from '../../functions/chat';
import { createHealthHandler } from '../../functions/health';
import { createSearchHandler } from '../../functions/search';
import { createContainer } from '../../shared/container';
import { call } from '../support/endpoint';
import { freshHome } from '../support/home';

describe('where MEMORY_BACKEND is mem0 and MEM0_API_KEY is not set', () => {
  const lines: string[] = [];
  const services = createContainer({
    env: {
      ...{ KEEPSAKE_HOME: freshHome(), LOG_LEVEL: 'info', RECALL_TIMEOUT_MS: '5000' },
      ...{ MEMORY_BACKEND: 'mem0', LOCAL_FUNCTION_KEY: 'the-key' },
    },
    writeLog: (line) => lines.push(line),
  });
  beforeAll(() => services.warmUp(), 60_000);
  afterAll(() => services.close());
  const post = (create: typeof createChatHandler, body: object) =>
    call(create(services), {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: { string: JSON.stringify(body) } },
    });

  it('a write is queued, and found by the next search', async () => {
    const text = 'My locker is number 12.';
    const added = await post(createAddMemoryHandler, { user_id: 'ana', text });
    expect(added).toMatchObject({
      status: 202,
      body: { status: 'queued', memory_id: null, storage: 'outbox', reason: 'provider_unavailable' },
    });
    const found = await post(createSearchHandler, { user_id: 'ana', query: 'locker' });
    expect(found).toMatchObject({ status: 200, body: { results: [{ text }], memory: { source: 'index' } } });
  });

  it('chat goes on', async () => {
    const { status, body } = await post(createChatHandler, { user_id: 'ana', message: 'Which locker do I have?' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ reply: expect.stringContaining('number 12'), memory: { degraded: false } });
  });

  it('health says what to set', async () => {
    const { status, body } = await call(createHealthHandler(services), {
      ...{ method: 'GET', headers: { 'x-functions-key': 'the-key' } },
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ status: 'degraded', provider: { name: 'mem0', reachable: false, circuit: 'open' } },
      index: { name: 'embedded', reachable: true },
      issues: [
        'Setting MEM0_API_KEY must be set where MEMORY_BACKEND is mem0; until then Mem0 is off, and writes wait in the outbox.',
        'The memory provider (mem0) is not called for now: its circuit is open; writes wait in the outbox.',
      ],
    });
    // The index in this process has no circuit.
    expect(body).not.toHaveProperty('index.circuit');
  });

  it('is said once in the log, whatever was called', async () => {
    await services.sync({});
    const warnings = lines.map((line) => JSON.parse(line)).filter(({ level }) => level !== 'info');
    expect(warnings).toEqual([{ level: 'warn', event: 'mem0 is off', setting: 'MEM0_API_KEY' }]);
  });
});

import { randomUUID } from 'node:crypto';
import { createMem0WebhookHandler } from '../../functions/mem0-webhook';
import { createContainer } from '../../shared/container';
import { createTestClock } from '../support/clock';
import { call } from '../support/endpoint';
import { freshHome } from '../support/home';
import { createMem0Server, type Mem0Server } from '../support/mem0-server';
import { aDeadline } from '../support/service';

const secret = 'a-secret-path';

describe("Mem0's webhook", () => {
  const clock = createTestClock();
  const lines: string[] = [];
  let mem0: Mem0Server;
  const start = (env: NodeJS.ProcessEnv = { MEM0_WEBHOOK_SECRET: secret }) =>
    createContainer({
      env: {
        KEEPSAKE_HOME: freshHome(),
        MEM0_API_KEY: mem0.apiKey,
        MEM0_BASE_URL: mem0.url,
        MEM0_MAX_RETRIES: '0',
        ...env,
      },
      now: clock.now,
      writeLog: (line) => lines.push(line),
    });
  let container: ReturnType<typeof createContainer>;
  let ana: string;
  beforeAll(async () => {
    mem0 = await createMem0Server({ now: clock.now });
    container = start();
  });
  afterAll(async () => {
    await container.close();
    await mem0.close();
  });
  beforeEach(() => {
    ana = `ana-${randomUUID()}`;
    mem0.fault = () => null;
  });

  const post = (body: unknown, { given = secret, to = container } = {}) =>
    call(createMem0WebhookHandler(to), {
      method: 'POST',
      params: { secret: given },
      headers: { 'content-type': 'application/json' },
      body: { string: JSON.stringify(body) },
    });
  const event = (id: string, kind = 'ADD') => ({
    event_details: { id, data: { memory: 'whatever it says' }, event: kind },
  });
  const learn = (text: string) => {
    const [memory] = mem0.store.keep({ user_id: ana, messages: [] }, [{ role: 'user', content: text }]);
    const row = mem0.store.rows.find(({ id }) => id === memory?.id);
    if (!row) throw new Error('Mem0 keeps what it is told.');
    return row;
  };
  const found = async () => {
    const { value } = await container
      .memory()
      .recall({ userId: ana, query: 'Where do I live?', limit: 10 }, aDeadline());
    return value?.map(({ memory }) => memory.text);
  };

  it('brings over what is new, changed and deleted at once, as Mem0 has it and not as the event says, as often as it comes', async () => {
    const row = learn('I live in Cusco.');
    for (let i = 0; i < 2; i++)
      expect(await post(event(row.id))).toMatchObject({ status: 202, body: { status: 'written' } });
    expect(await found()).toEqual(['I live in Cusco.']);
    mem0.store.change(row, { memory: 'I live in Lima.' });
    await post(event(row.id, 'UPDATE'));
    expect(await found()).toEqual(['I live in Lima.']);
    expect(
      (await post({ event_details: { event: 'CATEGORIZE', memory_id: row.id, categories: ['home'] } })).status,
    ).toBe(202);
    // Deleted, says somebody, but it is there.
    await post(event(row.id, 'DELETE'));
    expect(await found()).toEqual(['I live in Lima.']);
    mem0.store.remove(row);
    expect((await post(event(row.id, 'DELETE'))).body).toEqual({ status: 'removed' });
    expect(await found()).toEqual([]);
    expect((await post(event(row.id, 'DELETE'))).body).toEqual({ status: 'unknown' });
  });

  it('an event of something else is taken and passed over', async () => {
    expect(await post({ event_details: { event: 'PING' } })).toMatchObject({
      status: 202,
      body: { status: 'ignored' },
    });
  });

  it('asks for the event again where Mem0 cannot be asked', async () => {
    const row = learn('I live in Cusco.');
    mem0.fault = () => ({ kind: 'reset' });
    const answer = await post(event(row.id));
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('30');
    mem0.fault = () => null;
    expect((await post(event(row.id))).status).toBe(202);
    expect(await found()).toEqual(['I live in Cusco.']);
  });

  it('is not there with another secret, nor where none is set', async () => {
    const row = learn('I live in Cusco.');
    const closed = start({});
    const requests = mem0.requests.length;
    for (const answer of [
      await post(event(row.id), { given: 'another-secret' }),
      await post(event(row.id), { given: '' }),
      await post(event(row.id), { given: 'undefined', to: closed }),
    ]) {
      expect(answer).toMatchObject({ status: 404, body: { detail: 'There is nothing at this address.' } });
    }
    expect(mem0.requests).toHaveLength(requests);
    await closed.close();
  });

  it.each([{}, { event_details: null }, { event_details: { id: 'x' } }, { event_details: { id: 1 } }, []])(
    'refuses what is no event: %j',
    async (body) => {
      expect((await post(body)).status).toBe(400);
    },
  );

  it('logs neither the secret nor what was said', () => {
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join()).not.toMatch(/a-secret-path|Cusco|Lima|ana-/);
  });
});

import type { Timer } from '@azure/functions';
import { InvocationContext } from '@azure/functions';
import { createMigrateHandler } from '../../functions/migrate';
import { createMigrationHandler } from '../../functions/migration';
import { createMigrationsHandler } from '../../functions/migrations';
import { type Container, createContainer } from '../../shared/container';
import { call } from '../support/endpoint';
import { freshHome } from '../support/home';
import { createMem0Server, type Mem0Server } from '../support/mem0-server';
import { nowhere } from '../support/service';
import { until } from '../support/until';

// biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer is what it checks.
type Body = any;

describe('POST /api/migrations and GET /api/migrations/{id}', () => {
  const home = freshHome();
  let mem0: Mem0Server;
  let services: Container;

  const open = (env: NodeJS.ProcessEnv = {}) =>
    createContainer({
      env: {
        ...{ KEEPSAKE_HOME: home, LOG_LEVEL: 'silent', MEMORY_BACKEND: 'local', MEM0_MAX_RETRIES: '0' },
        ...{ MEM0_API_KEY: mem0.apiKey, MEM0_BASE_URL: mem0.url, ...env },
      },
    });
  const post = (body: object) =>
    call(createMigrationsHandler(services), {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: { string: JSON.stringify(body) } },
    });
  const get = async (id: string): Promise<Body> =>
    (await call(createMigrationHandler(services), { method: 'GET', params: { id } })).body;
  const tick = () => createMigrateHandler(services)({} as Timer, new InvocationContext());
  const ended = async (id: string): Promise<Body> => {
    await until(async () => (await get(id)).state !== 'running');
    return get(id);
  };
  const pair = { source: 'mem0', target: 'local' };

  beforeAll(async () => {
    mem0 = await createMem0Server();
    services = open();
    for (const user_id of ['ana', 'ben', 'eva']) {
      const messages = [1, 2].map((n) => ({ role: 'user', content: `${user_id} has locker number ${n}.` }));
      mem0.store.keep({ user_id, messages }, messages);
    }
  });
  afterAll(async () => {
    await services.close();
    await mem0.close();
  });
  afterEach(() => {
    mem0.fault = () => null;
  });

  it('counts on a dry run, and notes nothing', async () => {
    const { status, body } = await post({ ...pair, dry_run: true });
    expect(status).toBe(200);
    expect(body).toMatchObject({ ...pair, dry_run: true, counts: { people: 3, memories: 6, planned: 6, calls: 6 } });
    expect(
      (await call(createMigrationHandler(services), { method: 'GET', params: { id: (body as Body).id } })).status,
    ).toBe(404);
  });

  it('goes on in a process that begins after the one that took it has ended', async () => {
    // The vendor is silent about one person: the run is under way for as long as that lasts.
    mem0.fault = ({ body }) => (JSON.stringify(body ?? {}).includes('ben') ? { kind: 'status', status: 503 } : null);
    const { status, body } = await post(pair);
    expect(status).toBe(202);
    const { id } = body as Body;
    await until(async () => (await get(id)).counts.people_done === 2);
    expect(await get(id)).toMatchObject({ ...{ id, ...pair, state: 'running', report: null }, progress: { done: 4 } });

    const second = await post(pair);
    expect(second).toMatchObject({ status: 409, body: { detail: expect.stringContaining(id) } });

    await services.close();
    services = open();
    expect(await get(id)).toMatchObject({ state: 'running', ended_at: null });
    mem0.fault = () => null;
    await tick();
    const done = await get(id);
    expect(done).toMatchObject({ state: 'done', progress: { done: 6, total: 6 }, counts: { done: 6, present: 0 } });
    expect(done.report).toMatch(/^# Migration from mem0 to local/);
    await tick();
    expect(await get(id)).toEqual(done);
  });

  it('brings what is new by an incremental run, and of one person alone', async () => {
    const messages = [{ role: 'user', content: 'ana has a parcel, too.' }];
    mem0.store.keep({ user_id: 'ana', messages }, messages);
    const other = await post({ ...pair, users: ['ben'] });
    expect(await ended((other.body as Body).id)).toMatchObject({ counts: { people: 1, done: 0, present: 2 } });
    const { body } = await post({ ...pair, mode: 'incremental', users: ['ana', 'eva'] });
    expect(await ended((body as Body).id)).toMatchObject({ state: 'done', counts: { done: 0 } });
    const all = await post(pair);
    expect(await ended((all.body as Body).id)).toMatchObject({ counts: { people: 3, done: 1, present: 6 } });
  });

  it.each([
    [{ ...pair, new_people: true, users: ['ana'] }, /^new_people: goes with neither users, since nor incremental$/],
    [{ ...pair, new_people: true, mode: 'incremental' }, /^new_people: goes with neither/],
    [
      { source: 'local', target: 'mem0', new_people: true },
      /^New people go from a provider to the first one, local\.$/,
    ],
  ])('refuses %j, and begins nothing', async (order, reason) => {
    const { status, body } = await post(order);
    expect(status).toBe(400);
    const { detail, errors = [] } = body as { detail: string; errors?: { path: string; message: string }[] };
    expect(errors.map(({ path, message }) => `${path}: ${message}`)[0] ?? detail).toMatch(reason);
  });

  it('says which provider is not set up, and begins nothing', async () => {
    const { status, body } = await post({ source: 'mem0', target: 'zep' });
    expect(status).toBe(400);
    expect(body).toMatchObject({ detail: 'zep is not set up: set ZEP_API_KEY.' });
  });

  it('answers 503 without the database, and when to come again', async () => {
    const working = services;
    services = open({ DATABASE_URL: nowhere });
    expect((await post(pair)).headers.get('retry-after')).toBe('5');
    await services.close();
    services = working;
  });
});

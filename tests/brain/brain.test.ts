import type { HttpHandler } from '@azure/functions';
import { createAddMemoryHandler } from '../../functions/add-memory';
import { createBrainFactHandler } from '../../functions/brain-fact';
import { createBrainFactHistoryHandler } from '../../functions/brain-fact-history';
import { createBrainFactsHandler } from '../../functions/brain-facts';
import { createMemoryHandler } from '../../functions/memory';
import { createSearchHandler } from '../../functions/search';
import type { Container } from '../../shared/container';
import { createContainer } from '../../shared/container';
import { call } from '../support/endpoint';
import { freshHome } from '../support/home';
import { aNewMemory } from '../support/memories';
import { aDeadline, createTestService, nowhere } from '../support/service';

type Params = Record<string, string>;

/** Calls of the brain's doors. */
function doorsOf(container: Container) {
  const send = async (handler: HttpHandler, method: string, params: Params, query: Params = {}, body?: object) => {
    const sent = body && { headers: { 'content-type': 'application/json' }, body: { string: JSON.stringify(body) } };
    const answer = await call(handler, { method, params, query, ...sent });
    // biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer is what it checks.
    return { status: answer.status, body: answer.body as any };
  };
  const facts = createBrainFactsHandler(container);
  const fact = createBrainFactHandler(container);
  const history = createBrainFactHistoryHandler(container);
  const memory = createMemoryHandler(container);
  const search = createSearchHandler(container);
  const add = createAddMemoryHandler(container);
  /** `owner` as in the route: `users/ana`. */
  const toParams = (owner: string, more: Params = {}): Params => {
    const [kind = '', id = ''] = owner.split('/');
    return { kind, id, ...more };
  };
  return {
    put: (owner: string, values: Params, query: Params = {}) => {
      const memories = Object.entries(values).map(([slug, content]) => ({ slug, category: 'profile', content }));
      return send(facts, 'PUT', toParams(owner), query, { memories });
    },
    putAll: (owner: string, memories: unknown[], query: Params = {}) =>
      send(facts, 'PUT', toParams(owner), query, { memories }),
    list: (owner: string, query: Params = {}) => send(facts, 'GET', toParams(owner), query),
    get: (owner: string, slug: string, query: Params = {}) => send(fact, 'GET', toParams(owner, { slug }), query),
    delete: (owner: string, slug: string, query: Params = {}) => send(fact, 'DELETE', toParams(owner, { slug }), query),
    history: (owner: string, slug: string, query: Params = {}) =>
      send(history, 'GET', toParams(owner, { slug }), query),
    changeMemory: (id: string, text: string) => send(memory, 'PATCH', { id }, {}, { text }),
    search: (user_id: string, query: string) => send(search, 'POST', {}, {}, { user_id, query }),
    add: (body: object) => send(add, 'POST', {}, {}, body),
    deleteMemory: (id: string) => send(memory, 'DELETE', { id }),
  };
}

describe('the brain', () => {
  const { container, provider, clock, tick, close } = createTestService();
  const doors = doorsOf(container);
  beforeAll(() => container.warmUp(), 60_000);
  afterEach(() => {
    provider.fault = () => null;
  });
  afterAll(close);

  const memoriesOf = async (userId: string) =>
    (await provider.list(userId, { limit: 100, cursor: null }, AbortSignal.timeout(5_000))).items;
  /** What the provider has of somebody, by slug. */
  const atProvider = async (userId: string) =>
    Object.fromEntries((await memoriesOf(userId)).map(({ metadata, text }) => [metadata.slug, text]));
  const down = () => {
    provider.fault = () => 'unavailable';
  };
  const recovered = async () => {
    provider.fault = () => null;
    clock.turn(600_000);
    await tick();
  };

  it('keeps one value for each slug, here and at the provider', async () => {
    expect(await doors.put('users/ana', { user_full_name: 'Nombre: Ana Soto', user_role: 'Rol: contadora' })).toEqual({
      status: 200,
      body: { success: true, saved_count: 2, failed_count: 0, errors: [], created: 2, updated: 0 },
    });
    const again = await doors.put('users/ana', { user_full_name: 'Nombre: Ana Rojas', user_role: 'Rol: contadora' });
    expect(again.body).toMatchObject({ success: true, saved_count: 2, created: 0, updated: 1 });
    expect(await atProvider('ana')).toEqual({ user_full_name: 'Nombre: Ana Rojas', user_role: 'Rol: contadora' });
    const { body } = await doors.list('users/ana');
    const shared = { category: 'profile', state: 'synced', metadata: {} };
    expect(body).toMatchObject({
      memories: [
        { slug: 'user_full_name', content: 'Nombre: Ana Rojas', ...shared },
        { slug: 'user_role', content: 'Rol: contadora', ...shared },
      ],
      ...{ count: 2, memory: { source: 'provider', degraded: false, reason: null } },
    });
    const ids = body.memories.map(({ memory_id }: { memory_id: string }) => memory_id);
    expect(ids.sort()).toEqual((await memoriesOf('ana')).map(({ id }) => id).sort());
  });

  it('writes nothing for what it knows already, and answers one slug and what it was before', async () => {
    const before = provider.calls.length;
    expect((await doors.put('users/ana', { user_role: 'Rol: contadora' })).body).toMatchObject({
      ...{ success: true, saved_count: 1, created: 0, updated: 0 },
    });
    expect(provider.calls.length).toBe(before);
    const { body } = await doors.get('users/ana', 'user_role');
    expect(body.result).toMatchObject({ slug: 'user_role', content: 'Rol: contadora', state: 'synced' });
    expect((await doors.history('users/ana', 'user_full_name')).body.history).toMatchObject([
      { event: 'add', source: 'us', previous_content: null, content: 'Nombre: Ana Soto' },
      { event: 'update', source: 'us', previous_content: 'Nombre: Ana Soto', content: 'Nombre: Ana Rojas' },
    ]);
  });

  it('deletes a slug on both sides, tells so in its history, and has no such slug after it', async () => {
    expect(await doors.delete('users/ana', 'user_role')).toMatchObject({ status: 200, body: { status: 'deleted' } });
    expect(await atProvider('ana')).toEqual({ user_full_name: 'Nombre: Ana Rojas' });
    expect((await doors.get('users/ana', 'user_role')).status).toBe(404);
    expect((await doors.delete('users/ana', 'user_role')).status).toBe(404);
    const { history } = (await doors.history('users/ana', 'user_role')).body;
    expect(history.at(-1)).toMatchObject({ event: 'delete', previous_content: 'Rol: contadora', content: null });
  });

  it('keeps what the provider cannot take, shows it as pending, and sends the last value once it can', async () => {
    down();
    const saved = await doors.put('users/ben', { user_role: 'Rol: socio' });
    expect(saved).toMatchObject({ status: 200, body: { success: true, saved_count: 1, failed_count: 0 } });
    await doors.put('users/ben', { user_role: 'Rol: gerente' });
    expect((await doors.list('users/ben')).body).toMatchObject({
      memories: [{ content: 'Rol: gerente', state: 'pending', memory_id: null }],
      memory: { source: 'outbox', degraded: false },
    });
    await recovered();
    expect(await atProvider('ben')).toEqual({ user_role: 'Rol: gerente' });
    expect((await doors.list('users/ben')).body.memories).toMatchObject([{ state: 'synced' }]);
  });

  it('leaves nothing at the provider of what was deleted before it got there', async () => {
    down();
    await doors.put('users/eva', { user_role: 'Rol: socia' });
    await doors.delete('users/eva', 'user_role');
    await recovered();
    expect(await atProvider('eva')).toEqual({});
    expect((await doors.list('users/eva')).body).toMatchObject({ memories: [], count: 0 });
  });

  it('makes a memory anew that the provider lost, or somebody deleted while a newer value was on its way', async () => {
    await doors.put('users/ida', { user_role: 'Rol: socia', user_email: 'Correo: ida@example.com' });
    const [role, email] = (await doors.list('users/ida')).body.memories.map((row: Params) => row.memory_id).reverse();
    await provider.delete(role, AbortSignal.timeout(5_000));
    await doors.put('users/ida', { user_role: 'Rol: gerenta' });
    down();
    await doors.put('users/ida', { user_email: 'Correo: ida@example.org' });
    provider.fault = () => null;
    await provider.delete(email, AbortSignal.timeout(5_000));
    await container.applyHint(email, AbortSignal.timeout(5_000));
    await recovered();
    expect(await atProvider('ida')).toEqual({ user_role: 'Rol: gerenta', user_email: 'Correo: ida@example.org' });
    const { memories } = (await doors.list('users/ida')).body;
    expect(memories).toMatchObject([{ state: 'synced' }, { state: 'synced' }]);
    const ids = (await memoriesOf('ida')).map(({ id }) => id).sort();
    expect(memories.map((row: Params) => row.memory_id).sort()).toEqual(ids);
    expect(ids).not.toContain(role);
  });

  it('says which facts the provider refuses for good, keeps them as failed, and tries them again when they are saved again', async () => {
    provider.fault = (_, args) => (JSON.stringify(args).includes('Rol: ') ? 'refused' : null);
    const facts = { user_role: 'Rol: socio', user_email: 'Correo: leo@example.com' };
    expect((await doors.put('users/leo', facts)).body).toMatchObject({
      ...{ success: false, saved_count: 1, failed_count: 1, errors: [{ slug: 'user_role', code: 'refused' }] },
    });
    expect((await doors.get('users/leo', 'user_role')).body.result).toMatchObject({ state: 'failed' });
    provider.fault = () => null;
    expect((await doors.put('users/leo', facts)).body).toMatchObject({ success: true, updated: 1 });
    expect((await doors.get('users/leo', 'user_role')).body.result).toMatchObject({ state: 'synced' });
    expect(await atProvider('leo')).toEqual(facts);
    // Nobody has to look at the write that was refused any more.
    expect((await container.health()).outbox).toMatchObject({ waiting: 0, dead: 0 });
  });

  it('shows what was changed or deleted at the provider, once it is told', async () => {
    await doors.put('users/noa', { user_role: 'Rol: socia', user_email: 'Correo: noa@example.com' });
    const [email, role] = (await memoriesOf('noa')).sort((a, b) => (a.text < b.text ? -1 : 1));
    await provider.update(role?.id ?? '', { text: 'Rol: jefa' }, AbortSignal.timeout(5_000));
    await provider.delete(email?.id ?? '', AbortSignal.timeout(5_000));
    for (const id of [role?.id, email?.id, role?.id]) await container.applyHint(id ?? '', AbortSignal.timeout(5_000));
    expect((await doors.list('users/noa')).body.memories).toMatchObject([{ slug: 'user_role', content: 'Rol: jefa' }]);
    expect((await doors.history('users/noa', 'user_role')).body.history).toMatchObject([
      { event: 'add', source: 'us' },
      { event: 'update', source: 'provider', previous_content: 'Rol: socia', content: 'Rol: jefa' },
    ]);
    const { history } = (await doors.history('users/noa', 'user_email')).body;
    expect(history.at(-1)).toMatchObject({ event: 'delete', source: 'provider' });
  });

  it('shows what was changed or deleted as a memory', async () => {
    await doors.put('users/pia', { user_role: 'Rol: socia', user_email: 'Correo: pia@example.com' });
    const [email, role] = (await memoriesOf('pia')).sort((a, b) => (a.text < b.text ? -1 : 1));
    expect((await doors.changeMemory(role?.id ?? '', 'Rol: jefa')).status).toBe(200);
    expect((await doors.deleteMemory(email?.id ?? '')).status).toBe(200);
    expect((await doors.list('users/pia')).body.memories).toMatchObject([{ slug: 'user_role', content: 'Rol: jefa' }]);
    expect((await doors.history('users/pia', 'user_email')).body.history.at(-1)).toMatchObject({ event: 'delete' });
  });

  it('brings both sides together again where they have drifted apart unseen', async () => {
    const soon = AbortSignal.timeout(20_000);
    const facts = { a_lost: 'A', b_changed: 'B', c_deleted: 'C', d_twice: 'D', e_unknown: 'E', f_kept: 'F' };
    await doors.put('users/mia', facts);
    const memories = new Map((await memoriesOf('mia')).map((memory) => [memory.metadata.slug, memory]));
    const of = (slug: string) => memories.get(slug)?.id ?? '';
    await doors.delete('users/mia', 'c_deleted');
    await provider.delete(of('a_lost'), soon);
    await provider.update(of('b_changed'), { text: 'B2' }, soon);
    /** A memory of this slug that comes from nowhere. */
    const remember = (slug: string, content: string) => {
      const metadata = { slug, category: 'profile', owner: 'users' };
      return provider.add(aNewMemory({ userId: 'mia', text: content, type: 'brain', metadata }), soon);
    };
    await remember('c_deleted', 'C again');
    await remember('d_twice', 'D again');
    await remember('g_unknown', 'G');
    expect(await container.sync({ isFull: true })).toMatchObject({
      factsMissing: 1,
      factsChanged: 1,
      factsOrphaned: 3,
    });
    await recovered();
    const { c_deleted: _, ...kept } = { ...facts, b_changed: 'B2', g_unknown: 'G' };
    expect(await atProvider('mia')).toEqual(kept);
    const rows = (await doors.list('users/mia')).body.memories;
    expect(Object.fromEntries(rows.map((row: Params) => [row.slug, row.content]))).toEqual(kept);
    expect(rows.map((row: Params) => row.memory_id).sort()).toEqual(
      (await memoriesOf('mia')).map(({ id }) => id).sort(),
    );
    expect((await container.health()).sync?.drift).toMatchObject({ factsMissing: 1, factsOrphaned: 3 });
    expect(await container.sync({ isFull: true })).toMatchObject({
      factsMissing: 0,
      factsChanged: 0,
      factsOrphaned: 0,
    });
  });

  it('makes the facts anew of somebody of whom the provider has lost everything', async () => {
    await doors.put('companies/initech', { company_activity: 'Giro: software' });
    const [memory] = await memoriesOf('initech');
    await provider.delete(memory?.id ?? '', AbortSignal.timeout(5_000));
    expect(await container.sync({ isFull: true })).toMatchObject({ factsMissing: 1, factsOrphaned: 0 });
    await recovered();
    expect(await atProvider('initech')).toEqual({ company_activity: 'Giro: software' });
  });

  it('finds the current value above what was said before, and says that it is current', async () => {
    const said = ['I work at Acme as an accountant.', 'My email is eve@old.example.', 'Mi cargo es jefa de ventas.'];
    const others = [
      'My sister works as a nurse.',
      'My locker is number 12.',
      'My boss called me on the phone yesterday.',
    ];
    for (const text of [...said, ...others])
      await container
        .memory()
        .add(
          { userId: 'eve', utterances: [{ role: 'user', name: null, content: text, at: null }], infer: false },
          aDeadline(),
        );
    const [email, role, phone] = [
      'Correo electrónico: eve@example.com',
      'Cargo: gerenta general',
      'Teléfono: +56 9 6123 4567',
    ];
    await doors.put('users/eve', { user_email: email ?? '', user_role: role ?? '', user_phone: phone ?? '' });
    await container.idle();
    const first = async (query: string) => (await doors.search('eve', query)).body.results[0];
    expect(await first('What is my email?')).toMatchObject({ text: email, current: true });
    expect(await first('¿Cuál es mi cargo?')).toMatchObject({ text: role, current: true });
    // It does not push itself forward where something else is asked.
    for (const [query, text] of [
      ['Who called me on the phone?', others[2]],
      ['Which locker do I have?', others[1]],
    ] as const) {
      const found = await first(query);
      expect(found.text).toBe(text);
      expect(found).not.toHaveProperty('current');
    }
  });

  it('is the only one to store facts', async () => {
    const { status, body } = await doors.add({ user_id: 'eve', text: 'Rol: intrusa', type: 'brain', infer: false });
    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ path: 'type' }]);
  });

  it('shows a company’s facts to people with a session alone, and lets nobody else change them', async () => {
    const tax = { company_tax_regime: 'Régimen tributario: ProPyme General' };
    await doors.put('companies/acme', tax);
    const asAna = { user_id: 'ana' };
    expect((await doors.list('companies/acme', asAna)).body).toMatchObject({ memories: [], count: 0 });
    expect((await doors.get('companies/acme', 'company_tax_regime', asAna)).status).toBe(404);
    expect((await doors.delete('companies/acme', 'company_tax_regime', asAna)).status).toBe(404);
    expect((await doors.history('companies/acme', 'company_tax_regime', asAna)).body.history).toEqual([]);
    const other = { company_tax_regime: 'Régimen tributario: otro' };
    for (const company of ['acme', 'unknown'])
      expect((await doors.put(`companies/${company}`, other, asAna)).body).toEqual({
        ...{ success: false, saved_count: 0, failed_count: 1, created: 0, updated: 0 },
        errors: [{ slug: 'company_tax_regime', code: 'no_session' }],
      });
    expect(await atProvider('acme')).toEqual(tax);
    expect((await doors.list('companies/acme')).body.count).toBe(1);
    // Who was turned away has taken no id.
    expect((await doors.put('users/unknown', { user_role: 'Rol: socia' })).status).toBe(200);
  });

  it('gives no id to a person and a company', async () => {
    const { status, body } = await doors.put('companies/ana', { company_activity: 'Giro: comercio' });
    expect(status).toBe(409);
    expect(body.detail).toMatch(/taken by a person/);
    expect((await doors.put('users/acme', { user_role: 'Rol: socia' })).body.detail).toMatch(/taken by a company/);
    const facts = [{ slug: 'company_activity', category: 'tax', content: 'Giro: comercio' }];
    const entries = ['ana', 'globex'].map((id) => ({ owner: { kind: 'companies' as const, id }, facts }));
    expect(await container.brain().saveAll(entries)).toMatchObject([
      { success: false, failedCount: 1, errors: [{ slug: 'company_activity', code: 'id_taken' }] },
      { success: true, savedCount: 1, created: 1 },
    ]);
    await tick();
    expect(await atProvider('globex')).toEqual({ company_activity: 'Giro: comercio' });
  });

  it('masks secrets before it keeps anything', async () => {
    const secret = 'My password is hunter2hunter2';
    expect((await doors.put('users/sol', { user_note: secret })).body.redacted).toBeDefined();
    expect(JSON.stringify([await doors.list('users/sol'), await memoriesOf('sol')])).not.toContain('hunter2');
    expect((await doors.put('users/sol', { user_note: secret })).body).toMatchObject({ created: 0, updated: 0 });
  });

  it('refuses what is no fact, and says where', async () => {
    const good = { slug: 'user_role', category: 'profile', content: 'Rol: socia' };
    const refused = async (memories: unknown[], path: string, owner = 'users/ana', query: Params = {}) => {
      const { status, body } = await doors.putAll(owner, memories, query);
      expect(status).toBe(400);
      expect(body.errors.map((error: Params) => error.path)).toEqual([path]);
    };
    await refused([], 'memories');
    await refused(Array(101).fill(good), 'memories');
    await refused([{ ...good, slug: 'User Role' }], 'memories.0.slug');
    await refused([good, good], 'memories.1.slug');
    await refused([{ ...good, content: ' ' }], 'memories.0.content');
    await refused([{ ...good, category: 7 }], 'memories.0.category');
    await refused([{ ...good, owner: 'x' }], 'memories.0.owner');
    await refused([good], 'kind', 'people/ana');
    await refused([good], 'id', 'users/a b');
    await refused([good], 'user_id', 'users/ana', { user_id: 'ben' });
  });
});

describe('the brain with no database to be reached', () => {
  const container = createContainer({
    env: { KEEPSAKE_HOME: freshHome(), DATABASE_URL: nowhere, LOG_LEVEL: 'silent' },
  });
  const doors = doorsOf(container);
  afterAll(() => container.close());

  it('keeps nothing and says so, and does not say that nothing is known', async () => {
    expect((await doors.put('users/ana', { user_role: 'Rol: socia' })).status).toBe(503);
    expect((await doors.delete('users/ana', 'user_role')).status).toBe(503);
    expect((await doors.get('users/ana', 'user_role')).status).toBe(503);
    expect(await doors.list('users/ana')).toMatchObject({
      status: 200,
      body: { memories: null, memory: { source: 'none', degraded: true, reason: 'database_unreachable' } },
    });
    await expect(container.brain().list({ kind: 'companies', id: 'acme' }, 'ana')).resolves.toBeNull();
    const owner = { kind: 'users' as const, id: 'ana' };
    await expect(container.brain().saveAll([{ owner, facts: [] }])).rejects.toThrow();
    await expect(container.brain().delete(owner, 'user_role', aDeadline())).rejects.toMatchObject({ status: 503 });
  });
});

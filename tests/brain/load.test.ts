import { randomUUID } from 'node:crypto';
import { createBrainLoadHandler } from '../../functions/brain-load';
import { createCompanyHandler } from '../../functions/company';
import { createCompanySessionHandler } from '../../functions/company-session';
import { createCompanySessionsHandler } from '../../functions/company-sessions';
import { createHealthHandler } from '../../functions/health';
import { createJobHandler } from '../../functions/job';
import { createLoadBrainHandler } from '../../functions/load-brain';
import { createProfileHandler } from '../../functions/profile';
import { createSearchHandler } from '../../functions/search';
import type { Owner } from '../../shared/brain/brain-contract';
import { createJobRows } from '../../shared/brain/job-rows';
import { toFacts } from '../../shared/brain/loaders';
import { createContainer } from '../../shared/container';
import { call } from '../support/endpoint';
import { startChild } from '../support/child';
import { createTestClock } from '../support/clock';
import { countRows } from '../support/count-rows';
import { overEachEngine } from '../support/databases';
import { freshHome } from '../support/home';
import { aDeadline, createTestService } from '../support/service';

const json = (method: string, params: Record<string, string>, body: object) => ({
  ...{ method, params, headers: { 'content-type': 'application/json' }, body: { string: JSON.stringify(body) } },
});

const acme = {
  ...{
    name: 'Acme',
    tax_regime: 'ProPyme General',
    activity: 'Transporte de carga',
    legal_representative: 'Ana Rojas',
  },
  ...{ start_date: '2019-03-01', accounting_start: '2020-01-01' },
};
const ana = { full_name: 'Ana Rojas', email: 'ana@example.com', phone: '+56 9 5555 0123', role: 'administradora' };

describe('facts of a record', () => {
  const kept = { metadata: {}, updatedAt: new Date(0) };
  const metadata = { from: 'record' };

  it('have a slug, a category and words for each field that says something', () => {
    const nobody = { ...kept, userId: 'ana', fullName: ' Ana Rojas ', email: '$& {value}', phone: ' \n', role: null };
    expect(toFacts('users', nobody)).toEqual({
      facts: [
        { slug: 'user_full_name', category: 'identity', content: 'Nombre completo: Ana Rojas', metadata },
        { slug: 'user_email', category: 'contact', content: 'Correo electrónico: $& {value}', metadata },
      ],
      empty: ['user_phone', 'user_role'],
    });
  });

  it('are in Spanish', () => {
    const company = {
      ...kept,
      companyId: 'acme',
      name: 'Acme',
      taxRegime: 'a',
      activity: 'b',
      legalRepresentative: 'c',
    };
    const { facts } = toFacts('companies', { ...company, startDate: 'd', accountingStart: 'e' });
    const person = { ...kept, userId: 'ana', fullName: 'f', email: 'g', phone: 'h', role: 'i' };
    expect([...facts, ...toFacts('users', person).facts].map(({ slug, content }) => [slug, content])).toEqual([
      ['company_tax_regime', 'Régimen tributario: a'],
      ['company_activity', 'Actividad económica: b'],
      ['company_legal_representative', 'Representante legal: c'],
      ['company_start_date', 'Inicio de actividades: d'],
      ['company_accounting_start', 'Inicio de contabilidad: e'],
      ['user_full_name', 'Nombre completo: f'],
      ['user_email', 'Correo electrónico: g'],
      ['user_phone', 'Teléfono: h'],
      ['user_role', 'Rol: i'],
    ]);
  });
});

describe('records', () => {
  const service = createTestService();
  const services = service.container;
  afterAll(service.close);
  const putCompany = (id: string, body: object) => call(createCompanyHandler(services), json('PUT', { id }, body));
  const getCompany = (id: string, query?: Record<string, string>) =>
    call(createCompanyHandler(services), { method: 'GET', params: { id }, query });
  const session = (method: string, body?: object) => {
    const params = { id: 'acme', user_id: 'ana' };
    return call(createCompanySessionHandler(services), body ? json(method, params, body) : { method, params });
  };
  const sessions = async () =>
    (await call(createCompanySessionsHandler(services), { method: 'GET', params: { id: 'acme' } })).body;
  /** The policies go by the database's clock. */
  const inMs = (milliseconds: number) => new Date(Date.now() + milliseconds).toISOString();

  it('are replaced whole: what is left out, or empty, is not known any more', async () => {
    const profile = createProfileHandler(services);
    const put = (body: object) => call(profile, json('PUT', { id: 'ana' }, body));
    const first = await put({ ...ana, metadata: { Source: 'crm' } });
    expect(first).toMatchObject({ status: 200, body: { user_id: 'ana', ...ana, metadata: { Source: 'crm' } } });
    expect(await put({ full_name: 'Ana Rojas', email: '', role: null })).toMatchObject({ status: 200 });
    const { body } = await call(profile, { method: 'GET', params: { id: 'ana' } });
    expect(body).toMatchObject({ full_name: 'Ana Rojas', email: null, phone: null, role: null, metadata: {} });
  });

  it('are masked before they are kept, and the reply says how often', async () => {
    const { body } = await putCompany('masked', { ...acme, activity: 'Card 4111 1111 1111 1111' });
    expect(body).toMatchObject({ redacted: { card: 1 } });
    expect(JSON.stringify((await getCompany('masked')).body)).not.toContain('4111');
  });

  it('of a company are there for a person as long as a session lasts', async () => {
    await putCompany('acme', acme);
    const asAna = async () => (await getCompany('acme', { as_user: 'ana' })).status;
    expect((await getCompany('acme')).body).toMatchObject({ company_id: 'acme', ...acme });
    expect(await asAna()).toBe(404);
    expect(await session('PUT', { expires_at: inMs(60_000) })).toMatchObject({ status: 200, body: { user_id: 'ana' } });
    expect(await asAna()).toBe(200);
    expect((await getCompany('acme', { as_user: 'ben' })).status).toBe(404);
    expect(await sessions()).toMatchObject({ sessions: [{ user_id: 'ana', company_id: 'acme' }] });
    // The test's clock stands long before the database's.
    const past = new Date(service.clock.now().getTime() + 1_000).toISOString();
    expect(await session('PUT', { expires_at: past })).toMatchObject({ status: 200 });
    expect(await asAna()).toBe(404);
    expect(await sessions()).toEqual({ sessions: [] });
    await session('PUT', { expires_at: inMs(60_000) });
    expect(await session('DELETE')).toMatchObject({ status: 200, body: { ended: true } });
    expect(await asAna()).toBe(404);
    expect((await session('DELETE')).status).toBe(404);
  });

  it('keep what is SQL in an id for an id', async () => {
    for (const id of ["acme'--", "' or '1'='1", 'acme; drop table companies']) {
      expect((await getCompany(id)).status).toBe(400);
      expect((await getCompany('acme', { as_user: id })).status).toBe(400);
    }
  });
});

describe('loading', () => {
  const service = createTestService({ env: { LOCAL_FUNCTION_KEY: 'the-key' } });
  const services = service.container;
  afterAll(service.close);
  afterEach(() => {
    service.provider.fault = () => null;
    service.clock.turn(600_000);
  });
  const put = (kind: Owner['kind'], id: string, body: object) =>
    call((kind === 'users' ? createProfileHandler : createCompanyHandler)(services), json('PUT', { id }, body));
  const job = async (id: string) =>
    (await call(createJobHandler(services), { method: 'GET', params: { id } })).body as Record<string, unknown>;
  const load = async (kind: Owner['kind'], id?: string) => {
    const { status, body } = await call(createBrainLoadHandler(services), json('POST', {}, { kind, id }));
    expect(status).toBe(202);
    await services.idle();
    return job((body as { job_id: string }).job_id);
  };
  const contents = async (owner: Owner) =>
    Object.fromEntries((await services.brain().list(owner))?.map(({ slug, content }) => [slug, content]) ?? []);
  const brainHealth = async () => {
    const headers = { 'x-functions-key': 'the-key' };
    return ((await call(createHealthHandler(services), { method: 'GET', headers })).body as { brain: object }).brain;
  };

  it('makes facts of all records, the provider has each, and the index finds them', async () => {
    await put('companies', 'acme', acme);
    await put('companies', 'globex', { name: 'Globex', activity: 'Restaurantes' });
    const loaded = await load('companies');
    expect(loaded).toMatchObject({
      ...{ kind: 'companies', id: null, state: 'done', total: 2, loaded: 2, failed: 0 },
      ...{ memories_created: 6, errors: {}, progress: 1 },
    });
    expect(await contents({ kind: 'companies', id: 'acme' })).toMatchObject({
      company_tax_regime: 'Régimen tributario: ProPyme General',
      company_start_date: 'Inicio de actividades: 2019-03-01',
    });
    expect(await contents({ kind: 'companies', id: 'globex' })).toEqual({
      company_activity: 'Actividad económica: Restaurantes',
    });
    expect(await brainHealth()).toEqual({ is_configured: true, pending: 0, failed: 0 });
    // Of both owners at once.
    expect(service.provider.calls.filter(({ method }) => method === 'addAll')).toHaveLength(1);
    const found = await call(
      createSearchHandler(services),
      json('POST', {}, { user_id: 'acme', query: 'régimen', limit: 1 }),
    );
    expect(found.body).toMatchObject({ results: [{ text: 'Régimen tributario: ProPyme General' }] });
  });

  it('again writes nothing, and what changed alone is written', async () => {
    const written = () => service.provider.done.filter(({ method }) => /add|update|delete/.test(method)).length;
    const before = written();
    expect(await load('companies')).toMatchObject({ loaded: 2, memories_created: 0 });
    expect(written()).toBe(before);
    await put('companies', 'acme', { ...acme, activity: 'Arriendo' });
    expect(await load('companies', 'acme')).toMatchObject({ id: 'acme', total: 1, loaded: 1, memories_created: 0 });
    expect(written()).toBe(before + 1);
    expect(await contents({ kind: 'companies', id: 'acme' })).toMatchObject({
      company_activity: 'Actividad económica: Arriendo',
    });
  });

  it('takes out what a record lost, and leaves what somebody else saved', async () => {
    await put('users', 'eva', { ...ana, role: null });
    await load('users', 'eva');
    const agents = { slug: 'user_role', category: 'identity', content: 'Rol: contadora' };
    await services.brain().saveUserMemories('eva', [agents], aDeadline());
    await put('users', 'eva', { full_name: 'Eva Rojas' });
    expect(await load('users', 'eva')).toMatchObject({ loaded: 1, memories_created: 0 });
    expect(await contents({ kind: 'users', id: 'eva' })).toEqual({
      ...{ user_full_name: 'Nombre completo: Eva Rojas', user_role: 'Rol: contadora' },
    });
    expect(await brainHealth()).toMatchObject({ pending: 0 });
  });

  it('goes on where the provider does not: what it did not take waits, and arrives with a tick', async () => {
    service.provider.fault = (method) => (method.startsWith('add') ? 'dies before' : null);
    for (const id of ['leo', 'ida']) await put('users', id, { ...ana, full_name: id });
    expect(await load('users')).toMatchObject({ state: 'done', failed: 0, memories_created: 8 });
    expect(await brainHealth()).toEqual({ is_configured: true, pending: 8, failed: 0 });
    service.provider.fault = () => null;
    service.clock.turn(600_000);
    await service.tick();
    expect(await brainHealth()).toMatchObject({ pending: 0 });
  });

  it('counts the one that cannot be loaded, with its code, and loads the others', async () => {
    await put('companies', 'leo', acme);
    expect(await load('companies')).toMatchObject({
      ...{ state: 'done', total: 3, loaded: 2, failed: 1, errors: { id_taken: 5 } },
    });
    expect(await load('companies', 'leo')).toMatchObject({ state: 'failed', loaded: 0, failed: 1 });
  });
});

it('a record that the database will not take fails alone', async () => {
  const home = freshHome();
  const env = { KEEPSAKE_HOME: home, LOG_LEVEL: 'silent', MEMORY_BACKEND: 'mem0' };
  const before = createContainer({ env });
  for (const id of ['76086428-5', '12345678-5', 'nobody', '11111111-1'])
    await before.profiles().put({ id, record: { fullName: id, email: null, phone: null, role: null, metadata: {} } });
  await before.close();
  // Under another scheme one of the ids is none.
  const services = createContainer({ env: { ...env, ENTITY_ID: 'rut' } });
  const { id } = await services.jobs().start('users');
  await services.jobs().idle();
  expect(await services.jobs().get(id)).toMatchObject({ state: 'done', loaded: 3, failed: 1, errors: { failed: 1 } });
  await services.close();
});

describe('a process that is killed while it loads', () => {
  const people = 450;
  it('leaves what another one goes on with: nobody is skipped, and nothing is counted or written twice', async () => {
    const home = freshHome();
    const env = { KEEPSAKE_HOME: home, LOG_LEVEL: 'silent', MEMORY_BACKEND: 'mem0' };
    const before = createContainer({ env });
    const record = { fullName: 'Ana', email: null, phone: null, role: 'socia', metadata: {} };
    await before.profiles().putAll(Array.from({ length: people }, (_, i) => ({ id: `person-${i}`, record })));
    await before.close();

    const child = startChild('tests/brain/fixtures/load-profiles.ts', [], env);
    const [id = ''] = (await child.line(/ running [1-9]/)).split(' ');
    await child.kill();

    const services = createContainer({ env });
    const unfinished = await services.jobs().get(id);
    expect(unfinished).toMatchObject({ state: 'running' });
    expect(unfinished?.loaded).toBeLessThan(people);
    await createLoadBrainHandler(services)({} as never, {} as never);
    expect(await services.jobs().get(id)).toMatchObject({
      ...{ state: 'done', total: people, loaded: people, failed: 0, memoriesCreated: 2 * people },
    });
    await services.close();
    const { user_brain, user_brain_events, outbox } = await countRows(home);
    expect({ user_brain, user_brain_events, outbox }).toEqual({
      ...{ user_brain: 2 * people, user_brain_events: 2 * people, outbox: 2 * people },
    });
  }, 60_000);
});

describe('a job', () => {
  overEachEngine((database) => {
    const clock = createTestClock();

    it('belongs to one process, until that is silent for a minute', async () => {
      const [one, other] = [createJobRows(database(), clock.now), createJobRows(database(), clock.now)];
      // The embedded database frees what a process before this one held.
      for (const rows of [one, other]) await rows.get(randomUUID());
      await one.add({ kind: 'load', subject: 'users', subjectId: null });
      const taken = await one.take();
      expect(taken).toMatchObject({ state: 'running' });
      expect(await other.take()).toBeNull();
      clock.turn(30_000);
      const db = await database().open();
      const advanced = taken && (await one.advance(db, taken, { cursor: 'ana' }));
      clock.turn(31_000);
      expect(await other.take()).toBeNull();
      clock.turn(30_000);
      const lost = await other.take();
      expect(lost).toMatchObject({ cursor: 'ana' });
      if (!advanced || !lost) throw new Error('nobody has the job');
      await expect(one.advance(db, advanced, { cursor: 'ben' })).rejects.toMatchObject({ name: 'JobLostError' });
      await one.release(advanced, 'done');
      expect(await other.get(lost.id)).toMatchObject({ state: 'running', cursor: 'ana' });
      await other.release(lost, 'done');
      expect(await one.take()).toBeNull();
    });
  });
});

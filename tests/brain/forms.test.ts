import { createBrainOnboardingHandler } from '../../functions/brain-onboarding';
import { createBrainSettingsHandler } from '../../functions/brain-settings';
import { formTemplates } from '../../shared/brain/form-templates';
import { toOnboardingFacts } from '../../shared/brain/onboarding';
import { toSettingsChange } from '../../shared/brain/settings-change';
import { createContainer } from '../../shared/container';
import { callJson } from '../support/doors';
import { freshHome } from '../support/home';
import { nowhere } from '../support/service';

const saying = (facts: { slug: string; content: string }[]) => facts.map(({ slug, content }) => [slug, content]);

describe('an onboarding form', () => {
  it('becomes one fact an answer, in Spanish; what was not answered becomes none', () => {
    const answers = { fullName: ' Ana Núñez ', role: null, goal: '', language: 'español', notifications: false };
    expect(saying(toOnboardingFacts('users', answers))).toEqual([
      ['user_full_name', 'Nombre completo: Ana Núñez'],
      ['user_language', 'Idioma: español'],
      ['user_notifications', 'Recibe avisos: no'],
    ]);
    expect(saying(toOnboardingFacts('companies', { taxRegime: 'ProPyme {value} $&', employees: 0 }))).toEqual([
      ['company_tax_regime', 'Régimen tributario: ProPyme {value} $&'],
      ['company_employees', 'Número de trabajadores: 0'],
    ]);
  });

  it('has a slug of its own for each field', () => {
    const all = Object.values(formTemplates).flat();
    expect(new Set(all.map(({ slug }) => slug)).size).toBe(all.length);
  });
});

describe('a change of settings', () => {
  it('is what is new or different, and what was emptied', () => {
    const before = { language: 'español', tone: 'de usted', goal: 'ahorrar', email: 'ana@example.com' };
    const after = { language: 'español', tone: 'de tú', goal: null, timeZone: 'America/Santiago', role: '' };
    const { facts, removed } = toSettingsChange('users', before, after);
    expect(saying(facts)).toEqual([
      ['user_time_zone', 'Zona horaria: America/Santiago'],
      ['user_tone', 'Trato que prefiere: de tú'],
    ]);
    expect(removed).toEqual(['user_role', 'user_goal']);
  });
});

describe('the doors of forms', () => {
  const container = createContainer({ env: { KEEPSAKE_HOME: freshHome(), LOG_LEVEL: 'silent' } });
  const onboard = (body: object) => callJson(createBrainOnboardingHandler(container), body);
  const change = (body: object) => callJson(createBrainSettingsHandler(container), body);
  const known = async (kind: 'users' | 'companies', id: string) =>
    saying((await container.brain().list({ kind, id })) ?? []);
  afterAll(() => container.close());

  const form = {
    person: { id: 'ana', full_name: 'Ana Núñez', email: 'ana@example.com', time_zone: 'America/Santiago' },
    company: { id: 'acme', name: 'Acme Ltda.', start_date: '2020-03-01', notifications: true },
  };

  it('keep the facts of a person and a company; the same form again writes nothing', async () => {
    const first = await onboard(form);
    expect(first).toMatchObject({ status: 200, body: { person: { success: true, saved_count: 3, created: 3 } } });
    expect(await known('users', 'ana')).toEqual([
      ['user_email', 'Correo electrónico: ana@example.com'],
      ['user_full_name', 'Nombre completo: Ana Núñez'],
      ['user_time_zone', 'Zona horaria: America/Santiago'],
    ]);
    expect(await known('companies', 'acme')).toContainEqual(['company_notifications', 'Recibe avisos: sí']);
    const again = await onboard(form);
    const unchanged = { success: true, saved_count: 3, created: 0, updated: 0 };
    expect(again.body).toMatchObject({ person: unchanged, company: unchanged });
  });

  it('change what was changed, and forget what was emptied', async () => {
    const before = { email: 'ana@example.com', time_zone: 'America/Santiago' };
    const after = { email: 'ana@work.example', time_zone: '' };
    const { status, body } = await change({ kind: 'users', id: 'ana', before, after });
    expect([status, body]).toMatchObject([200, { saved_count: 1, updated: 1, deleted: 1 }]);
    expect(await known('users', 'ana')).toEqual([
      ['user_email', 'Correo electrónico: ana@work.example'],
      ['user_full_name', 'Nombre completo: Ana Núñez'],
    ]);
  });

  it('change a company for nobody without a session there', async () => {
    const request = { kind: 'companies', id: 'acme', user_id: 'ben', after: { currency: 'CLP', name: null } };
    const refused = await change(request);
    expect(refused.body).toMatchObject({
      ...{ success: false, saved_count: 0, deleted: 0, errors: [{ slug: 'company_currency', code: 'no_session' }] },
    });
    expect(await known('companies', 'acme')).toContainEqual(['company_name', 'Razón social: Acme Ltda.']);
    await container.companySessions().open({ id: 'acme', userId: 'ben' });
    expect((await change(request)).body).toMatchObject({ success: true, saved_count: 1, deleted: 1 });
  });

  it.each([
    [onboard, {}, ['person']],
    [onboard, { person: { id: 'ana', shoe_size: 40, email: 'no' } }, ['person.email', 'person.shoe_size']],
    [
      onboard,
      { company: { id: 'acme', start_date: '1 March', employees: [3] } },
      ['company.employees', 'company.start_date'],
    ],
    [change, { kind: 'dogs', id: 'rex', after: {} }, ['kind']],
    [change, { kind: 'users', id: 'ana', after: { currency: 'CLP' } }, ['after.currency']],
    [change, { kind: 'users', id: 'ana', user_id: 'ben', after: {} }, ['user_id']],
  ])('say which fields do not fit', async (door, body, paths) => {
    const { status, body: problem } = await door(body);
    expect([status, problem.errors?.map(({ path }: { path: string }) => path).sort()]).toEqual([400, paths]);
  });

  it('answer 503 where nothing can be kept', async () => {
    const down = createContainer({ env: { KEEPSAKE_HOME: freshHome(), DATABASE_URL: nowhere, LOG_LEVEL: 'silent' } });
    expect((await callJson(createBrainOnboardingHandler(down), form)).status).toBe(503);
    await down.close();
  });
});

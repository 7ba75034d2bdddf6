import { createChatHandler } from '../../functions/chat';
import { createContainer } from '../../shared/container';
import { callJson } from '../support/doors';
import { freshHome } from '../support/home';
import { createModelServer, type ModelServer } from '../support/model-server';
import { modelSettings } from '../support/model-settings';
import { aDeadline, nowhere } from '../support/service';

type Container = ReturnType<typeof createContainer>;
const names = ['search_user_memory', 'save_user_memory', 'search_company_memory', 'save_company_memory'];
const regime = { slug: 'company_tax_regime', category: 'tax', content: 'Régimen tributario: ProPyme General' };

describe('tools for agents', () => {
  let model: ModelServer;
  let container: Container;
  let door: ReturnType<typeof createChatHandler>;

  beforeAll(async () => {
    model = await createModelServer();
    const env = { KEEPSAKE_HOME: freshHome(), RECALL_TIMEOUT_MS: '20000', LOG_LEVEL: 'silent' };
    container = createContainer({ env: { ...env, ...modelSettings(model) } });
    await container.warmUp();
    door = createChatHandler(container);
    const open = (id: string, userId: string) => container.companySessions().open({ id, userId });
    await container.companies().put({
      id: 'acme',
      record: {
        ...{ name: 'Acme Ltda.', taxRegime: null, activity: null, legalRepresentative: null },
        ...{ startDate: null, accountingStart: null, metadata: {} },
      },
    });
    for (const [company, person] of [
      ['acme', 'ana'],
      ['acme', 'dora'],
      ['bolt', 'dora'],
      ['bolt', 'ben'],
    ] as const)
      await open(company, person);
    await container
      .brain()
      .saveCompanyMemories('bolt', [{ ...regime, content: 'Régimen tributario: canary' }], aDeadline());
    await container.idle();
  });
  afterAll(async () => {
    await container.close();
    await model.close();
  });
  beforeEach(() => {
    model.requests.length = 0;
  });

  /** What the model calls for when it is asked, and says once it has it. */
  const chatWith = async (userId: string, calls: { name: string; input: object }[], message = 'About my company') => {
    model.answer = ({ results }) => (results.length >= calls.length ? { text: 'So it is.' } : { calls });
    const { body } = await callJson(door, { user_id: userId, message });
    await container.idle();
    return body.tools_used as { name: string; ok: boolean; result: Record<string, unknown> }[];
  };
  const offered = () => model.requests[0]?.body.tools.map((tool: { function: { name: string } }) => tool.function.name);
  const rowOf = (id: string, slug: string) => container.brain().get({ kind: 'companies', id }, slug);

  it('are offered in a chat to somebody with a session at a company, who saves and recalls a fact of it', async () => {
    const [saved] = await chatWith(
      'ana',
      [{ name: 'save_company_memory', input: regime }],
      'We are ProPyme General now',
    );
    expect(saved).toMatchObject({ ok: true, result: { company_id: 'acme', slug: regime.slug, status: 'created' } });
    expect(offered()).toEqual(expect.arrayContaining(names));
    expect(model.requests[0]?.system).toContain('- acme: Acme Ltda.');
    const [found] = await chatWith('ana', [{ name: 'search_company_memory', input: { query: 'régimen tributario' } }]);
    expect(found?.result).toMatchObject({
      company_id: 'acme',
      memories: [{ text: regime.content, slug: regime.slug, current: true }],
    });
    const [again] = await chatWith('ana', [{ name: 'save_company_memory', input: regime }]);
    expect(again?.result).toMatchObject({ status: 'unchanged' });
  });

  it('are not offered to somebody without one, and not carried out if the model asks all the same', async () => {
    const used = await chatWith('carl', [{ name: 'save_company_memory', input: { ...regime, company_id: 'acme' } }]);
    expect(offered()).toEqual(expect.not.arrayContaining(names));
    expect(offered()).toContain('search_memory');
    expect(used.filter(({ ok }) => ok)).toEqual([]);
  });

  it('give nothing of another company and change nothing there, whoever the model says it is', async () => {
    const used = await chatWith('ana', [
      { name: 'search_company_memory', input: { query: 'régimen tributario', company_id: 'bolt' } },
      { name: 'save_company_memory', input: { ...regime, company_id: 'bolt' } },
      { name: 'save_company_memory', input: { ...regime, company_id: `bolt' OR '1'='1` } },
      { name: 'search_user_memory', input: { query: 'anything', user_id: 'ben' } },
    ]);
    // The last one does not even fit: no input names a person.
    expect(used.map(({ ok, result }) => [ok, result.error])).toEqual(
      [1, 2, 3].map(() => [false, 'no_company_session']),
    );
    expect(JSON.stringify([used, model.requests.map(({ body }) => body)])).not.toContain('canary');
    expect(await rowOf('bolt', regime.slug)).toMatchObject({ content: 'Régimen tributario: canary' });
  });

  it('ask somebody with several companies for which', async () => {
    const [unclear, chosen] = await chatWith('dora', [
      { name: 'search_company_memory', input: { query: 'régimen' } },
      { name: 'search_company_memory', input: { query: 'régimen', company_id: 'acme' } },
    ]);
    const companies = [
      { id: 'acme', name: 'Acme Ltda.' },
      { id: 'bolt', name: null },
    ];
    expect(unclear).toMatchObject({ ok: false, result: { error: 'which_company', companies } });
    expect(chosen).toMatchObject({ ok: true, result: { company_id: 'acme' } });
  });

  it('end with the session', async () => {
    await container.companySessions().end({ id: 'bolt', userId: 'ben' });
    await chatWith('ben', []);
    expect(offered()).toEqual(expect.not.arrayContaining(names));
  });

  it('keep one value a slug of the person who speaks', async () => {
    const email = (content: string) => ({ name: 'save_user_memory', input: { slug: 'user_email', content } });
    const used = await chatWith('ana', [email('ana@old.example'), email('ana@new.example')]);
    expect(used.map(({ result }) => result.status)).toEqual(['created', 'updated']);
    const [found] = await chatWith('ana', [{ name: 'search_user_memory', input: { query: 'ana@new.example' } }]);
    expect(found?.result.memories).toContainEqual(
      expect.objectContaining({ text: 'ana@new.example', slug: 'user_email', current: true }),
    );
    expect(JSON.stringify(found?.result)).not.toContain('ana@old.example');
  });

  describe('over the Model Context Protocol', () => {
    const callOf = (from: Container, name: string) => {
      const tool = from.mcpTools().find((each) => each.name === name);
      return (input: unknown, userId = 'ana') => tool?.call(input, { userId, deadline: aDeadline() });
    };

    it('have names, schemas and results of plain JSON', async () => {
      const tools = container.mcpTools();
      expect(tools.map(({ name }) => name)).toEqual(names);
      expect(tools[3]?.inputSchema).toMatchObject({
        type: 'object',
        properties: { slug: { type: 'string' }, company_id: { type: 'string' } },
        required: ['slug', 'content'],
        additionalProperties: false,
      });
      const result = await callOf(container, 'search_company_memory')({ query: 'régimen tributario' });
      expect(result).toMatchObject({ isError: false, structuredContent: { company_id: 'acme' } });
      expect(JSON.parse(result?.content[0].text ?? '')).toEqual(result?.structuredContent);
    });

    it('say what was wrong with a call', async () => {
      const save = callOf(container, 'save_company_memory');
      const refused = {
        isError: true,
        structuredContent: { error: 'bad_input', fields: [expect.stringMatching(/^slug: /)] },
      };
      expect(await save({ ...regime, slug: 'No Slug' })).toMatchObject(refused);
      expect(await save(regime, 'carl')).toMatchObject({
        isError: true,
        structuredContent: { error: 'no_company_session' },
      });
    });

    it('say that nothing could be reached where the database is down', async () => {
      const env = { KEEPSAKE_HOME: freshHome(), DATABASE_URL: nowhere, LOG_LEVEL: 'silent' };
      const down = createContainer({ env });
      const unavailable = { isError: true, structuredContent: { error: 'unavailable' } };
      expect(await callOf(down, 'search_company_memory')({ query: 'régimen' })).toMatchObject(unavailable);
      expect(await callOf(down, 'save_user_memory')({ slug: 'user_email', content: 'a@b.example' })).toMatchObject(
        unavailable,
      );
      expect(await callOf(down, 'search_user_memory')({ query: 'email' })).toMatchObject({
        ...{ isError: false, structuredContent: { memories: null } },
      });
      await down.close();
    });
  });
});

describe('the coach', () => {
  it('answers from what is known of the company where somebody has a session, and of no other', async () => {
    const container = createContainer({
      env: { KEEPSAKE_HOME: freshHome(), LOG_LEVEL: 'silent', RECALL_TIMEOUT_MS: '20000' },
    });
    await container.warmUp();
    await container.companySessions().open({ id: 'acme', userId: 'ana' });
    await container.brain().saveCompanyMemories('acme', [regime], aDeadline());
    await container.idle();
    const ask = async (userId: string) => {
      const { body } = await callJson(createChatHandler(container), {
        user_id: userId,
        message: '¿Cuál es nuestro régimen tributario?',
      });
      return body.reply as string;
    };
    expect(await ask('ana')).toContain('ProPyme General');
    expect(await ask('ben')).not.toContain('ProPyme');
    await container.close();
  });
});

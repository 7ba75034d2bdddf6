import { createLeadHandler } from '../../functions/lead';
import { createLeadsHandler } from '../../functions/leads';
import { createMemoryHandler } from '../../functions/memory';
import { createSearchHandler } from '../../functions/search';
import { callJson } from '../support/doors';
import { call } from '../support/endpoint';
import { createTestService } from '../support/service';

const uuid = expect.stringMatching(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/);

describe('leads', () => {
  const service = createTestService({ env: { LOG_LEVEL: 'silent' } });
  const { container, provider, clock, tick } = service;
  beforeAll(() => container.warmUp());
  afterEach(() => {
    provider.fault = () => null;
  });
  afterAll(() => service.close());

  const post = (sessionId: string, leadData: object, more: object = {}) =>
    callJson(createLeadsHandler(container), { session_id: sessionId, lead_data: leadData, ...more });
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer is what it checks.
  const get = async (id: string): Promise<{ status: number; body: any }> =>
    call(createLeadHandler(container), { method: 'GET', params: { id } });
  const search = async (userId: string, query: string) => {
    const { body } = await callJson(createSearchHandler(container), { user_id: userId, query, types: ['lead'] });
    return body.results as { text: string; type: string; session_id: string; metadata: object }[];
  };

  const ana = {
    name: 'Ana Soto',
    phone: '+56 9 5555 0101',
    company: 'Viña Norte',
    interest_level: 'media',
    budget: 4200,
  };

  it('are kept, and found as memories', async () => {
    const { status, body } = await post('s-1', ana, {
      call_id: 'c-1',
      transcript_summary: 'Asked about two bedrooms.',
    });
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        ...{ success: true, lead_id: uuid, user_id: uuid, memory_id: uuid, mem0_id: uuid },
        ...{ storage: 'local', message: 'Lead stored.' },
      },
    });
    expect(await search(body.user_id, 'two bedrooms')).toEqual([
      expect.objectContaining({
        text: 'Lead; name: Ana Soto; phone: +56 9 5555 0101; company: Viña Norte; interest level: media; budget: 4200\nAsked about two bedrooms.',
        ...{ type: 'lead', session_id: 's-1', metadata: { ...ana, id: body.lead_id } },
      }),
    ]);
  });

  it('have a version a summary, and of every field the last word', async () => {
    const first = await post('s-2', { name: 'Eva', phone: '+56955550102', budget: 'low' });
    const at = clock.now().toISOString();
    clock.turn(60_000);
    const second = await post('s-2', { phone: '(+56) 9-5555-0102', name: null, budget: 'high', pets: ['Milo'] });
    expect(second.body).toMatchObject({ lead_id: first.body.lead_id, user_id: first.body.user_id });
    expect(second.body.memory_id).not.toBe(first.body.memory_id);
    const { status, body } = await get(first.body.lead_id);
    const id = first.body.lead_id;
    expect([status, body]).toEqual([
      200,
      {
        ...{ lead_id: id, user_id: first.body.user_id, transcript_summary: null },
        lead_data: { id, name: 'Eva', phone: '(+56) 9-5555-0102', budget: 'high', pets: ['Milo'] },
        ...{ created_at: at, updated_at: clock.now().toISOString() },
        versions: [
          expect.objectContaining({
            lead_data: { id, phone: '(+56) 9-5555-0102', name: null, budget: 'high', pets: ['Milo'] },
          }),
          {
            ...{ memory_id: first.body.memory_id, mem0_id: uuid, session_id: 's-2', call_id: null },
            ...{ lead_data: { id, name: 'Eva', phone: '+56955550102', budget: 'low' }, transcript_summary: null, at },
          },
        ],
      },
    ]);
  });

  it('are kept once when the same summary is sent again', async () => {
    const lead = { phone: '+56955550109', nested: { b: 1, a: [2] }, timeline: 'June' };
    const first = await post('s-14', lead, { transcript_summary: 'Asked about parking.' });
    const again = await post('s-14', lead, { transcript_summary: 'Asked about parking.' });
    const other = await post('s-14', lead, { transcript_summary: 'Asked about parking, twice.' });
    expect(again).toEqual(first);
    expect(other.body.memory_id).not.toBe(first.body.memory_id);
    expect((await get(first.body.lead_id)).body.versions).toHaveLength(2);
    expect(await search(first.body.user_id, 'parking')).toHaveLength(2);
  });

  it('are one over sessions by the caller’s own id, another without it', async () => {
    const first = await post('s-3', { id: 'CRM 77', phone: '+56955550103' });
    const second = await post('s-4', { id: 'CRM 77', timeline: 'June' });
    const third = await post('s-5', { phone: '+56955550103' });
    expect(first.body.lead_id).toBe('CRM 77');
    expect(second.body).toMatchObject({ lead_id: 'CRM 77', user_id: first.body.user_id });
    expect(third.body).toMatchObject({ lead_id: uuid, user_id: first.body.user_id });
    const { body } = await get('CRM 77');
    expect(body.versions.map((version: { session_id: string }) => version.session_id)).toEqual(['s-4', 's-3']);
    expect(body.lead_data).toMatchObject({ phone: '+56955550103', timeline: 'June' });
  });

  it('are of whoever has the phone, else of who spoke in the session', async () => {
    const resolved = await container.identity().resolve({ type: 'whatsapp', address: '56955550104' });
    const byPhone = await post('s-6', { phone: 'tel:+56 (9) 5555-0104' });
    const bySession = await post('s-6', { name: 'Fay' });
    const unread = await post('s-6', { phone: 'five five five', name: 'Fay' });
    for (const { body } of [byPhone, bySession, unread]) expect(body.user_id).toBe(resolved);
    expect(unread.body.message).toMatch(/kept as it was said/);
    const [alone, again] = [await post('s-7', { name: 'Gil' }), await post('s-7', { name: 'Gil' })];
    expect(alone.body.user_id).not.toBe(resolved);
    expect(again.body).toMatchObject({ user_id: alone.body.user_id, lead_id: alone.body.lead_id });
  });

  it('never show what is of somebody else, though the id is the same', async () => {
    const hers = await post('s-8', { id: '1', phone: '+56955550105', email: 'her.secret@example.com' });
    clock.turn(1_000);
    const his = await post('s-9', { id: '1', phone: '+56955550106' });
    expect(his.body.user_id).not.toBe(hers.body.user_id);
    const { body } = await get('1');
    expect(body.versions).toHaveLength(1);
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(await search(his.body.user_id, 'her secret e-mail')).toHaveLength(1);
    expect(JSON.stringify(await search(his.body.user_id, 'her secret e-mail'))).not.toContain('secret@');
  });

  it('are readable at once while the provider is down, and reach it by a later tick', async () => {
    provider.fault = () => 'unavailable';
    const { status, body } = await post('s-10', { phone: '+56955550107', interest_level: 'high' });
    expect([status, body]).toEqual([
      201,
      {
        ...{ success: true, lead_id: uuid, user_id: uuid, memory_id: uuid, mem0_id: null, storage: 'fallback' },
        message: 'Lead kept; it goes to the memory provider later.',
      },
    ]);
    expect((await get(body.lead_id)).body.versions).toEqual([
      expect.objectContaining({ memory_id: body.memory_id, mem0_id: null }),
    ]);
    expect(await search(body.user_id, 'interest')).toHaveLength(1);
    provider.fault = () => null;
    clock.turn(600_000);
    await tick();
    expect((await get(body.lead_id)).body.versions).toEqual([
      expect.objectContaining({ memory_id: body.memory_id, mem0_id: uuid }),
    ]);
    expect(await search(body.user_id, 'interest')).toHaveLength(1);
  });

  it('lose the version whose memory is deleted', async () => {
    const { body } = await post('s-11', { id: 'gone', phone: '+56955550108' });
    expect((await get('gone')).status).toBe(200);
    await call(createMemoryHandler(container), { method: 'DELETE', params: { id: body.mem0_id } });
    expect((await get('gone')).status).toBe(404);
  });

  it('stay as they are under names that are not ours', async () => {
    const data = {
      id: 'odd',
      constructorName: 'A',
      snake_case: 1,
      nested: { deepKey: [{ inner_key: null }] },
      budget: null,
    };
    await post('s-12', data);
    expect((await get('odd')).body.versions[0].lead_data).toEqual(data);
  });

  it('take five summaries of a session at once', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, (_, i) => post('s-13', { name: 'Ida', turn: i })));
    expect(new Set(all.map(({ body }) => body.lead_id)).size).toBe(1);
    expect((await get(all[0]?.body.lead_id)).body.versions).toHaveLength(5);
  });
});

import { createCalls } from '../support/calls';
import { aDeadline, createTestService } from '../support/service';

const dayMs = 86_400_000;
const phone = '+14155550123';
const name = 'José Núñez';

/** Ids by the order in which they first stand there; those of exchanges keep their moments. */
function withoutChance(state: unknown): unknown {
  const names = new Map<string, string>();
  const text = JSON.stringify(state).replace(/(mem_\d{8}_\d{6}_\d{6})_[\da-f]{12}/g, '$1');
  const named = text.replace(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/g, (id) => {
    const name = names.get(id) ?? `id ${names.size}`;
    names.set(id, name);
    return name;
  });
  return JSON.parse(named);
}

/**
 * Three calls of one person: in the first nobody knows them until they say their number, in the second they are greeted from memory, move
 * their visit and become a lead, in the third they move it once more. What is said during them is checked here; what is left in the end
 * is given back.
 */
async function callFlow(isProviderDown: boolean) {
  const service = createTestService();
  const { container, clock, provider, tick } = service;
  const calls = createCalls(container);
  const storage = isProviderDown ? 'fallback' : 'local';
  try {
    await container.warmUp();
    if (isProviderDown) provider.fault = () => 'unavailable';
    const say = async (session_id: string, user: object, query: string, answer: string) => {
      clock.turn(30_000);
      const { status, body } = await calls.store({ session_id, call_id: `${session_id}-a`, user, query, answer });
      expect(status).toBe(201);
      expect(body).toMatchObject({ success: true, storage });
    };

    expect((await calls.find({ phone })).body).toMatchObject({ success: true, memories: [], count: 0 });
    const stranger = await calls.context('call-1', { phone });
    expect(stranger.body).toMatchObject({
      user_id: null,
      recent_memories: [],
      user_context: { total_interactions: 0 },
    });
    await say('call-1', {}, 'Hello, is the flat on Elm Street still free?', 'It is. How can I reach you?');
    await say('call-1', { phone, name }, 'At +1 415 555 0123. Can I see it on Monday?', 'Monday at ten it is.');

    clock.turn(dayMs);
    const returning = await calls.find({ phone: '001 (415) 555-0123', limit: '10' });
    expect(returning.body).toMatchObject({ count: 1, user_identifier: phone, source: storage });
    expect(returning.body.memories[0].content).toContain('Monday at ten it is.');
    const greeted = await calls.context('call-2', { phone });
    expect(greeted.body).toMatchObject({ user_context: { total_interactions: 1 } });
    expect(greeted.body.recent_memories).toMatchObject([{ answer: 'Monday at ten it is.', this_session: false }]);
    await say('call-2', { phone }, 'Can we reschedule the visit to Wednesday?', 'Of course, Wednesday at ten.');
    const lead = { name, phone, interest_level: 'high', budget: 450_000, source_campaign: 'spring' };
    const summary = 'Wants to see the flat on Elm Street; moved to Wednesday.';
    const kept = await calls.lead({ session_id: 'call-2', lead_data: lead, transcript_summary: summary });
    expect(kept).toMatchObject({ status: 201, body: { success: true, storage } });

    clock.turn(dayMs);
    await say('call-3', { phone: 'tel:+1-415-555-0123' }, 'I have to reschedule again, Friday?', 'Friday at ten.');
    const third = await calls.context('call-3');
    expect(third.body).toMatchObject({
      user_context: { total_interactions: 3 },
      lead: { lead_data: { interest_level: 'high' } },
    });
    expect(third.body.recommendations.length).toBeGreaterThan(0);

    provider.fault = () => null;
    clock.turn(60_000);
    await tick();
    const { user_id: userId } = third.body;
    const { value } = await container.memory().list(userId, { limit: 100, cursor: null }, aDeadline());
    const recall = await container.memory().recall({ userId, query: 'Wednesday visit', limit: 5 }, aDeadline());
    const state = {
      phone: await calls.find({ phone }),
      name: await calls.find({ name: 'jose nunez' }),
      sessions: await Promise.all(['call-1', 'call-2', 'call-3'].map((session_id) => calls.find({ session_id }))),
      contexts: await Promise.all(['call-1', 'call-2', 'call-3'].map((session) => calls.context(session))),
      lead: await calls.leadOf(kept.body.lead_id),
      provider: value?.items.map(({ text, type, topic, tags, metadata, sessionId, createdAt }) => {
        return { text, type, topic, tags, metadata, sessionId, createdAt };
      }),
      found: recall.value?.map(({ memory, provisional }) => ({ text: memory.text, provisional })),
      outbox: await tick(),
    };
    return withoutChance(state) as typeof state;
  } finally {
    await service.close();
  }
}

describe('the calls of one person', () => {
  it('leave the same whether the provider was there or down throughout and came back', async () => {
    const there = await callFlow(false);
    expect(there.phone.body).toMatchObject({ count: 3, source: 'local', memory: { degraded: false } });
    expect(there.sessions.map(({ body }) => body.count)).toEqual([2, 1, 1]);
    expect(there.provider).toHaveLength(4);
    expect(there.outbox).toEqual({ people: 0, failed: 0 });
    expect(await callFlow(true)).toEqual(there);
  }, 60_000);
});

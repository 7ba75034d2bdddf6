import { createAddMemoryHandler } from '../../functions/add-memory';
import { createChatHandler } from '../../functions/chat';
import { createCheckInsHandler } from '../../functions/check-ins';
import { createConversationsHandler } from '../../functions/conversations';
import { createConversationsBatchHandler } from '../../functions/conversations-batch';
import { createGoalHandler } from '../../functions/goal';
import { createGoalsHandler } from '../../functions/goals';
import { createIdentitiesLinkHandler } from '../../functions/identities-link';
import { createIdentityHandler } from '../../functions/identity';
import { createLeadHandler } from '../../functions/lead';
import { createLeadsHandler } from '../../functions/leads';
import { createSearchHandler } from '../../functions/search';
import { call } from '../support/endpoint';
import { createTestService, nowhere } from '../support/service';

const channel = { type: 'sms', address: '+14155550123' };
const json = (body: object, method = 'POST', params = {}) => ({
  ...{ method, params, headers: { 'content-type': 'application/json' }, body: { string: JSON.stringify(body) } },
});

describe('with no database to be reached', () => {
  const { container, close } = createTestService({ env: { DATABASE_URL: nowhere, LOG_LEVEL: 'silent' } });
  beforeAll(() => container.warmUp());
  afterAll(close);

  const get = { method: 'GET', params: { user_id: 'ana' } };
  const talk = { session_id: 's-1', user: { id: 'ana' }, query: 'Hello?', answer: 'Hello.' };
  const said = { message: 'Hello', conversation_id: 'c-1' };

  /** What rests on the database alone says so when it is gone: a 503 that asks to come again, not a 500. */
  it.each([
    ['goals', createGoalsHandler, get],
    ['check-ins', createCheckInsHandler, get],
    ['goal', createGoalHandler, json({ status: 'done' }, 'PATCH', { id: '7d3c7a52-3f0e-4c55-9d0b-0f7d1c9b8a11' })],
    ['add-memory by channel', createAddMemoryHandler, json({ channel, text: 'My locker is number 12.' })],
    ['search by channel', createSearchHandler, json({ channel, query: 'locker' })],
    ['chat by channel', createChatHandler, json({ channel, ...said })],
    ['chat in a group', createChatHandler, json({ sender: channel, participants: [channel], ...said })],
    ['conversations', createConversationsHandler, json(talk)],
    ['conversations/batch', createConversationsBatchHandler, json({ conversations: [talk] })],
    ['leads', createLeadsHandler, json({ session_id: 's-1', lead_data: { name: 'Ana' } })],
    ['lead', createLeadHandler, { method: 'GET', params: { id: 'lead-1' } }],
    ['identities-link', createIdentitiesLinkHandler, json({ user_id: 'ana', channel })],
    ['identity', createIdentityHandler, { method: 'GET', params: channel }],
    ['identity, taken away', createIdentityHandler, { method: 'DELETE', params: channel }],
  ] as const)('%s answers 503 and when to come again', async (_, create, request) => {
    const answer = await call(create(container), request);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
  });

  /** The provider is elsewhere. */
  it.each([
    ['add-memory', createAddMemoryHandler, json({ user_id: 'ana', text: 'My locker is number 12.' }), 201],
    ['search', createSearchHandler, json({ user_id: 'ana', query: 'locker' }), 200],
    ['chat', createChatHandler, json({ user_id: 'ana', ...said }), 200],
  ] as const)('%s by user_id goes on', async (_, create, request, status) => {
    expect((await call(create(container), request)).status).toBe(status);
  });
  it('a caller’s exchanges are null: nobody knows who it is', async () => {
    const queries = Object.entries({ phone: channel.address, name: 'Ana', session_id: 's-1' });
    for (const [key, value] of queries) {
      const { status, body } = await call(createConversationsHandler(container), {
        method: 'GET',
        query: { [key]: value },
      });
      expect(status).toBe(200);
      const memory = { source: 'none', degraded: true, reason: 'database_unreachable' };
      expect(body).toMatchObject({ success: false, memories: null, count: 0, user_identifier: null, memory });
    }
  });
});

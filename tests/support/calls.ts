import { createConversationsHandler } from '../../functions/conversations';
import { createConversationsBatchHandler } from '../../functions/conversations-batch';
import { createLeadHandler } from '../../functions/lead';
import { createLeadsHandler } from '../../functions/leads';
import { createSessionContextHandler } from '../../functions/session-context';
import type { Container } from '../../shared/container';
import { call } from './endpoint';

/** The doors of calls, as a voice agent uses them. */
export function createCalls(container: Container) {
  const doors = createConversationsHandler(container);
  const post = (handler: typeof doors, body: object) =>
    call(handler, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: { string: JSON.stringify(body) } },
    });
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer is what it checks.
  const read = async (answer: ReturnType<typeof call>) => (await answer) as { status: number; body: any };
  return {
    store: (body: object) => read(post(doors, body)),
    storeAll: (conversations: unknown[]) => read(post(createConversationsBatchHandler(container), { conversations })),
    lead: (body: object) => read(post(createLeadsHandler(container), body)),
    leadOf: (id: string) => read(call(createLeadHandler(container), { method: 'GET', params: { id } })),
    context: (session_id: string, query: Record<string, string> = {}) =>
      read(call(createSessionContextHandler(container), { method: 'GET', params: { session_id }, query })),
    find: (query: Record<string, string>) => read(call(doors, { method: 'GET', query })),
  };
}

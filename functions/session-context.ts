import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';
import { exchangeView, leadView } from '../shared/http/views';

const request = z.strictObject({
  session_id: fields.label(),
  phone: fields.queryPhone.optional(),
});

export const createSessionContextHandler = (services: Container) =>
  endpoint(services, 'session-context', request, async (session, { deadline }) => {
    const { recentMemories, lead, ...context } = await services.sessionContext().of(session, deadline);
    const recent = recentMemories?.map(({ thisSession, ...one }) => ({ ...exchangeView(one), thisSession })) ?? null;
    return reply(200, { ...context, lead: lead && leadView(lead), recentMemories: recent });
  });

app.http('session-context', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'sessions/{session_id}/context',
  handler: createSessionContextHandler(container),
});

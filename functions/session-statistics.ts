import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';

const request = z.strictObject({ session_id: fields.label(), user_id: fields.userId.optional() });

export const createSessionStatisticsHandler = (services: Container) =>
  endpoint(services, 'session-statistics', request, async (session, { deadline }) =>
    reply(200, await services.sessionStatistics().of(session, deadline)),
  );

app.http('session-statistics', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'sessions/{session_id}/statistics',
  handler: createSessionStatisticsHandler(container),
});

import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';

export const createCompanySessionsHandler = (services: Container) =>
  endpoint(services, 'company-sessions', z.strictObject({ id: fields.label() }), async ({ id }) =>
    reply(200, { sessions: await services.companySessions().list(id) }),
  );

app.http('company-sessions', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'companies/{id}/sessions',
  handler: createCompanySessionsHandler(container),
});

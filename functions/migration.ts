import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';
import { migrationView, notFound } from '../shared/http/views';

const request = z.strictObject({ id: fields.id });

export const createMigrationHandler = (services: Container) =>
  endpoint(services, 'migration', request, async ({ id }) => {
    const found = await services.migrations().find(id);
    if (!found) throw notFound('migration');
    return reply(200, { ...migrationView(found.status), report: found.report });
  });

app.http('migration', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'migrations/{id}',
  handler: createMigrationHandler(container),
});

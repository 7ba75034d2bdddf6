import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';
import { notFound } from '../shared/http/views';

const request = z.strictObject({ id: fields.id });

export const createMemoryHistoryHandler = (services: Container) =>
  endpoint(services, 'memory-history', request, async ({ id }, { deadline }) => {
    const { value, memory } = await services.memory().history(id, deadline);
    if (value?.length === 0) throw notFound('memory');
    return reply(200, { history: value, memory });
  });

app.http('memory-history', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'memories/{id}/history',
  handler: createMemoryHistoryHandler(container),
});

import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';

const request = z.strictObject({
  kind: z.enum(['users', 'companies'], 'must be users or companies'),
  id: fields.label().optional(),
});

export const createBrainLoadHandler = (services: Container) =>
  endpoint(services, 'brain-load', request, async ({ kind, id }) => {
    const job = await services.jobs().start(kind, id);
    return reply(202, { jobId: job.id });
  });

app.http('brain-load', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'brain/load',
  handler: createBrainLoadHandler(container),
});

import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';
import { jobView, notFound } from '../shared/http/views';

export const createJobHandler = (services: Container) =>
  endpoint(services, 'job', z.strictObject({ id: fields.id }), async ({ id }) => {
    const job = await services.jobs().get(id);
    if (!job) throw notFound('job');
    return reply(200, jobView(job));
  });

app.http('job', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'jobs/{id}',
  handler: createJobHandler(container),
});

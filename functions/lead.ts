import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';
import { leadView, notFound } from '../shared/http/views';

const request = z.strictObject({ id: fields.leadId });

export const createLeadHandler = (services: Container) =>
  endpoint(services, 'lead', request, async ({ id }) => {
    const lead = await services.leads().get(id);
    if (!lead) throw notFound('lead');
    return reply(200, leadView(lead));
  });

app.http('lead', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'leads/{id}',
  handler: createLeadHandler(container),
});

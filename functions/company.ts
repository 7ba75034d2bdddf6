import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { byMethod } from '../shared/http/by-method';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';
import { company, toRecord } from '../shared/http/records';
import { notFound } from '../shared/http/views';

/** `as_user`: as this person may see it. */
const asked = z.strictObject({ id: fields.label(), as_user: fields.label().optional() });

export const createCompanyHandler = (services: Container) =>
  byMethod({
    PUT: endpoint(services, 'company', company, async (given) => {
      const { record: kept, ...masked } = await services.companies().put(toRecord(given));
      return reply(200, { ...kept, ...masked });
    }),
    GET: endpoint(services, 'company', asked, async ({ id, asUser }) => {
      const kept = await services.companies().get(id, asUser);
      if (!kept) throw notFound('company');
      return reply(200, kept);
    }),
  });

app.http('company', {
  methods: ['GET', 'PUT'],
  authLevel: 'function',
  route: 'companies/{id}',
  handler: createCompanyHandler(container),
});

import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { byMethod } from '../shared/http/by-method';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';
import { profile, toRecord } from '../shared/http/records';
import { notFound } from '../shared/http/views';

export const createProfileHandler = (services: Container) =>
  byMethod({
    PUT: endpoint(services, 'profile', profile, async (given) => {
      const { record: kept, ...masked } = await services.profiles().put(toRecord(given));
      return reply(200, { ...kept, ...masked });
    }),
    GET: endpoint(services, 'profile', z.strictObject({ id: fields.label() }), async ({ id }) => {
      const kept = await services.profiles().get(id);
      if (!kept) throw notFound('profile');
      return reply(200, kept);
    }),
  });

app.http('profile', {
  methods: ['GET', 'PUT'],
  authLevel: 'function',
  route: 'profiles/{id}',
  handler: createProfileHandler(container),
});

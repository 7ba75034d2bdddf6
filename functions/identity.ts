import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { byMethod } from '../shared/http/by-method';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';
import { ProblemError } from '../shared/http/problem';
import type { Person } from '../shared/identity/identity-contract';

const request = z.strictObject({ type: fields.channelType, address: fields.address });

const found = (person: Person | null) => {
  if (!person) throw new ProblemError(404, 'Nobody has this address.');
  return reply(200, person);
};

export const createIdentityHandler = (services: Container) =>
  byMethod({
    GET: endpoint(services, 'identity', request, async (channel) => found(await services.identity().find(channel))),
    DELETE: endpoint(services, 'identity', request, async (channel) =>
      found(await services.identity().unlink(channel)),
    ),
  });

app.http('identity', {
  methods: ['GET', 'DELETE'],
  authLevel: 'function',
  route: 'identities/{type}/{address}',
  handler: createIdentityHandler(container),
});

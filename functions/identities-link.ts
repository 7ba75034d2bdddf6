import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';

const request = z.strictObject({ user_id: fields.userId, channel: fields.channel });

export const createIdentitiesLinkHandler = (services: Container) =>
  endpoint(services, 'identities-link', request, async ({ userId, channel }) =>
    reply(200, await services.identity().link(userId, channel)),
  );

app.http('identities-link', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'identities/link',
  handler: createIdentitiesLinkHandler(container),
});

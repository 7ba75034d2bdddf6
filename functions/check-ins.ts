import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';

const request = z.strictObject({ user_id: fields.userId, ...fields.paging });

export const createCheckInsHandler = (services: Container) =>
  endpoint(services, 'check-ins', request, async ({ userId, limit, cursor = null }) => {
    const { items, nextCursor } = await services.goals().listCheckIns(userId, { limit, cursor });
    return reply(200, { checkIns: items, nextCursor });
  });

app.http('check-ins', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'users/{user_id}/check-ins',
  handler: createCheckInsHandler(container),
});

import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';
import { memoryView, pageView } from '../shared/http/views';

const request = z.strictObject({ user_id: fields.userId, ...fields.paging, type: fields.label(64).optional() });

export const createUserMemoriesHandler = (services: Container) =>
  endpoint(services, 'user-memories', request, async ({ userId, limit, cursor = null, type }, { deadline }) =>
    reply(
      200,
      pageView('memories', await services.memory().list(userId, { limit, cursor, type }, deadline), memoryView),
    ),
  );

app.http('user-memories', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'users/{user_id}/memories',
  handler: createUserMemoriesHandler(container),
});

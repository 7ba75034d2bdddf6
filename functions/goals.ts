import { app } from '@azure/functions';
import { z } from 'zod';
import { goalStatuses } from '../shared/chat/goals';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';

const request = z.strictObject({ user_id: fields.userId, status: z.enum(goalStatuses).optional() });

export const createGoalsHandler = (services: Container) =>
  endpoint(services, 'goals', request, async ({ userId, status }) =>
    reply(200, { goals: await services.goals().list(userId, status) }),
  );

app.http('goals', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'users/{user_id}/goals',
  handler: createGoalsHandler(container),
});

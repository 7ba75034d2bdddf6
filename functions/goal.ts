import { app } from '@azure/functions';
import { z } from 'zod';
import { goalStatuses } from '../shared/chat/goals';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';
import { notFound } from '../shared/http/views';

const request = z
  .strictObject({ id: fields.id, title: fields.text(200).optional(), status: z.enum(goalStatuses).optional() })
  .superRefine(fields.atLeastOneOf('title', 'status'));

export const createGoalHandler = (services: Container) =>
  endpoint(services, 'goal', request, async ({ id, ...change }) => {
    const goal = await services.goals().update(id, change);
    if (!goal) throw notFound('goal');
    return reply(200, goal);
  });

app.http('goal', {
  methods: ['PATCH'],
  authLevel: 'function',
  route: 'goals/{id}',
  handler: createGoalHandler(container),
});

import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';

const request = z.strictObject({ user_id: fields.userId.optional(), full: z.boolean().default(false) });

/** A run's own time, and a little for the answer. */
const budgetMs = 60_000;

export const createSyncHandler = (services: Container) =>
  endpoint(
    services,
    'sync',
    request,
    async ({ userId, full }) => reply(200, await services.sync({ userId, isFull: full })),
    { budgetMs },
  );

app.http('sync', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'sync',
  handler: createSyncHandler(container),
});

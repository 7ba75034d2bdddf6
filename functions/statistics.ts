import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';

export const createStatisticsHandler = (services: Container) =>
  endpoint(services, 'statistics', z.strictObject({}), async (_, { deadline }) =>
    reply(200, await services.report(deadline)),
  );

app.http('statistics', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'statistics',
  handler: createStatisticsHandler(container),
});

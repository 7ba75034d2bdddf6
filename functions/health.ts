import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';

export const createHealthHandler = (services: Container) =>
  endpoint(services, 'health', z.strictObject({}), async (_, { functionKey }) => {
    const report = await services.health();
    return reply(
      report.status === 'unhealthy' ? 503 : 200,
      services.isOperator(functionKey) ? report : { status: report.status },
    );
  });

app.http('health', {
  methods: ['GET'],
  authLevel: 'anonymous',
  route: 'health',
  handler: createHealthHandler(container),
});

import { app } from '@azure/functions';
import { type Container, container } from '../shared/container';
import { factOfOwner, toOwner } from '../shared/http/brain';
import { endpoint, reply } from '../shared/http/endpoint';

export const createBrainFactHistoryHandler = (services: Container) =>
  endpoint(services, 'brain-fact-history', factOfOwner, async (input) =>
    reply(200, { history: await services.brain().history(toOwner(input), input.slug, input.userId) }),
  );

app.http('brain-fact-history', {
  methods: ['GET'],
  authLevel: 'function',
  route: 'brain/{kind}/{id}/{slug}/history',
  handler: createBrainFactHistoryHandler(container),
});

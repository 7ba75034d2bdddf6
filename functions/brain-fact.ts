import { app } from '@azure/functions';
import { type Container, container } from '../shared/container';
import { factOfOwner, factView, toOwner } from '../shared/http/brain';
import { byMethod } from '../shared/http/by-method';
import { endpoint, reply } from '../shared/http/endpoint';
import { notFound } from '../shared/http/views';

export const createBrainFactHandler = (services: Container) =>
  byMethod({
    GET: endpoint(services, 'brain-fact', factOfOwner, async (input) => {
      const row = await services.brain().get(toOwner(input), input.slug, input.userId);
      if (!row) throw notFound('fact');
      return reply(200, factView(row));
    }),
    DELETE: endpoint(services, 'brain-fact', factOfOwner, async (input, { deadline }) => {
      if (!(await services.brain().delete(toOwner(input), input.slug, deadline, input.userId))) throw notFound('fact');
      return reply(200, { status: 'deleted' });
    }),
  });

app.http('brain-fact', {
  methods: ['GET', 'DELETE'],
  authLevel: 'function',
  route: 'brain/{kind}/{id}/{slug}',
  handler: createBrainFactHandler(container),
});

import { app } from '@azure/functions';
import { type Container, container } from '../shared/container';
import { factsOfOwner, factsView, facts, toOwner } from '../shared/http/brain';
import { byMethod } from '../shared/http/by-method';
import { endpoint, reply } from '../shared/http/endpoint';

export const createBrainFactsHandler = (services: Container) =>
  byMethod({
    PUT: endpoint(
      services,
      'brain-facts',
      facts,
      async ({ kind, id, userId, memories }, { deadline }) => {
        const brain = services.brain();
        const saving =
          kind === 'users'
            ? brain.saveUserMemories(id, memories, deadline)
            : brain.saveCompanyMemories(id, memories, deadline, userId);
        return reply(200, await saving);
      },
      { readsQuery: true },
    ),
    GET: endpoint(services, 'brain-facts', factsOfOwner, async (input) =>
      reply(200, factsView(await services.brain().list(toOwner(input), input.userId))),
    ),
  });

app.http('brain-facts', {
  methods: ['PUT', 'GET'],
  authLevel: 'function',
  route: 'brain/{kind}/{id}',
  handler: createBrainFactsHandler(container),
});

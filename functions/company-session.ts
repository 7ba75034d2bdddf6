import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { byMethod } from '../shared/http/by-method';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';
import { ProblemError } from '../shared/http/problem';

const session = z.strictObject({ id: fields.label(), user_id: fields.label() });

export const createCompanySessionHandler = (services: Container) =>
  byMethod({
    PUT: endpoint(
      services,
      'company-session',
      session.extend({ expires_at: fields.moment.optional() }),
      async (opened) => reply(200, await services.companySessions().open(opened)),
    ),
    DELETE: endpoint(services, 'company-session', session, async (ended) => {
      if (!(await services.companySessions().end(ended)))
        throw new ProblemError(404, 'This person has no session with this company.');
      return reply(200, { ended: true });
    }),
  });

app.http('company-session', {
  methods: ['PUT', 'DELETE'],
  authLevel: 'function',
  route: 'companies/{id}/sessions/{user_id}',
  handler: createCompanySessionHandler(container),
});

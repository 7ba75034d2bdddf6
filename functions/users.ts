import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';
import { pageView } from '../shared/http/views';

const request = z.strictObject(fields.paging);

export const createUsersHandler = (services: Container) =>
  endpoint(services, 'users', request, async ({ limit, cursor = null }, { deadline }) =>
    reply(
      200,
      pageView('users', await services.memory().users({ limit, cursor }, deadline), (person) => person),
    ),
  );

app.http('users', { methods: ['GET'], authLevel: 'function', route: 'users', handler: createUsersHandler(container) });

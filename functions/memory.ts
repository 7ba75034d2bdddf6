import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { byMethod } from '../shared/http/by-method';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';
import { memoryView, notFound } from '../shared/http/views';
import type { WriteResult } from '../shared/memory/memory-contract';

const named = z.strictObject({ id: fields.id });
const change = z
  .strictObject({
    id: fields.id,
    text: fields.message.optional(),
    metadata: fields.metadata.optional(),
    expires_at: fields.moment.nullable().optional(),
  })
  .superRefine(fields.atLeastOneOf('text', 'metadata', 'expires_at'));

/** 202 where the provider has still to take it. */
const written = ({ status, memory, ...rest }: WriteResult) => {
  if (status === 'missing') throw notFound('memory');
  return reply(status === 'stored' ? 200 : 202, { status, memory: memory && memoryView(memory), ...rest });
};

export const createMemoryHandler = (services: Container) =>
  byMethod({
    GET: endpoint(services, 'memory', named, async ({ id }, { deadline }) => {
      const { value, memory } = await services.memory().get(id, deadline);
      if (value && !value.found) throw notFound('memory');
      return reply(200, { result: value?.found ? memoryView(value.found) : null, memory });
    }),
    PATCH: endpoint(services, 'memory', change, async ({ id, ...fields }, { deadline }) =>
      written(await services.memory().update(id, fields, deadline)),
    ),
    DELETE: endpoint(services, 'memory', named, async ({ id }, { deadline }) =>
      written(await services.memory().delete(id, deadline)),
    ),
  });

app.http('memory', {
  methods: ['GET', 'PATCH', 'DELETE'],
  authLevel: 'function',
  route: 'memories/{id}',
  handler: createMemoryHandler(container),
});

import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';
import { memoryView } from '../shared/http/views';

const labels = z.array(fields.label(64)).min(1).max(20);

const request = z
  .strictObject({
    ...fields.person,
    query: fields.query,
    limit: fields.bodyLimit,
    types: labels.optional(),
    topics: labels.optional(),
    tags: fields.tags.optional(),
    metadata: fields.metadata.optional(),
    session_id: fields.label().optional(),
    since: fields.moment.optional(),
    until: fields.moment.optional(),
    min_score: z.number().min(-10).max(10).optional(),
    max_tokens: z.number().int().min(10).max(100_000).optional(),
    debug: z.boolean().optional(),
  })
  .superRefine(fields.exactlyOneOf('user_id', 'channel'));

export const createSearchHandler = (services: Container) =>
  endpoint(
    services,
    'search',
    request,
    async ({ userId, channel, query, limit, minScore, maxTokens, debug, ...filter }, { deadline }) => {
      const person = await services.identity().person({ userId, channel });
      const recall = await services
        .memory()
        .recall({ userId: person, query, limit, minScore, maxTokens, filter }, deadline);
      const { value, memory, context, timingsMs } = recall;
      const results = value?.map((ranked) => ({
        ...memoryView(ranked.memory),
        score: ranked.score,
        scoreBreakdown: ranked.breakdown,
      }));
      return reply(200, {
        results: results ?? null,
        count: results?.length ?? 0,
        context,
        query,
        memory,
        ...(debug && { timingsMs }),
      });
    },
  );

app.http('search', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'search',
  handler: createSearchHandler(container),
});

import { app } from '@azure/functions';
import { z } from 'zod';
import { type Container, container } from '../shared/container';
import { endpoint, reply } from '../shared/http/endpoint';
import * as fields from '../shared/http/fields';
import { migrationView } from '../shared/http/views';

const provider = z.enum(['mem0', 'zep', 'local'], 'must be mem0, zep or local');

const request = z
  .strictObject({
    source: provider,
    target: provider,
    users: z.array(fields.userId).min(1).max(200).optional(),
    new_people: z.boolean().default(false),
    session_id: fields.label().optional(),
    mode: z.enum(['full', 'incremental'], 'must be full or incremental').default('full'),
    since: fields.moment.optional(),
    dry_run: z.boolean().default(false),
    role: fields.label(64).optional(),
    batch_size: z.number().int().min(1).max(10_000).optional(),
    concurrency: z.number().int().min(1).max(64).optional(),
    error_budget: z.number().min(0).max(1).optional(),
  })
  .superRefine(fields.needs('session_id', 'users'))
  .refine(({ new_people: all, users, since, mode }) => !all || (!users && !since && mode === 'full'), {
    ...{ path: ['new_people'], message: 'goes with neither users, since nor incremental' },
  })
  .refine(({ source, target }) => source !== target, { path: ['target'], message: 'must be another than source' })
  .refine(({ mode, since }) => mode === 'full' || !since, { path: ['since'], message: 'does not go with incremental' });

/** A dry run reads all that there is to move. */
const budgetMs = 60_000;

export const createMigrationsHandler = (services: Container) =>
  endpoint(
    services,
    'migrations',
    request,
    async ({ source: from, target: to, dryRun, ...order }, { deadline }) => {
      const migrations = services.migrations();
      if (!dryRun) return reply(202, migrationView(await migrations.start({ from, to, ...order })));
      return reply(200, migrationView(await migrations.estimate({ from, to, ...order }, deadline)));
    },
    { budgetMs },
  );

app.http('migrations', {
  methods: ['POST'],
  authLevel: 'function',
  route: 'migrations',
  handler: createMigrationsHandler(container),
});

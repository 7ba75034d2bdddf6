import { z } from 'zod';
import { type Endpoint, MigrationError, type MigrationRequest } from './migration-contract';

const endpoint = z.union([z.enum(['mem0', 'zep', 'local']), z.strictObject({ file: z.string().min(1) })]);

const schema = z.strictObject({
  from: endpoint,
  to: endpoint,
  users: z.array(z.string().min(1).max(128)).min(1).max(10_000).optional(),
  newPeople: z.boolean().default(false),
  sessionId: z.string().min(1).max(256).optional(),
  since: z.coerce.date().optional(),
  dryRun: z.boolean().default(false),
  role: z.string().min(1).max(64).optional(),
  batchSize: z.number().int().min(1).max(10_000).default(100),
  concurrency: z.number().int().min(1).max(64).default(32),
  errorBudget: z.number().min(0).max(1).default(0.01),
  mapping: z.string().min(1).optional(),
});

/** What a caller hands over instead of naming a source. */
export const given = 'given';

/** A request with its defaults. */
export type FullRequest = z.output<typeof schema>;

/** A request as its run has kept it; of what was handed over there is no source to name. */
export const readKept = (
  request: Record<string, unknown>,
): Omit<FullRequest, 'from'> & { from?: FullRequest['from'] } => schema.partial({ from: true }).parse(request);

export const nameOf = (end: Endpoint): string => (typeof end === 'string' ? end : 'file');

/** Throws `MigrationError` that names every field which does not fit. */
export function readRequest(request: MigrationRequest | Record<string, unknown>): FullRequest {
  const { data, error } = schema.safeParse(request);
  if (!data) {
    const problems = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new MigrationError('invalid_request', `The migration does not fit: ${problems.join('; ')}`);
  }
  if (nameOf(data.from) === nameOf(data.to))
    throw new MigrationError('invalid_request', `Source and target are the same: ${nameOf(data.from)}.`);
  const part = data.users ?? data.sessionId ?? data.since;
  if (data.newPeople && part !== undefined)
    throw new MigrationError(
      'invalid_request',
      'New people move with all that is theirs: without users, session or since.',
    );
  return data;
}

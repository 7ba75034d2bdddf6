import type { Job } from '../brain/job-rows';
import { type Exchange, toContent } from '../conversations/conversations-contract';
import type { Lead } from '../conversations/lead-contract';
import { brainType, type Memory, type Page } from '../memory/memory';
import type { Read } from '../memory/memory-contract';
import type { MigrationStatus } from '../migration/migration-contract';
import { ProblemError } from './problem';

/** A memory as callers see it. */
export const memoryView = ({ id, userId, text, type, topic, tags, metadata, ...rest }: Memory) => ({
  ...{ id, userId, text, type, topic, tags, metadata },
  speaker: rest.speaker,
  sessionId: rest.sessionId,
  createdAt: rest.createdAt,
  updatedAt: rest.updatedAt,
  expiresAt: rest.expiresAt,
  supersededBy: rest.supersededBy,
  /** Said of what the brain keeps alone: other memories may be current, too, and nobody knows. */
  ...(type === brainType && { current: true }),
});

/** An exchange as callers see it: `id` is theirs for good, `mem0_id` the provider's. */
export const exchangeView = ({
  id,
  sessionId,
  callId,
  query,
  answer,
  tags,
  metadata,
  at,
  topic,
  memoryId,
}: Exchange) => ({
  ...{ id, content: toContent({ query, answer }), sessionId, callId, query, answer, tags, metadata },
  ...{ createdAt: at, topic, mem0Id: memoryId },
});

/** A lead as callers see it; `lead_data` is in their own words. */
export const leadView = ({ data, versions, ...lead }: Lead) => ({
  ...lead,
  leadData: data,
  versions: versions.map(({ id, memoryId, sessionId, callId, data, transcriptSummary, at }) => ({
    ...{ memoryId: id, mem0Id: memoryId, sessionId, callId, leadData: data, transcriptSummary, at },
  })),
});

/** A job as callers see it; `progress` from 0 to 1. */
export const jobView = ({ id, subject, subjectId, total, loaded, failed, state, ...rest }: Job) => ({
  ...{ jobId: id, kind: subject, id: subjectId, state, total, loaded, failed },
  memoriesCreated: rest.memoriesCreated,
  errors: rest.errors,
  progress: state === 'done' || state === 'failed' ? 1 : total === 0 ? 0 : (loaded + failed) / total,
  createdAt: rest.createdAt,
  updatedAt: rest.updatedAt,
});

/** A page under the name of what is on it; null, with the reason in `memory`, where it could not be read. */
export const pageView = <T>(name: string, { value, memory }: Read<Page<T>>, view: (item: T) => unknown) => ({
  [name]: value?.items.map(view) ?? null,
  nextCursor: value?.nextCursor ?? null,
  memory,
});

/** Counts whose names are somebody's words, which stay as they are. */
const toList = (counts: Record<string, number>) => Object.entries(counts).map(([name, count]) => ({ name, count }));

/** A run of the migration as callers see it. */
export function migrationView({ from, to, counts, ...run }: MigrationStatus) {
  const { poison, unmapped, problems, ...others } = counts;
  const settled = others.done + others.present + Object.values(poison).reduce((sum, count) => sum + count, 0);
  return {
    ...{ id: run.id, source: from, target: to, state: run.state, dryRun: run.dryRun },
    progress: { done: settled, total: others.planned },
    counts: { ...others, setAside: toList(poison), unmapped: toList(unmapped), unusable: toList(problems) },
    ...{ problems: run.problems, startedAt: run.startedAt, endedAt: run.endedAt },
    ...{ lastError: run.lastError, keepUntil: run.keepUntil },
  };
}

/** What there is none of. */
export const notFound = (what: string) => new ProblemError(404, `There is no ${what} with this id.`);

import type { Metadata } from '../memory/memory';

/** Who or what memories are read from and written to: a provider by its name, or an export file. */
export type Endpoint = 'mem0' | 'zep' | 'local' | { file: string };

export interface MigrationRequest {
  from: Endpoint;
  to: Endpoint;
  /** One person, and one session of theirs; everybody where there is neither. */
  userId?: string;
  sessionId?: string;
  /** Only what was made or changed then or later. */
  since?: Date;
  dryRun: boolean;
  /** People between two validation gates. */
  batchSize: number;
  concurrency: number;
  /** Share of items that may be set aside before the run stops at a gate: 0 to 1. */
  errorBudget: number;
  /** A file that overrides the mapping tables. */
  mapping?: string;
}

/** Something on its way: what `migration_items` has a row for. */
export interface MigrationItem {
  sourceId: string;
  userId: string;
  kind: 'message' | 'memory' | 'metadata';
  sessionId: string | null;
  role: string | null;
  type: string;
  content: string;
  metadata: Metadata;
  createdAt: Date;
}

export interface MigrationCounts {
  people: number;
  messages: number;
  memories: number;
  metadata: number;
  planned: number;
  done: number;
  /** Set aside, by reason. */
  poison: Record<string, number>;
  /** What has no mapping, by what it was called at the source. */
  unmapped: Record<string, number>;
  /** Calls to the target, made or, in a dry run, estimated; and their cost in US dollars where a price is known. */
  calls: number;
  cost: number | null;
}

export interface MigrationStatus {
  id: string;
  from: string;
  to: string;
  state: 'running' | 'paused' | 'done' | 'failed' | 'rolled_back';
  dryRun: boolean;
  counts: MigrationCounts;
  startedAt: Date;
  endedAt: Date | null;
  lastError: string | null;
}

/** One thing that was looked at, with its numbers. */
export interface CheckPoint {
  name:
    | 'person_exists'
    | 'sessions_loaded'
    | 'counts_equal'
    | 'timestamps_kept'
    | 'metadata_intact'
    | 'hashes_equal'
    | 'order_kept'
    | 'searches_overlap';
  passed: boolean;
  expected: number;
  found: number;
  /** Ids of the source that differ, at most 20. */
  examples: string[];
}

export interface Validation {
  passed: boolean;
  people: number;
  checks: CheckPoint[];
}

export interface Progress {
  (progress: { done: number; total: number; what: string }): void;
}

/** Moves memories between two providers. Methods reject where the database cannot be reached; what a vendor does is in the counts. */
export interface Migrator {
  run(request: MigrationRequest, onProgress?: Progress, signal?: AbortSignal): Promise<MigrationStatus>;
  /** Goes on with a run that was killed or paused, from its checkpoints. */
  resume(runId: string, onProgress?: Progress, signal?: AbortSignal): Promise<MigrationStatus>;
  status(runId?: string): Promise<MigrationStatus | null>;
  migrateUser(userId: string, role: string): Promise<MigrationStatus>;
  migrateConversation(
    sessionId: string,
    messages: { role: string; content: string; at?: Date }[],
    userId: string,
  ): Promise<MigrationStatus>;
  migrateSnapshot(sessionId: string, type: string, content: string, userId: string): Promise<MigrationStatus>;
  validate(runId: string, only?: { userId?: string; sessionId?: string }, onProgress?: Progress): Promise<Validation>;
  /** What a person can sign: Markdown, with the manifest's sha256. */
  report(runId: string): Promise<{ markdown: string; json: Record<string, unknown> }>;
  /** Takes out of the target what the run put there. */
  rollback(runId: string, onProgress?: Progress): Promise<MigrationStatus>;
}

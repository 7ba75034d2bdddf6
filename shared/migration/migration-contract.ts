import type { Memory } from '../memory/memory';

/** Who or what memories are read from and written to: a provider by its name, or an export file (docs/migration.md tells what it holds). */
export type Endpoint = 'mem0' | 'zep' | 'local' | { file: string };

export interface MigrationRequest {
  from: Endpoint;
  to: Endpoint;
  /** These people, by id; everybody where it is missing. */
  users?: string[];
  /**
   * Those who began at the source while `MEMORY_NEW_PEOPLE` named it. Once they are all at the target, the first provider, they are at home
   * there. Refused while it still names it.
   */
  newPeople?: boolean;
  /** One session of theirs. */
  sessionId?: string;
  /** Only what was made or changed then or later. A file is asked by its `updated_at`. */
  since?: Date;
  /** Counts and estimates, and writes nothing anywhere. Default false. */
  dryRun?: boolean;
  /** What these people are, by the mapping's `user_roles`; it goes to the target as a memory of type `metadata`. */
  role?: string;
  /** People between two validation gates: 1 to 10,000, default 100. */
  batchSize?: number;
  /** Calls at a time, at most: 1 to 64, default 32. What a vendor bears may be less, which is found out as it goes. */
  concurrency?: number;
  /** Share of items that may be set aside before the run stops at a gate: 0 to 1, default 0.01. */
  errorBudget?: number;
  /** A file that overrides the mapping tables; see mapping.json. */
  mapping?: string;
}

/** Something on its way, in the target's words: what `migration_items` has a row for. */
export interface MigrationItem
  extends Pick<
    Memory,
    'userId' | 'type' | 'topic' | 'tags' | 'metadata' | 'sessionId' | 'speaker' | 'createdAt' | 'expiresAt'
  > {
  /** Its id at the source. */
  sourceId: string;
  kind: 'message' | 'memory' | 'metadata';
  role: 'user' | 'assistant' | 'system';
  content: string;
  /** The item that superseded it, by its id at the source. */
  supersededBy: string | null;
  /** What the mapping has no entry for, as `type:mood`; it is carried as it is. */
  unmapped: string[];
}

/** A record that cannot be used: which one, by line and path in a file (`$.memories[12].created_at`), and what is wrong with it. */
export interface SourceProblem {
  code: 'truncated' | 'not_json' | 'wrong_encoding' | 'wrong_type' | 'duplicate_id' | 'too_large';
  line: number;
  path: string;
  /** In our words, for a person to correct it by: never what the record holds. */
  message: string;
}

export interface MigrationCounts {
  /** People who were begun with, and those whose every item is settled. */
  people: number;
  peopleDone: number;
  messages: number;
  memories: number;
  metadata: number;
  /** Items in all, and what became of them: `done` with what an earlier run had brought already (`present`); the rest is under way. */
  planned: number;
  done: number;
  present: number;
  rolledBack: number;
  /** Set aside, by reason. */
  poison: Record<string, number>;
  /** What has no mapping and was carried as it is, by what it was called at the source. */
  unmapped: Record<string, number>;
  /** Records of a file that could not be used, by code. */
  problems: Record<string, number>;
  /** Calls to the target, made or, in a dry run, estimated; and their cost in US dollars where the mapping names a price. */
  calls: number;
  cost: number | null;
}

/** `paused`: stopped at a gate, by a signal, or because a vendor was away for long; `resume` goes on. `lastError` says why, as a code. */
export type MigrationState = 'running' | 'paused' | 'done' | 'failed' | 'rolled_back';

export interface MigrationStatus {
  id: string;
  from: string;
  to: string;
  state: MigrationState;
  dryRun: boolean;
  counts: MigrationCounts;
  /** The first 100 of a file's. Not kept: a run that is asked for later has none. */
  problems: SourceProblem[];
  startedAt: Date;
  endedAt: Date | null;
  lastError: string | null;
  /** Until when the source is to be kept, once the run was archived. */
  keepUntil: Date | null;
}

export const checkNames = [
  'person_exists',
  'sessions_loaded',
  'counts_equal',
  'timestamps_kept',
  'metadata_intact',
  'hashes_equal',
  'order_kept',
  'searches_overlap',
] as const;

/** One thing that was looked at, with its numbers. */
export interface CheckPoint {
  name: (typeof checkNames)[number];
  passed: boolean;
  expected: number;
  found: number;
  /** Ids of the source that differ, or of people, at most 20. */
  examples: string[];
}

export interface Validation {
  passed: boolean;
  people: number;
  items: number;
  checks: CheckPoint[];
}

/** Told now and then. `total` is what is known of by now: it may grow. */
export type Progress = (progress: { done: number; total: number; what: string }) => void;

/** What `archive` writes: every item's hash and where it lies now, and a signature over all of it. */
export interface Archive {
  runId: string;
  file: string;
  items: number;
  sha256: string;
  keepUntil: Date;
}

/**
 * Thrown for what the caller can put right: an unknown run, a request that does not fit, a run that another process has, a file that
 * cannot be read, a key that is missing. Its message says what to do.
 */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
  constructor(
    readonly code:
      | 'unknown_run'
      | 'invalid_request'
      | 'busy'
      | 'not_resumable'
      | 'file'
      | 'mapping'
      | 'signing_key'
      | 'not_done',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/**
 * Moves memories between two providers, or a provider and a file. Methods reject with `MigrationError` for what the caller can put right,
 * and with the database's error where it cannot be reached; what a vendor does is in the counts.
 */
export interface Migrator {
  /** Resolves when everything is settled, or the run is paused: by `signal` at the next checkpoint. The same run twice brings nothing twice. */
  run(request: MigrationRequest, onProgress?: Progress, signal?: AbortSignal): Promise<MigrationStatus>;
  /** Notes a run to be carried out by `resume`, perhaps by another process; its id. */
  plan(request: MigrationRequest): Promise<string>;
  /**
   * Goes on with a run that was killed or paused, from its checkpoints; `busy` where another process is at it and was for 15 s. Where `signal` ends
   * because a time is up (`TimeoutError`), the run stays `running`, for whoever goes on with the unfinished.
   */
  resume(runId: string, onProgress?: Progress, signal?: AbortSignal): Promise<MigrationStatus>;
  /** Of one run, the latest without an id; null where there is none. */
  status(runId?: string): Promise<MigrationStatus | null>;
  /** The latest runs, newest first. */
  runs(limit: number): Promise<MigrationStatus[]>;
  /**
   * Runs between providers that are to be gone on with and that nobody is at, oldest first: planned ones, those whose process died, and those that a vendor's
   * absence paused.
   */
  unfinished(): Promise<string[]>;
  migrateUser(
    userId: string,
    role: string,
    between: Pick<MigrationRequest, 'from' | 'to'>,
    signal?: AbortSignal,
  ): Promise<MigrationStatus>;
  /** Messages that a caller holds. What it is called with twice is brought once. */
  migrateConversation(
    sessionId: string,
    messages: { role: string; content: string; at: Date }[],
    to: { userId: string; to: Endpoint },
  ): Promise<MigrationStatus>;
  /** One snapshot that a caller holds: `type` is a word of the mapping's `memory_types`. */
  migrateSnapshot(
    sessionId: string,
    type: string,
    content: string,
    to: { userId: string; to: Endpoint; at: Date },
  ): Promise<MigrationStatus>;
  /** Compares source and target, person by person. */
  validate(
    runId: string,
    only?: { userId?: string; sessionId?: string },
    onProgress?: Progress,
    signal?: AbortSignal,
  ): Promise<Validation>;
  /** What a person can sign: Markdown, with the sha256 of everything that was brought. With a validation, its numbers. */
  report(runId: string, validation?: Validation): Promise<{ markdown: string; json: Record<string, unknown> }>;
  /** Writes a signed manifest to `file`, and notes until when the source is to be kept. The run must be done. */
  archive(runId: string, to: { days: 30 | 90; file: string }): Promise<Archive>;
  /** Takes out of the target what the run put there, newest first; what an earlier run put there stays. */
  rollback(runId: string, onProgress?: Progress, signal?: AbortSignal): Promise<MigrationStatus>;
}

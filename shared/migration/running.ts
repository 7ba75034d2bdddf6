import { hasLeft } from '../resilience/deadline';
import { pause } from '../resilience/pause';
import { describeError, type Logger } from '../telemetry/logger';
import { atATime, flat } from './at-a-time';
import { type Held, LeaseLostError } from './checkpoints';
import { sumOf } from './counts';
import { MigrationError, type MigrationCounts, type MigrationState, type Progress } from './migration-contract';
import { OutageError } from './pace';
import type { FullRequest } from './request';
import type { Source } from './source';

/** Why a run stopped at a gate. */
class GateError extends Error {
  constructor(readonly reason: 'error_budget' | 'validation_failed') {
    super(reason);
  }
}

export interface RunningOptions {
  held: Held;
  source: Source;
  request: Pick<FullRequest, 'batchSize' | 'concurrency' | 'errorBudget'>;
  logger: Logger;
  move(userId: string, signal: AbortSignal): Promise<void>;
  /** Whether these people stand the comparison of source and target. */
  validate(people: string[], signal: AbortSignal): Promise<boolean>;
  counts(): Promise<MigrationCounts>;
  /** Everybody is there. */
  settle(): Promise<void>;
  onProgress: Progress;
}

/** Whoever waits for a vendor makes no call: so many people are moved for each call that is made at a time. */
const peopleACall = 3;
/** People of a batch whom its gate looks at. */
const lookedAtAtMost = 10;
const progressEveryMs = 500;

/** Telling is a question to the database: it is to take a tenth of the time at most. */
function tellNowAndThen(tell: () => Promise<void>) {
  const stop = new AbortController();
  const run = async () => {
    let waitMs = progressEveryMs;
    while (await pause(waitMs, stop.signal)) {
      const started = performance.now();
      await tell().catch(() => undefined);
      waitMs = Math.max(progressEveryMs, 10 * (performance.now() - started));
    }
  };
  const running = run();
  return {
    stop: () => {
      stop.abort();
      return running;
    },
  };
}

/** Everybody, `size` at a time. */
async function* batchesOf(people: AsyncIterable<string[]>, size: number): AsyncGenerator<string[]> {
  let batch: string[] = [];
  const seen = new Set<string>();
  for await (const userId of flat(people)) {
    if (seen.has(userId)) continue;
    seen.add(userId);
    batch.push(userId);
    if (batch.length === size) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

const sampleOf = (people: string[]): string[] => {
  const every = Math.max(1, Math.ceil(people.length / lookedAtAtMost));
  return people.filter((_, i) => i % every === 0);
};

/**
 * Moves everybody, batch by batch, with a gate after each: what was set aside must be within the budget, and a sample must stand the
 * comparison. Ends the run in the state that it is in then; rejects when the database cannot be reached, and for what the caller can put right.
 */
export async function carryOut(options: RunningOptions, signal: AbortSignal): Promise<void> {
  const { held, source, request, logger, move, validate, counts, settle, onProgress } = options;
  const tell = async () => {
    const { planned, done, present, poison } = await counts();
    onProgress({ done: done + present + sumOf(poison), total: planned, what: 'items' });
  };
  const gate = async (batch: string[]) => {
    const { planned, poison } = await counts();
    if (sumOf(poison) > request.errorBudget * planned) throw new GateError('error_budget');
    if (!(await validate(sampleOf(batch), signal))) throw new GateError('validation_failed');
  };
  const end = (state: MigrationState, reason: string | null) => held.release(state, reason, source.problems().counts);

  const ticker = tellNowAndThen(tell);
  try {
    for await (const batch of batchesOf(source.people(signal), request.batchSize)) {
      await atATime(batch, peopleACall * request.concurrency, (userId) => move(userId, signal));
      await gate(batch);
    }
    await tell();
    await settle();
    await end('done', null);
  } catch (error) {
    if (error instanceof LeaseLostError) throw new MigrationError('busy', 'Another process has taken the run over.');
    const [state, reason] = toEnd(error, signal);
    if (state === 'failed') logger.error('migration failed', describeError(error));
    else logger.warn('migration paused', { reason });
    await end(state, reason);
    if (error instanceof MigrationError) throw error;
  } finally {
    await ticker.stop();
  }
}

function toEnd(error: unknown, signal: AbortSignal): [MigrationState, string | null] {
  if (error instanceof GateError || error instanceof OutageError) return ['paused', error.reason];
  // A slice whose time is up: whoever goes on with it is not told to.
  if (signal.aborted) return hasLeft(signal) ? ['paused', 'stopped'] : ['running', null];
  return ['failed', error instanceof MigrationError ? error.code : 'failed'];
}

import type { Settings } from '../config/settings';
import { raceSignal } from '../resilience/deadline';
import type { SyncRun, SyncState } from './sync-state';

type Drift = Pick<SyncRun, 'missing' | 'changed' | 'orphaned' | 'factsMissing' | 'factsChanged' | 'factsOrphaned'>;

function toDrift({ missing, changed, orphaned, factsMissing, factsChanged, factsOrphaned }: SyncRun): Drift {
  return { missing, changed, orphaned, factsMissing, factsChanged, factsOrphaned };
}

/** What health tells of sync. */
export interface SyncStatus {
  lagSeconds: number | null;
  lastRun: Date | null;
  /** Whether that is longer ago than it should be. */
  isLate: boolean;
  /** What the last full run found to be different, and mended; null before the first. */
  drift: Drift | null;
}

/** Of that, what goes out: that it is late is said as an issue. */
export const toSyncView = ({ isLate: _, ...view }: SyncStatus) => view;
export type SyncView = ReturnType<typeof toSyncView>;

/** How old the index may be. */
export interface Freshness {
  /**
   * Seconds since the last run began that got to everybody: what the provider learnt later may be missing in the index. null
   * before the first one, and while the database has not said. Waits for the database at most 200 ms, once, and never rejects.
   */
  lagSeconds(): Promise<number | null>;
  /** Rejects when the database cannot be reached. */
  status(): Promise<SyncStatus>;
  /** A run of this process has ended. */
  learn(run: SyncRun): void;
}

const firstReadMs = 200;
/** How old what is known of other instances' runs may be. */
const rereadMs = 5_000;
/** So many intervals without a run, and any request starts one: timers have been seen to stop for good. */
const intervalsAllowed = 3;

/** `startSync` starts a run in the background; it is called at most once an interval. */
export function createFreshness(
  {
    syncState,
    settings,
    now,
  }: { syncState: SyncState; settings: Pick<Settings, 'SYNC_INTERVAL_SECONDS'>; now: () => Date },
  startSync: () => void,
): Freshness {
  const allowedMs = intervalsAllowed * settings.SYNC_INTERVAL_SECONDS * 1_000;
  const startedAt = now().getTime();
  let known: { syncedAt: Date | null; readAt: number } | null = null;
  let reading: Promise<void> | null = null;
  let lastTry = Number.NEGATIVE_INFINITY;

  const learn = (syncedAt: Date | null) => {
    known = { syncedAt, readAt: now().getTime() };
  };
  const lagOf = (syncedAt: Date) => Math.max(0, Math.round((now().getTime() - syncedAt.getTime()) / 1_000));
  // Where none was ever complete, a process that has just begun gives the timer its chance.
  const isLate = (syncedAt: Date | null) => now().getTime() - (syncedAt?.getTime() ?? startedAt) > allowedMs;

  /** Only by what the database has just said: other instances sync, too. */
  const startIfLate = (syncedAt: Date | null) => {
    if (!isLate(syncedAt) || now().getTime() - lastTry < settings.SYNC_INTERVAL_SECONDS * 1_000) return;
    lastTry = now().getTime();
    startSync();
  };

  const read = (): Promise<void> => {
    reading ??= syncState
      .runs()
      .then(
        ({ complete }) => {
          learn(complete?.startedAt ?? null);
          startIfLate(complete?.startedAt ?? null);
        },
        () => learn(known?.syncedAt ?? null),
      )
      .finally(() => {
        reading = null;
      });
    return reading;
  };

  const lagSeconds = async (): Promise<number | null> => {
    if (!known) await raceSignal(read(), AbortSignal.timeout(firstReadMs)).catch(() => undefined);
    else if (now().getTime() - known.readAt > rereadMs) void read();
    return known?.syncedAt ? lagOf(known.syncedAt) : null;
  };

  return {
    lagSeconds,
    status: async () => {
      const { last, complete, full } = await syncState.runs();
      const drift = full && toDrift(full);
      const lagSeconds = complete && lagOf(complete.startedAt);
      return { lagSeconds, lastRun: last?.endedAt ?? null, isLate: isLate(complete?.startedAt ?? null), drift };
    },
    learn: (run) => {
      if (run.complete) learn(run.startedAt);
    },
  };
}

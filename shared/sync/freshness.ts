import type { Settings } from '../config/settings';
import type { SyncRun, SyncState } from './sync-state';

/** What health tells of sync. */
export interface SyncStatus {
  lagSeconds: number | null;
  lastRun: Date | null;
  /** What the last full run found to be different, and mended; null before the first. */
  drift: Pick<SyncRun, 'missing' | 'changed' | 'orphaned'> | null;
}

/** How old the index may be. */
export interface Freshness {
  /**
   * Seconds since the last run began that got to everybody: what the provider learnt later may be missing in the index. null
   * before the first one, and while the database has not said. Never waits for the database but the first time, and never rejects.
   */
  lagSeconds(): Promise<number | null>;
  /** Rejects when the database cannot be reached. */
  status(): Promise<SyncStatus>;
  /** A run of this process has ended. */
  learn(run: SyncRun): void;
}

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
  const intervalMs = settings.SYNC_INTERVAL_SECONDS * 1_000;
  let known: { syncedAt: Date | null; readAt: number } | null = null;
  let reading: Promise<void> | null = null;
  // A process that has just begun gives the timer its chance.
  let lastStart = now().getTime() + (intervalsAllowed - 1) * intervalMs;

  const read = (): Promise<void> => {
    reading ??= syncState
      .runs()
      .then(({ complete }) => {
        known = { syncedAt: complete?.startedAt ?? null, readAt: now().getTime() };
      })
      .catch(() => undefined)
      .finally(() => {
        reading = null;
      });
    return reading;
  };
  const lagOf = (syncedAt: Date) => Math.max(0, Math.round((now().getTime() - syncedAt.getTime()) / 1_000));

  const lagSeconds = async (): Promise<number | null> => {
    if (!known) await read();
    else if (now().getTime() - known.readAt > rereadMs) read();
    const lag = known?.syncedAt ? lagOf(known.syncedAt) : null;
    const isLate = lag === null || lag * 1_000 > intervalsAllowed * intervalMs;
    if (isLate && now().getTime() - lastStart >= intervalMs) {
      lastStart = now().getTime();
      startSync();
    }
    return lag;
  };

  return {
    lagSeconds,
    status: async () => {
      const { last, complete, full } = await syncState.runs();
      const drift = full && { missing: full.missing, changed: full.changed, orphaned: full.orphaned };
      return { lagSeconds: complete && lagOf(complete.startedAt), lastRun: last?.endedAt ?? null, drift };
    },
    learn: ({ complete, startedAt }) => {
      if (complete) known = { syncedAt: startedAt, readAt: now().getTime() };
    },
  };
}

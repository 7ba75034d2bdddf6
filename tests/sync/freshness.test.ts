import { createDatabase } from '../../shared/database/client';
import { createFreshness } from '../../shared/sync/freshness';
import { createSyncState, type SyncRun } from '../../shared/sync/sync-state';
import { createTestClock } from '../support/clock';
import { overEachEngine } from '../support/databases';
import { nowhere } from '../support/service';

const settings = { SYNC_INTERVAL_SECONDS: 60 };
const longAgo = new Date(0);

const aRun = (startedAt: Date, changes: Partial<SyncRun> = {}): SyncRun => ({
  ...{ kind: 'changed', startedAt, endedAt: startedAt, complete: true, people: 0, written: 0, removed: 0, errors: 0 },
  ...{ missing: 0, changed: 0, orphaned: 0, factsMissing: 0, factsChanged: 0, factsOrphaned: 0 },
  ...changes,
});

overEachEngine((database) => {
  const clock = createTestClock();
  const state = () => createSyncState(database(), clock.now);
  const starts: Date[] = [];
  let read: Promise<unknown> = Promise.resolve();
  const start = () => {
    const real = state();
    const runs = () => {
      const reading = real.runs();
      read = reading;
      return reading;
    };
    const syncState = { ...real, runs };
    return createFreshness({ syncState, settings, now: clock.now }, () => starts.push(clock.now()));
  };
  /** What a request reads, and what comes of it in the background. */
  const ask = async (freshness: ReturnType<typeof start>) => {
    await freshness.lagSeconds();
    await read;
  };
  beforeEach(() => {
    clock.turn(3_600_000);
    starts.length = 0;
  });

  it('tells the seconds since the last complete run began, whichever instance ran it', async () => {
    await state().keepRun(aRun(clock.now()), longAgo);
    clock.turn(12_000);
    const freshness = start();
    expect(await freshness.lagSeconds()).toBe(12);
    // A run that got only so far changes nothing.
    await state().keepRun(aRun(clock.now(), { complete: false }), longAgo);
    expect(await start().lagSeconds()).toBe(12);
    await state().keepRun(aRun(clock.now()), longAgo);
    expect(await start().lagSeconds()).toBe(0);
    expect(await freshness.lagSeconds()).toBe(12);
  });

  it('knows of a run of its own at once', async () => {
    const freshness = start();
    await freshness.lagSeconds();
    freshness.learn(aRun(clock.now()));
    clock.turn(3_000);
    expect(await freshness.lagSeconds()).toBe(3);
  });

  it('starts a run where none has come through for three intervals, once an interval', async () => {
    await state().keepRun(aRun(clock.now()), longAgo);
    const freshness = start();
    for (let seconds = 0; seconds <= 180; seconds += 20) {
      await ask(freshness);
      clock.turn(20_000);
    }
    expect(starts).toHaveLength(0);
    for (let seconds = 0; seconds < 180; seconds += 20) {
      await ask(freshness);
      clock.turn(20_000);
    }
    expect(starts).toHaveLength(3);
    freshness.learn(aRun(clock.now()));
    await ask(freshness);
    expect(starts).toHaveLength(3);
  });

  it('starts none where another instance has synced since it last looked', async () => {
    const freshness = start();
    await state().keepRun(aRun(clock.now()), longAgo);
    await ask(freshness);
    clock.turn(600_000);
    await state().keepRun(aRun(clock.now()), longAgo);
    await ask(freshness);
    expect(await freshness.lagSeconds()).toBe(0);
    expect(starts).toHaveLength(0);
  });

  it('gives health the last run, and what the last full one found', async () => {
    const startedAt = clock.now();
    await state().keepRun(
      aRun(startedAt, { kind: 'full', missing: 3, changed: 2, orphaned: 1, factsMissing: 4 }),
      longAgo,
    );
    clock.turn(5_000);
    await state().keepRun(aRun(clock.now(), { complete: false, written: 7 }), longAgo);
    expect(await start().status()).toEqual({
      lagSeconds: 5,
      lastRun: clock.now(),
      isLate: false,
      drift: { missing: 3, changed: 2, orphaned: 1, factsMissing: 4, factsChanged: 0, factsOrphaned: 0 },
    });
  });
});

it('does not know without a database, and does not fail', async () => {
  const clock = createTestClock();
  const database = createDatabase({ home: '', url: nowhere });
  const syncState = createSyncState(database, clock.now);
  let starts = 0;
  const freshness = createFreshness({ syncState, settings, now: clock.now }, () => {
    starts++;
  });
  expect(await freshness.lagSeconds()).toBeNull();
  expect(starts).toBe(0);
  await database.close();
});

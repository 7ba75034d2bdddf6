import { createDatabase, type Database } from '../../shared/database/client';
import { createStatistics } from '../../shared/telemetry/statistics';
import { createTestClock } from '../support/clock';
import { overEachEngine } from '../support/databases';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

describe('statistics', () => {
  overEachEngine((database) => {
    it('say nothing where nothing was counted', async () => {
      const statistics = createStatistics(database(), createTestClock(new Date('2020-01-01T00:00:00Z')).now);
      expect(await statistics.read(hourMs)).toEqual({ counters: {}, latencyMs: {} });
    });

    it('add up what two instances counted', async () => {
      const { now } = createTestClock(new Date('2021-01-01T00:00:00Z'));
      const one = createStatistics(database(), now);
      const other = createStatistics(database(), now);
      one.count('provider.success');
      other.count('provider.success', 2);
      await Promise.all([one.flush(), other.flush()]);
      one.count('provider.success');
      expect((await other.read(hourMs)).counters).toEqual({ 'provider.success': 3 });
      expect((await one.read(hourMs)).counters).toEqual({ 'provider.success': 4 });
    });

    it('give percentiles as upper bounds of their buckets', async () => {
      const statistics = createStatistics(database(), createTestClock(new Date('2022-01-01T00:00:00Z')).now);
      for (let i = 0; i < 94; i++) statistics.observe('search', 3.5);
      for (let i = 0; i < 5; i++) statistics.observe('search', 90);
      statistics.observe('search', 10_000_000);
      const { latencyMs } = await statistics.read(hourMs);
      expect(latencyMs).toEqual({ search: { count: 100, p50: 4, p95: 100, p99: 100 } });
    });

    it('forget what lies before the window', async () => {
      const clock = createTestClock(new Date('2023-01-01T00:00:00Z'));
      const statistics = createStatistics(database(), clock.now);
      statistics.count('early');
      clock.turn(50 * minuteMs);
      statistics.count('late');
      expect((await statistics.read(hourMs)).counters).toEqual({ early: 1, late: 1 });
      clock.turn(20 * minuteMs);
      expect((await statistics.read(hourMs)).counters).toEqual({ late: 1 });
    });

    it('keep what could not be written for the next flush', async () => {
      let reachable = false;
      const open: Database['open'] = async () => {
        if (!reachable) throw new Error('no connection');
        return database().open();
      };
      const { now } = createTestClock(new Date('2024-01-01T00:00:00Z'));
      const statistics = createStatistics({ ...database(), open }, now);
      statistics.count('kept', 2);
      await statistics.flush();
      await expect(statistics.read(hourMs)).rejects.toThrow('no connection');
      statistics.count('kept');
      reachable = true;
      expect((await statistics.read(hourMs)).counters).toEqual({ kept: 3 });
      expect((await statistics.read(hourMs)).counters).toEqual({ kept: 3 });
    });
  });

  it('never fail a flush', async () => {
    const nowhere = createDatabase({ home: '', url: 'postgres://nobody@127.0.0.1:1/none' });
    const statistics = createStatistics(nowhere, () => new Date());
    statistics.count('anything');
    await expect(statistics.flush()).resolves.toBeUndefined();
  });
});

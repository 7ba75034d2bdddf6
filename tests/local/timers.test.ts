import type { Clock } from '../../local/clock';
import type { Registration } from '../../local/functions-core';
import { startTimers } from '../../local/timers';
import { createLogger } from '../../shared/telemetry/logger';
import { held } from './fixtures/held';
import { startFixtures } from './support';

/** A clock that stands still until it is turned; what falls due meanwhile runs at its own moment, in order. */
function createClock(start: string) {
  let now = Date.parse(start);
  const waits: { at: number; run: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    after(delayMs, run) {
      const wait = { at: now + delayMs, run };
      waits.push(wait);
      return () => waits.splice(waits.indexOf(wait), 1);
    },
  };
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    clock,
    waits,
    async turn(milliseconds: number) {
      const end = now + milliseconds;
      for (;;) {
        const [next] = waits.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        waits.splice(waits.indexOf(next), 1);
        now = Math.max(now, next.at);
        next.run();
        await settle();
      }
      now = end;
    },
    /** As a machine that sleeps: time passes and nothing runs until it is over. */
    sleep(milliseconds: number) {
      now += milliseconds;
    },
    settle,
  };
}

const minute = 60_000;
const hour = 60 * minute;

function start(
  schedule: string,
  callback: (timer: unknown) => unknown,
  options: { from?: string; trigger?: object } = {},
) {
  const lines: string[] = [];
  const time = createClock(options.from ?? '2026-03-01T10:00:30.000Z');
  const logger = createLogger('debug', (line) => lines.push(line));
  const setting = (name: string) => ({ EVERY_HOUR: '0 0 * * * *' })[name];
  const trigger = { type: 'timerTrigger', name: 'timer', schedule, ...options.trigger };
  const registration: Registration = { name: 'tick', trigger, outputs: [], callback };
  return { ...time, lines, timers: startTimers([registration], { clock: time.clock, logger, setting }) };
}

describe('timers', () => {
  it('fire on their schedule, in UTC', async () => {
    const fired: string[] = [];
    const { turn, clock, timers } = start('0 */20 * * * *', () => fired.push(new Date(clock.now()).toISOString()));
    expect(timers.running).toEqual([
      { name: 'tick', schedule: '0 */20 * * * *', next: new Date('2026-03-01T10:20:00Z') },
    ]);
    await turn(hour);
    expect(fired).toEqual(['2026-03-01T10:20:00.000Z', '2026-03-01T10:40:00.000Z', '2026-03-01T11:00:00.000Z']);
  });

  it('get a timer that tells the schedule', async () => {
    const fired: unknown[] = [];
    const { turn } = start('%EVERY_HOUR%', (timer) => fired.push(timer));
    await turn(2 * hour);
    expect(fired).toEqual([
      {
        isPastDue: false,
        schedule: { adjustForDST: false },
        scheduleStatus: {
          last: '2026-03-01T10:00:30.000Z',
          next: '2026-03-01T12:00:00.000Z',
          lastUpdated: '2026-03-01T11:00:00.000Z',
        },
      },
      expect.objectContaining({ scheduleStatus: expect.objectContaining({ last: '2026-03-01T11:00:00.000Z' }) }),
    ]);
  });

  it('never overlap themselves', async () => {
    const ends: (() => void)[] = [];
    const { turn, settle } = start('0 * * * * *', () => new Promise<void>((resolve) => ends.push(resolve)));
    await turn(10 * minute);
    expect(ends).toHaveLength(1);
    ends[0]?.();
    await settle();
    await turn(minute);
    expect(ends).toHaveLength(2);
  });

  it('go on after a run that failed, and log none of its words', async () => {
    const run = jest.fn().mockRejectedValue(new Error('what somebody said'));
    const { turn, lines } = start('0 * * * * *', run);
    await turn(3 * minute);
    expect(run).toHaveBeenCalledTimes(3);
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ event: 'timer failed', function: 'tick' });
    expect(lines.join()).not.toContain('somebody said');
  });

  it('are past due once, after the machine slept through several periods', async () => {
    const fired: boolean[] = [];
    const { turn, sleep } = start('0 * * * * *', (timer) => fired.push((timer as { isPastDue: boolean }).isPastDue));
    sleep(hour);
    await turn(minute);
    expect(fired).toEqual([true, false]);
  });

  it('wait for a day that is weeks away', async () => {
    const run = jest.fn();
    const { turn } = start('0 0 0 1 9 *', run);
    await turn(183 * 24 * hour);
    expect(run).not.toHaveBeenCalled();
    await turn(24 * hour);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['0 30 3 * * *', '2026-03-02T03:30:00.000Z'],
    ['0 0 0 13 * FRI', '2026-03-13T00:00:00.000Z'],
    ['0 5/15 * * * *', '2026-03-01T10:05:00.000Z'],
    ['*/10 * 9-17 * JAN-MAR MON-FRI', '2026-03-02T09:00:00.000Z'],
  ])('read NCRONTAB: %s', (schedule, next) => {
    expect(start(schedule, () => undefined).timers.running[0]?.next?.toISOString()).toBe(next);
  });

  it.each(['* * * * *', '0 0 25 * * *', '00:01:00', '', '%NOWHERE%'])(
    'are refused by name where "%s" cannot be read',
    (schedule) => {
      const { timers, waits } = start(schedule, () => undefined);
      expect(timers).toMatchObject({
        running: [],
        refused: [{ name: 'tick', message: expect.stringMatching(/schedule|setting NOWHERE/) }],
      });
      expect(waits).toEqual([]);
    },
  );

  it('fire at once where they ask for it', async () => {
    const run = jest.fn();
    const { settle } = start('0 * * * * *', run, { trigger: { runOnStartup: true } });
    await settle();
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('stop after what runs has ended, and fire no more', async () => {
    let end = () => {};
    const run = jest.fn(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    const { turn, timers, waits, settle } = start('0 * * * * *', run);
    await turn(minute);
    let stopped = false;
    const stopping = timers.stop().then(() => {
      stopped = true;
    });
    await settle();
    expect(stopped).toBe(false);
    end();
    await stopping;
    await turn(10 * minute);
    expect(run).toHaveBeenCalledTimes(1);
    expect(waits).toEqual([]);
  });

  it('run in the host: those that can be read, while the others are named', async () => {
    const time = createClock('2026-03-01T10:00:30.000Z');
    const { host } = await startFixtures({ clock: time.clock });
    expect(host.timers.running.map(({ name, schedule }) => [name, schedule])).toEqual([['held-timer', '0 * * * * *']]);
    expect(host.timers.refused.map(({ name }) => name)).toEqual(['unnamed-timer', 'unreadable-timer']);
    await time.turn(2 * minute);
    expect(held.ticks).toHaveLength(1);
    held.release();
    await host.close();
    expect(time.waits).toEqual([]);
  });
});

import { randomUUID } from 'node:crypto';
import type { Timer } from '@azure/functions';
import { Cron } from 'croner';
import { describeError, type Logger } from '../shared/telemetry/logger';
import type { Clock } from './clock';
import type { Registration } from './functions-core';
import { invoke, type SendOutput } from './invoke';
import { type ReadSetting, substitute } from './substitute';

export interface TimerOptions {
  clock: Clock;
  logger: Logger;
  setting: ReadSetting;
  send?: SendOutput;
}

export interface Timers {
  /** Every timer that runs, with its schedule and when it fires next; null where it never will. */
  readonly running: { name: string; schedule: string; next: Date | null }[];
  /** Every timer that does not, and why. */
  readonly refused: { name: string; message: string }[];
  /** Fires nothing more and resolves once what runs has ended. */
  stop(): Promise<void>;
}

/**
 * Fires the timers among `registrations` on their NCRONTAB schedules (six fields, UTC). A timer never overlaps itself: what
 * falls due while it runs is left out. A timer whose schedule cannot be read is refused and the others run.
 */
export function startTimers(registrations: readonly Registration[], options: TimerOptions): Timers {
  const timers: Timers = {
    running: [],
    refused: [],
    stop: async () => void (await Promise.all(stops.map((stop) => stop()))),
  };
  const stops: (() => Promise<void>)[] = [];
  for (const registration of registrations.filter(({ trigger }) => trigger.type === 'timerTrigger')) {
    const { name, trigger } = registration;
    try {
      const schedule = substitute(String(trigger.schedule), options.setting);
      const cron = toCron(schedule);
      timers.running.push({ name, schedule, next: cron.nextRun(new Date(options.clock.now())) });
      stops.push(startTimer(registration, cron, options));
    } catch (error) {
      timers.refused.push({ name, message: error instanceof Error ? error.message : String(error) });
    }
  }
  return timers;
}

/** A wait longer than this overflows what a timeout takes. */
const longestWaitMs = 24 * 60 * 60 * 1000;

function startTimer(
  registration: Registration,
  cron: Cron,
  { clock, logger, send }: TimerOptions,
): () => Promise<void> {
  let callOff = () => {};
  let run: Promise<void> | undefined;
  let stopped = false;
  let last = new Date(clock.now());

  const wait = () => {
    const due = cron.nextRun(new Date(clock.now()));
    if (stopped || !due) return;
    const delayMs = Math.min(due.getTime() - clock.now(), longestWaitMs);
    callOff = clock.after(delayMs, () => (clock.now() < due.getTime() ? wait() : fire(due)));
  };
  const fire = (due: Date) => {
    const timer = toTimer(cron, due, last, clock);
    last = due;
    run = invoke(registration, randomUUID(), timer, send)
      .then(() => undefined)
      .catch((error) => logger.error('timer failed', { function: registration.name, ...describeError(error) }))
      .finally(wait);
  };

  if (registration.trigger.runOnStartup === true) fire(last);
  else wait();
  return async () => {
    stopped = true;
    callOff();
    await run;
  };
}

/** Past due where the machine slept through a whole period. */
function toTimer(cron: Cron, due: Date, last: Date, clock: Clock): Timer {
  const now = new Date(clock.now());
  const following = cron.nextRun(due);
  const next = cron.nextRun(now)?.toISOString() ?? '';
  return {
    isPastDue: following !== null && following <= now,
    schedule: { adjustForDST: false },
    scheduleStatus: { last: last.toISOString(), next, lastUpdated: now.toISOString() },
  };
}

/** NCRONTAB wants both, day of the month and day of the week, to fit, and reads `5/15` as from 5 on every 15. */
function toCron(schedule: string): Cron {
  try {
    return new Cron(schedule, { mode: '6-part', timezone: 'UTC', domAndDow: true, sloppyRanges: true, paused: true });
  } catch {
    throw new Error(`"${schedule}" is no schedule of six fields: second, minute, hour, day, month, day of the week.`);
  }
}

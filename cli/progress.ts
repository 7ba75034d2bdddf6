import { Presets, SingleBar } from 'cli-progress';
import type { Screen } from './output';

/** How far something is: `total` may grow, and `what` names the part that it is at. */
export interface Step {
  done: number;
  total: number;
  what: string;
}

export interface Progress {
  update(step: Step): void;
  /** Leaves the last state where it stands. */
  stop(): void;
}

/** Between two plain lines, where nobody watches a bar. */
const lineEveryMs = 5_000;

/** A bar on a terminal; elsewhere a line when a part begins, every five seconds, and for where it ended. */
export function createProgress(screen: Screen, now = () => performance.now()): Progress {
  const show = screen.isTTY ? createBar(screen) : createLines(screen, now);
  const pace = createPace(now);
  return { update: (step) => show.update(step, pace(step)), stop: show.stop };
}

interface Pace {
  perSecond: number;
  /** null before anything was done. */
  secondsLeft: number | null;
}

interface Display {
  update(step: Step, pace: Pace): void;
  stop(): void;
}

/** Of a part that goes on where it was stopped, what was done before counts for nothing. */
function createPace(now: () => number): (step: Step) => Pace {
  let part: { what: string; done: number; at: number } | null = null;
  return ({ done, total, what }) => {
    if (part?.what !== what) part = { what, done, at: now() };
    const seconds = (now() - part.at) / 1_000;
    const perSecond = seconds > 0 ? (done - part.done) / seconds : 0;
    return { perSecond, secondsLeft: perSecond > 0 ? Math.ceil((total - done) / perSecond) : null };
  };
}

function createBar(stream: Screen): Display {
  const format = '{what} {bar} {percentage} %  {value}/{total}  {rate}/s  {left}';
  const bar = new SingleBar({ format, stream, hideCursor: true, clearOnComplete: false }, Presets.shades_classic);
  let isStarted = false;
  return {
    update: ({ done, total, what }, { perSecond, secondsLeft }) => {
      const payload = { what, rate: perSecond.toFixed(0), left: secondsLeft === null ? '' : `${secondsLeft} s left` };
      if (!isStarted) bar.start(total, done, payload);
      isStarted = true;
      bar.setTotal(total);
      bar.update(done, payload);
    },
    stop: () => bar.stop(),
  };
}

function createLines(screen: Screen, now: () => number): Display {
  let written: { what: string; at: number } | null = null;
  let waiting: string | null = null;
  const write = () => {
    if (waiting !== null) screen.write(`${waiting}\n`);
    waiting = null;
  };
  return {
    update: ({ done, total, what }, { perSecond, secondsLeft }) => {
      const isNew = written?.what !== what;
      if (isNew) write();
      const pace = secondsLeft === null ? '' : `, ${perSecond.toFixed(0)}/s, ${secondsLeft} s left`;
      waiting = `${what}: ${done} of ${total}${pace}`;
      if (!isNew && now() - (written?.at ?? 0) < lineEveryMs) return;
      written = { what, at: now() };
      write();
    },
    stop: write,
  };
}

import { setMaxListeners } from 'node:events';

/** A budget of time that is handed down a call: every step takes its signal, and asks what is left. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Milliseconds left, never below 0. */
  remainingMs(): number;
  /** A deadline of at most `budgetMs` from now that also ends with this one. */
  within(budgetMs: number): Deadline;
}

/**
 * A deadline `budgetMs` from now, ended earlier when `parent` aborts. Its timer keeps no process alive. Wired by hand: a request makes
 * several of these, and `AbortSignal.any` costs ten times as much.
 */
export function createDeadline(budgetMs: number, parent?: AbortSignal): Deadline {
  const endsAt = performance.now() + budgetMs;
  const controller = new AbortController();
  const { signal } = controller;
  // One deadline is handed down many calls, which is no leak.
  setMaxListeners(0, signal);
  const expire = () => controller.abort(new DOMException('The deadline has passed.', 'TimeoutError'));
  setTimeout(expire, Math.max(0, Math.ceil(budgetMs))).unref();
  if (parent?.aborted) controller.abort(parent.reason);
  parent?.addEventListener('abort', () => controller.abort(parent.reason), { once: true });
  const remainingMs = () => Math.max(0, endsAt - performance.now());
  return { signal, remainingMs, within: (ms) => createDeadline(Math.min(ms, remainingMs()), signal) };
}

/** Whether a signal ended because somebody went away, and not because the time was up. */
export const hasLeft = ({ aborted, reason }: AbortSignal): boolean => aborted && reason?.name !== 'TimeoutError';

/** Settles as `work` does, or rejects with the signal's reason once it aborts: for work that takes no signal itself. */
export function raceSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    work.catch(() => undefined);
    return Promise.reject(signal.reason);
  }
  // Many may race with one signal, which is no leak: each takes its listener off.
  setMaxListeners(0, signal);
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

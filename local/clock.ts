/** Time as timers need it; tests turn their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `run` once, in `delayMs`; returns what calls it off. */
  after(delayMs: number, run: () => void): () => void;
}

/** The machine's clock. Its waits keep no process alive. */
export const systemClock: Clock = {
  now: Date.now,
  after(delayMs, run) {
    const timeout = setTimeout(run, delayMs).unref();
    return () => clearTimeout(timeout);
  },
};

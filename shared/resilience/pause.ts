/** Resolves to true after `ms`, to false as soon as the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const finish = (isOver: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve(isOver);
    };
    const stop = () => finish(false);
    const timer = setTimeout(finish, ms, true);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
}

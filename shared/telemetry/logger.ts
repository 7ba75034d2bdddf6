export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** What a log line may carry beside its event name: codes, counts, durations. Nobody's words, names or keys. */
export type LogFields = Record<string, number | boolean | string | null | undefined>;

export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
  /** The same logger with fields added to each of its lines, for example a request id. */
  with(fields: LogFields): Logger;
}

const rank: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3, silent: 4 };

/** Writes one JSON object a line through `write`; the Functions host and a terminal both take it from the console. */
export function createLogger(
  level: LogLevel,
  write: (line: string) => void = console.log,
  bound: LogFields = {},
): Logger {
  const at = (lineLevel: Exclude<LogLevel, 'silent'>) => (event: string, fields?: LogFields) => {
    if (rank[lineLevel] >= rank[level]) write(JSON.stringify({ level: lineLevel, event, ...bound, ...fields }));
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    with: (fields) => createLogger(level, write, { ...bound, ...fields }),
  };
}

/**
 * What may be said of an unexpected error: its class, its code and where it was thrown. Never its message, which may
 * quote the input (a database driver quotes the failing row, a vendor the whole request).
 */
export function describeError(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return { error: error.name, code, at: frameOf(error) };
}

/** The stack begins with the message, whose lines may look like frames, so only what follows it is read. */
function frameOf({ stack = '', message }: Error): string | undefined {
  const start = stack.indexOf(message);
  if (start < 0) return undefined;
  const lines = stack.slice(start + message.length).split('\n');
  return lines.find((line) => /^\s+at /.test(line))?.trim();
}

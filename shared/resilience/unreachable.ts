/** What drivers say when there is no server to talk to: sockets' codes, and Postgres's classes 08 (connection) and 57P (shutdown). */
const codes = /^(?:ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EAI_|08|57P)/;

/** node-postgres's pool gives this one no code. */
const poolTimeout = 'timeout exceeded when trying to connect';

/** Whether an error says that the database cannot be reached, or is held by another process; its causes are looked through. */
export function isDatabaseUnreachable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, name, message, cause } = error as {
    code?: unknown;
    name?: unknown;
    message?: unknown;
    cause?: unknown;
  };
  const isConnection = codes.test(String(code)) || name === 'HomeInUseError' || message === poolTimeout;
  return isConnection || isDatabaseUnreachable(cause);
}

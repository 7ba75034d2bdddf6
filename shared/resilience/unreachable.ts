/** What drivers say when there is no server to talk to: sockets' codes, and Postgres's classes 08 (connection) and 57P (shutdown). */
const codes = /^(?:ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EAI_|08|57P)/;

/** node-postgres's pool gives this one no code. */
const poolTimeout = 'timeout exceeded when trying to connect';

/** A database that is there and is not used: another process holds it, or it would not keep rows apart. */
const unused = /^(?:HomeInUseError|RowSecurityError)$/;

/** Whether an error says that the database cannot be reached, or is not used; its causes are looked through. */
export function isDatabaseUnreachable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const { code, name, message, cause } = error as {
    code?: unknown;
    name?: unknown;
    message?: unknown;
    cause?: unknown;
  };
  const isIt = codes.test(String(code)) || unused.test(String(name)) || message === poolTimeout;
  return isIt || isDatabaseUnreachable(cause);
}

/** What drivers say when there is no server to talk to: sockets' codes, and Postgres's classes 08 (connection) and 57P (shutdown). */
const codes = /^(?:ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EAI_|08|57P)/;

/** Whether an error says that the database cannot be reached, or is held by another process; its causes are looked through. */
export function isDatabaseUnreachable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  const isConnection =
    codes.test(code) ||
    error.name === 'HomeInUseError' ||
    /^timeout exceeded when trying to connect$/.test(error.message);
  return isConnection || isDatabaseUnreachable(error.cause);
}

/** Retry-After in seconds or as a date (RFC 9110, 10.2.3), in ms from now; undefined where it is neither. */
export function toRetryAfterMs(header: string | null | undefined): number | undefined {
  if (header === null || header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

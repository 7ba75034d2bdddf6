import { randomBytes } from 'node:crypto';

/** As many as there are microseconds in a millisecond. */
const lastPosition = 999;

/**
 * `mem_YYYYMMDD_HHMMSS_ffffff_` and twelve digits by chance: the moment in UTC, so that ids sort by time. Moments are known to the
 * millisecond; in place of the microseconds stands the position among what was sent together, those after the thousandth share the last.
 */
export function toExchangeId(at: Date, position: number): string {
  const digits = at.toISOString().replace(/\D/g, '');
  const micros = `${digits.slice(14)}${String(Math.min(position, lastPosition)).padStart(3, '0')}`;
  return `mem_${digits.slice(0, 8)}_${digits.slice(8, 14)}_${micros}_${randomBytes(6).toString('hex')}`;
}

export interface MigrationTiming {
  /** How long a run whose process died stays its own. */
  leaseMs: number;
  /** How long after it failed an attempt may still show at a vendor; twenty times as long where the vendor was silent. */
  lateMs: number;
  attemptMs: number;
  firstPauseMs: number;
  longestPauseMs: number;
  /** After so long without one success a vendor counts as away, and the run is paused. */
  outageMs: number;
}

export const defaultTiming: MigrationTiming = {
  ...{ leaseMs: 15_000, lateMs: 500, attemptMs: 60_000 },
  ...{ firstPauseMs: 100, longestPauseMs: 2_000, outageMs: 300_000 },
};

/** A clock that stands still until it is turned. */
export function createTestClock(start = new Date('2026-03-01T12:00:00Z')) {
  let at = start.getTime();
  return {
    now: () => new Date(at),
    turn: (milliseconds: number) => {
      at += milliseconds;
    },
  };
}

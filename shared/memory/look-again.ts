/** Looks after people by itself, sooner than the next tick would. */
export interface LookAgain {
  /** Something of the person's is not done yet: the person is looked at again, until `done` or for as long as is worth it. */
  open(userId: string, operationId: string): void;
  /** It no longer needs that. */
  done(userId: string, operationId: string): void;
  /** Calls off every look. */
  stop(): void;
}

interface Person {
  operations: Set<string>;
  /** Looks that are left. */
  left: number;
  timer?: NodeJS.Timeout;
}

/**
 * Calls `look` every `everyMs` for each person of whom something is open, at most `times` in a row: what takes longer is left to the
 * tick. Its timers keep no process alive. What `look` rejects with is nobody's here.
 */
export function createLookAgain(
  look: (userId: string) => Promise<void>,
  { everyMs, times }: { everyMs: number; times: number },
): LookAgain {
  const people = new Map<string, Person>();
  const forget = (userId: string) => {
    clearTimeout(people.get(userId)?.timer);
    people.delete(userId);
  };
  const wait = (userId: string, person: Person) => {
    const lookAndWait = async () => {
      await look(userId).catch(() => undefined);
      // Meanwhile it may have been forgotten, or have become somebody to begin anew with.
      if (people.get(userId) !== person) return;
      if (--person.left > 0) wait(userId, person);
      else forget(userId);
    };
    person.timer = setTimeout(lookAndWait, everyMs).unref();
  };

  return {
    open: (userId, operationId) => {
      const person = people.get(userId) ?? { operations: new Set(), left: 0 };
      if (person.operations.has(operationId)) return;
      person.operations.add(operationId);
      person.left = times;
      if (people.has(userId)) return;
      people.set(userId, person);
      wait(userId, person);
    },
    done: (userId, operationId) => {
      const operations = people.get(userId)?.operations;
      if (operations?.delete(operationId) && operations.size === 0) forget(userId);
    },
    stop: () => {
      for (const userId of [...people.keys()]) forget(userId);
    },
  };
}

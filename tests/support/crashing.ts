import type { Database } from '../../shared/database/client';

/** A process that can die between any two steps: what it had under way then never goes on. */
export interface Mortal {
  /** Dies after so many more steps; null: lives on. */
  diesAfter: number | null;
  /** Resolves once it is dead. */
  death: Promise<void>;
  /** One step of the process. Never resolves once it is dead. */
  step(): Promise<void>;
}

export function createMortal(): Mortal {
  let die: () => void = () => undefined;
  const death = new Promise<void>((resolve) => {
    die = resolve;
  });
  let isDead = false;
  const mortal: Mortal = {
    diesAfter: null,
    death,
    step: async () => {
      if (mortal.diesAfter !== null && mortal.diesAfter-- <= 0) {
        isDead = true;
        die();
      }
      if (isDead) await new Promise<never>(() => undefined);
    },
  };
  return mortal;
}

/** The database as a mortal process sees it; the files under it outlive the process. */
export const mortally = (database: Database, { step }: Mortal): Database => ({
  engine: database.engine,
  open: async () => {
    await step();
    return database.open();
  },
  close: async () => undefined,
});

/** An object whose methods are steps of a mortal process. */
export function stepping<T extends object>(target: T, { step }: Mortal): T {
  const wrapped = Object.entries(target).map(([name, value]) => {
    if (typeof value !== 'function' || name === 'circuit') return [name, value];
    const call = async (...args: unknown[]) => {
      await step();
      const result = await value(...args);
      await step();
      return result;
    };
    return [name, call];
  });
  return Object.fromEntries(wrapped) as T;
}

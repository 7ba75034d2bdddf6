import { createDatabase, type Database } from '../../shared/database/client';
import { pagesOf } from '../../shared/memory/cursor';
import { createLocalProvider } from '../../shared/memory/local';
import type { Memory } from '../../shared/memory/memory';
import type { MemoryProvider, NewMemory } from '../../shared/memory/provider';
import { createMigrator } from '../../shared/migration/migrator';
import type { MigrationTiming } from '../../shared/migration/timing';
import { createRedaction } from '../../shared/redaction/redaction';
import { createLogger } from '../../shared/telemetry/logger';
import { freshHome } from './home';
import { aNewMemory } from './memories';

/** Quick, and otherwise as it is. */
export const quick: Partial<MigrationTiming> = { lateMs: 0, firstPauseMs: 1, longestPauseMs: 5, outageMs: 2_000 };

export const signal = new AbortController().signal;
export const now = () => new Date();

/** A local provider over a database of its own. */
export function createStore() {
  const database = createDatabase({ home: freshHome(), url: undefined });
  return { database, provider: createLocalProvider(database, now), close: () => database.close() };
}

/** A migrator whose providers are these; its checkpoints lie in `database`. */
export function createTestMigrator(
  database: Database,
  providers: Partial<Record<MemoryProvider['name'], MemoryProvider>>,
  changes: { timing?: Partial<MigrationTiming>; signingKey?: string } = {},
) {
  const lines: string[] = [];
  const named = (name: MemoryProvider['name']) => {
    const provider = providers[name];
    if (!provider) throw new Error(`no ${name} here`);
    return provider;
  };
  const migrator = createMigrator({
    ...{ database, now, providers: named, logger: createLogger('debug', (line) => lines.push(line)) },
    redaction: createRedaction({ REDACT: 'secrets' }),
    ...{ timing: { ...quick, ...changes.timing }, signingKey: () => changes.signingKey },
  });
  return { migrator, lines };
}

/** One person's memories, a minute apart, every third of no session. */
export function aLife(userId: string, count: number): NewMemory[] {
  return Array.from({ length: count }, (_, i) => {
    const isMessage = i % 3 !== 0;
    return aNewMemory({
      ...{ userId, text: `${userId} says that parcel ${i} is at the depot.`, tags: isMessage ? [] : ['parcel'] },
      ...{ type: isMessage ? 'conversation' : 'fact', sessionId: isMessage ? `session-${userId}-${i % 2}` : null },
      ...{ at: new Date(Date.UTC(2026, 0, 1, 0, i, 0, i)), metadata: { number: i, nested: { snake_case: true } } },
    });
  });
}

export async function fill(provider: MemoryProvider, memories: NewMemory[]): Promise<void> {
  for (const memory of memories) await provider.add(memory, signal);
}

/** Everything a provider has of a person, oldest first. */
export async function allOf(provider: MemoryProvider, userId: string): Promise<Memory[]> {
  const found: Memory[] = [];
  const list = (cursor: string | null) => provider.list(userId, { limit: 100, cursor, includeHidden: true }, signal);
  for await (const page of pagesOf(list)) found.push(...page);
  return found.reverse();
}

/** A memory without what a provider gives it. */
export const contentOf = ({ id: _, updatedAt: __, ...content }: Memory) => content;

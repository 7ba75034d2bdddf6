import type { Identity } from '../identity/identity-contract';
import { readBudget, toMemoryState } from '../memory/memory-state';
import type { MemoryProvider } from '../memory/provider';
import { raceSignal } from '../resilience/deadline';
import { isDatabaseUnreachable } from '../resilience/unreachable';
import { phoneAddress } from './callers';
import type { CallerMatch, CallerMemories, CallerQuery, Conversations, Exchange } from './conversations-contract';
import type { Exchanges } from './exchanges';
import type { PersonNames } from './person-names';

export interface FindingDependencies {
  identity: Identity;
  exchanges: Exchanges;
  personNames: PersonNames;
  provider: MemoryProvider;
  now: () => Date;
}

type Found = Pick<CallerMemories, 'userIdentifier' | 'matches'> & { memories: Exchange[] };

/** People of like names that are shown. */
const mostMatches = 10;

const nobody: Found = { memories: [], userIdentifier: null };

/** Finds a caller's exchanges; see `Conversations.find`. */
export function createFinding({
  identity,
  exchanges,
  personNames,
  provider,
  now,
}: FindingDependencies): Conversations['find'] {
  const byPhone = async (phone: string, limit: number): Promise<Found> => {
    const address = phoneAddress(phone, 'phone');
    const [owner] = await identity.owners([address]);
    return owner ? { memories: await exchanges.byUser(owner, limit), userIdentifier: address.address } : nobody;
  };

  const bySession = async (sessionId: string, limit: number): Promise<Found> => {
    const memories = await exchanges.bySession(sessionId, limit);
    return { memories, userIdentifier: memories[0]?.userId ?? null };
  };

  const byName = async (name: string, limit: number): Promise<Found> => {
    const exact = await personNames.exactly(name, 2);
    const people = exact.length === 1 ? exact : await personNames.like(name, mostMatches);
    const matches = await Promise.all(
      people.map(async (person): Promise<CallerMatch> => {
        const memories = await exchanges.byUser(person.userId, limit);
        return { ...person, memories, count: memories.length };
      }),
    );
    const [only, ...others] = matches;
    const found = only && others.length === 0 ? { memories: only.memories, userIdentifier: only.name } : nobody;
    return exact.length === 1 ? found : { ...found, matches };
  };

  const read = (query: CallerQuery, limit: number): Promise<Found> => {
    if ('phone' in query) return byPhone(query.phone, limit);
    return 'name' in query ? byName(query.name, limit) : bySession(query.sessionId, limit);
  };

  return async (query, limit, deadline) => {
    const { signal } = readBudget(deadline);
    try {
      const found = await raceSignal(read(query, limit), signal);
      const shown = [found, ...(found.matches ?? [])].flatMap(({ memories }) => memories);
      const hasAll = shown.every(({ memoryId }) => memoryId !== null);
      return {
        ...{ success: true, ...found, count: found.memories.length },
        source: hasAll ? provider.name : 'fallback',
        memory: toMemoryState(hasAll ? 'provider' : 'outbox', null, now()),
      };
    } catch (error) {
      if (!isDatabaseUnreachable(error) && !signal.aborted) throw error;
      const reason = signal.aborted ? 'database_timeout' : 'database_unreachable';
      const memory = toMemoryState('none', reason, now());
      return { success: false, memories: null, count: 0, userIdentifier: null, source: 'fallback', memory };
    }
  };
}

import type { z } from 'zod';
import type { Mem0Gateway } from './mem0-gateway';
import { mem0Event, mem0Page, mem0Row, operationKey, toMemory } from './mem0-mapping';
import type { Memory } from './memory';
import { type AddReceipt, type Attempt, ProviderError } from './provider';

type Event = z.output<typeof mem0Event>;

/** How far back among everybody's events a write is looked for. */
const eventPages = 10;
/** How far Mem0's clock may be from ours. */
const skewMs = 60_000;

export interface Lookup {
  userId: string;
  operationId: string;
  attempt: Attempt;
  /** Whether it can no longer arrive. */
  isOver: boolean;
}

/** A list is always there: Mem0 saying 404 is a failure then, and says nothing about what it holds. */
const must = <T>(page: T | null): T => {
  if (page !== null) return page;
  throw new ProviderError('mem0', 'unavailable', { retryable: true, outcomeUnknown: false });
};

/**
 * What became of an add: what its event says, where we know it; else whether the person has memories of it; else whether an event
 * carries it, for one that is still at work, or that kept nothing, shows no memories. Until it is over, an attempt that nobody has seen
 * may be on its way still, and is waited for.
 */
export async function findOperation(
  gateway: Mem0Gateway,
  { userId, operationId, attempt, isOver }: Lookup,
  signal: AbortSignal,
): Promise<AddReceipt | { status: 'failed' } | null> {
  const memoriesOf = async (): Promise<Memory[]> => {
    const filters = { AND: [{ user_id: userId }, { metadata: { [operationKey]: operationId } }] };
    const listed = { filters, pageSize: 200, showExpired: true };
    const page = await gateway.call('find', 'read', (client) => client.getAll(listed), mem0Page(mem0Row), signal);
    return must(page).results.map((row) => toMemory(row, userId));
  };

  /** For a memory that an earlier add made and this one changed: it bears the mark of that one. */
  const memoryOf = async (id: string): Promise<Memory | null> => {
    const row = await gateway.call('get', 'read', (client) => client.get(id), mem0Row, signal);
    return row && toMemory(row, userId);
  };

  const outcomeOf = async ({ id, status, results }: Event): Promise<AddReceipt | { status: 'failed' }> => {
    if (status === 'FAILED') return { status: 'failed' };
    if (status !== 'SUCCEEDED') return { status: 'pending', eventId: id };
    const ids = (results ?? []).flatMap((result) => (result.id && result.event !== 'DELETE' ? [result.id] : []));
    const listed = new Map((ids.length > 0 ? await memoriesOf() : []).map((memory) => [memory.id, memory]));
    const memories = await Promise.all(ids.map((known) => listed.get(known) ?? memoryOf(known)));
    return { status: 'stored', memories: memories.filter((memory) => memory !== null) };
  };

  const eventOf = async (): Promise<Event | null> => {
    const since = attempt.sentAt.getTime() - skewMs;
    let query: string | null = '';
    for (let pages = 0; query !== null && pages < eventPages; pages++) {
      const from: string = query;
      const listed = await gateway.call('events', 'read', (client) => client.events(from), mem0Page(mem0Event), signal);
      // A page past the last one is a 404.
      const page = pages > 0 && !listed ? { results: [], next: null } : must(listed);
      const event = page.results.find(({ payload }) => payload?.metadata?.[operationKey] === operationId);
      if (event) return event;
      if (!page.next || page.results.every(({ createdAt }) => createdAt.getTime() < since)) return null;
      query = new URL(page.next).search;
    }
    return null;
  };

  if (attempt.eventId) {
    const { eventId } = attempt;
    const event = await gateway.call('event', 'read', (client) => client.event(eventId), mem0Event, signal);
    if (event) return outcomeOf(event);
  }
  const memories = await memoriesOf();
  if (memories.length > 0) return { status: 'stored', memories };
  const event = await eventOf();
  // One that failed may be an earlier attempt's, while the latest is on its way still.
  if (event && (event.status !== 'FAILED' || isOver)) return outcomeOf(event);
  return isOver ? null : { status: 'pending', eventId: null };
}

import { z } from 'zod';
import { pause } from '../resilience/pause';
import type { CircuitName } from '../resilience/policy';
import { fromCursor, toCursor } from './cursor';
import type { Mem0Client } from './mem0-client';
import { findOperation } from './mem0-find';
import { createMem0Gateway, type Mem0Dependencies } from './mem0-gateway';
import * as mapping from './mem0-mapping';
import type { PageRequest } from './memory';
import { type MemoryProvider, ProviderError } from './provider';
import type { CallKind } from './provider-gateway';
import { withChange } from './shown';

/** What Mem0 can do beside what every provider does. */
export interface Mem0Provider extends MemoryProvider {
  /** Changes texts, in as few requests as MEM0_BATCH_SIZE allows; ids that Mem0 does not know are passed over. */
  updateMany(changes: { id: string; text: string }[], signal: AbortSignal): Promise<void>;
  deleteMany(ids: string[], signal: AbortSignal): Promise<void>;
  /** Deletes a person and all of their memories, and resolves once that is done. */
  deleteUser(userId: string, signal: AbortSignal): Promise<void>;
  circuit(): CircuitName;
}

const longestPage = 200;

/**
 * Memories in Mem0 Cloud. What Mem0 works on later (`infer: true`) comes back as `pending`. Built without touching network or
 * package; without MEM0_API_KEY it is off: every call fails as `unavailable`. Mem0 API reference, versions 1 to 3, as of mem0ai 3.3.1.
 */
export function createMem0Provider(dependencies: Mem0Dependencies): Mem0Provider {
  const { settings, now, pollMs = 1_000 } = dependencies;
  const gateway = createMem0Gateway(dependencies);
  const { call } = gateway;

  /** For what is there always: Mem0 saying 404 is a failure then, a wrong address for one. */
  const must = <T>(reply: T | null, kind: CallKind): T => {
    if (reply !== null) return reply;
    throw new ProviderError('mem0', 'unavailable', { retryable: true, outcomeUnknown: kind !== 'read' });
  };

  const getRow = (id: string, signal: AbortSignal) =>
    call('get', 'read', (client) => client.get(id), mapping.mem0Row, signal);

  /** Pages are Mem0's own, by number; the cursor holds their size, too, because the numbers mean nothing without it. */
  const toPaging = ({ limit, cursor }: PageRequest) => {
    const [page, size] = fromCursor(cursor, ['count', 'count']) ?? ['1', String(Math.min(limit, longestPage))];
    const nextCursor = (next: string | null | undefined) => (next ? toCursor([String(Number(page) + 1), size]) : null);
    return { page: Number(page), pageSize: Number(size), nextCursor };
  };

  /** A page past the last one is a 404: what stood there was deleted since the page before. */
  const orNoMore = <T>(listed: { results: T[]; next?: string | null } | null, page: number) =>
    page > 1 && !listed ? { results: [], next: null } : must(listed, 'read');

  const listUsers = async (request: PageRequest, signal: AbortSignal) => {
    const { page, pageSize, nextCursor } = toPaging(request);
    const schema = mapping.mem0Page(mapping.mem0Entity);
    const listed = await call('users', 'read', (client) => client.users({ page, pageSize }), schema, signal);
    const { results, next } = orNoMore(listed, page);
    return { items: results.filter(({ type }) => type === 'user'), nextCursor: nextCursor(next) };
  };

  const inBatches = async <T>(items: T[], send: (batch: T[]) => Promise<unknown>) => {
    const size = settings.MEM0_BATCH_SIZE;
    for (let from = 0; from < items.length; from += size) must(await send(items.slice(from, from + size)), 'write');
  };

  return {
    name: 'mem0',
    circuit: gateway.circuit,

    add: async (memory, signal) => {
      const { userId, infer, at } = memory;
      // Mem0's client types know no system messages; its API does.
      const messages = memory.utterances.map(({ role, content }) => ({ role: role as 'user', content }));
      const expirationDate = mapping.toExpirationDate(memory.expiresAt);
      const options = {
        ...{ userId, infer, metadata: mapping.toNewMetadata(memory), timestamp: Math.floor(at.getTime() / 1000) },
        ...(expirationDate && { expirationDate }),
      };
      const send = call('add', 'add', (client) => client.add(messages, options), mapping.mem0Added, signal);
      const added = must(await send, 'add');
      return 'results' in added
        ? { status: 'stored', memories: mapping.toStored(added.results, memory, now()) }
        : { status: 'pending', eventId: added.eventId };
    },

    find: (userId, operationId, attempt, signal) => {
      const isOver = now() >= attempt.arrivesUntil;
      return findOperation(gateway, { userId, operationId, attempt, isOver }, signal);
    },

    get: async (id, signal) => {
      const row = await getRow(id, signal);
      // A memory of an agent or an app is nobody's.
      return row?.userId ? mapping.toMemory(row) : null;
    },

    update: async (id, change, signal) => {
      const row = await getRow(id, signal);
      if (!row) return null;
      const asked = withChange(mapping.toMemory(row), change);
      // What Mem0 itself says of it is Mem0's alone to change.
      const changed = { ...asked, supersededBy: row.replacedBy ?? asked.supersededBy, updatedAt: now() };
      const { expiresAt } = change;
      const body = {
        text: changed.text,
        metadata: mapping.toChangedMetadata(row, asked),
        ...(expiresAt !== undefined && { expirationDate: mapping.toExpirationDate(expiresAt) }),
      };
      const reply = await call('update', 'write', (client) => client.update(id, body), z.unknown(), signal);
      return reply === null ? null : changed;
    },

    delete: async (id, signal) => {
      // An attempt that nobody heard of again may have deleted it: then the next one finds nothing.
      const existed = { message: 'deleted by an earlier attempt' };
      const request = async (client: Mem0Client, earlier: number) =>
        (await client.delete(id)) ?? (earlier > 0 ? existed : null);
      return (await call('delete', 'write', request, z.unknown(), signal)) !== null;
    },

    list: async (userId, { type, changedSince, includeHidden = false, ...request }, signal) => {
      const { page, pageSize, nextCursor } = toPaging(request);
      const conditions = [
        { user_id: userId },
        ...(type === undefined ? [] : [{ metadata: { [mapping.typeKey]: type } }]),
        ...(changedSince ? [{ updated_at: { gte: changedSince.toISOString() } }] : []),
      ];
      const options = { filters: { AND: conditions }, page, pageSize, showExpired: includeHidden };
      const listed = await call(
        'list',
        'read',
        (client) => client.getAll(options),
        mapping.mem0Page(mapping.mem0Row),
        signal,
      );
      const { results, next } = orNoMore(listed, page);
      const items = results.map((row) => mapping.toMemory(row, userId));
      items.sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
      return { items, nextCursor: nextCursor(next) };
    },

    search: async (userId, query, limit, signal) => {
      const options = { filters: { user_id: userId }, topK: limit };
      const found = await call('search', 'read', (client) => client.search(query, options), mapping.mem0Found, signal);
      return must(found, 'read').results.map((row) => mapping.toMemory(row, userId));
    },

    history: async (id, signal) => {
      const entries = await call('history', 'read', (client) => client.history(id), mapping.mem0History, signal);
      return mapping.toHistory(entries ?? []);
    },

    users: async (request, signal) => {
      const { items, nextCursor } = await listUsers(request, signal);
      return { items: items.map(mapping.toPerson), nextCursor };
    },

    // Mem0 sorts and filters its users by nothing: each of them is looked at.
    changedPeople: async (since, request, signal) => {
      const { items, nextCursor } = await listUsers(request, signal);
      const changed = items.filter(({ updatedAt }) => since === null || updatedAt >= since);
      return { items: changed.map(({ name, updatedAt }) => ({ userId: name, changedAt: updatedAt })), nextCursor };
    },

    updateMany: (changes, signal) =>
      inBatches(changes, (batch) => {
        const texts = batch.map(({ id: memoryId, text }) => ({ memoryId, text }));
        return call('update_many', 'write', (client) => client.batchUpdate(texts), z.unknown(), signal);
      }),

    deleteMany: (ids, signal) =>
      inBatches(ids, (batch) =>
        call('delete_many', 'write', (client) => client.batchDelete(batch), z.unknown(), signal),
      ),

    deleteUser: async (userId, signal) => {
      // Mem0 reads an empty name as no name, and deletes more than was meant.
      if (userId === '') throw new RangeError('A person has a name.');
      const schema = z.object({ eventId: z.string() });
      const started = await call('delete_user', 'write', (client) => client.deleteUserEntity(userId), schema, signal);
      const { eventId } = must(started, 'write');
      do {
        const event = await call('event', 'read', (client) => client.event(eventId), mapping.mem0Event, signal);
        if (event?.status === 'SUCCEEDED') return;
        if (event?.status === 'FAILED') break;
      } while (await pause(pollMs, signal));
      throw new ProviderError('mem0', signal.aborted ? 'timeout' : 'unavailable', {
        retryable: true,
        outcomeUnknown: true,
      });
    },
  };
}

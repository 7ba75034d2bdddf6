import { validate } from 'uuid';
import { z } from 'zod';
import type { Database } from '../database/client';
import type { CircuitName } from '../resilience/policy';
import { fromCursor, toCursor } from './cursor';
import type { Memory, MemoryEvent, PageRequest } from './memory';
import type { AddReceipt, MemoryProvider, NewMemory } from './provider';
import { withChange } from './shown';
import { createZepAdding } from './zep-adding';
import type { ZepClient } from './zep-client';
import { createZepGateway, type ZepGatewayDependencies } from './zep-gateway';
import { createZepMap, type NewEvent, type ZepId } from './zep-map';
import type { ZepEpisode } from './zep-mapping';
import * as mapping from './zep-mapping';
import { createZepReading } from './zep-reading';
import { createZepWriting } from './zep-writing';

/** What Zep can do beside what every provider does. */
export interface ZepProvider extends MemoryProvider {
  addAll(memories: NewMemory[], signal: AbortSignal): Promise<AddReceipt[]>;
  circuit(): CircuitName;
}

export interface ZepDependencies extends ZepGatewayDependencies {
  /** Where the map of ids is. */
  database: Database;
  now: () => Date;
}

const longestUsersPage = 100;

/**
 * Memories in Zep Cloud: turns of conversations as messages of threads, all others as episodes of the person's graph, each with the time
 * at which it was said, under ids of ours that derive from the write. Where each lies, when it changed and what it said before is kept in
 * our own database (see `zepIds`): without that one nothing is written. Zep shows in searches what it has worked on, seconds to minutes
 * after it was added. Built without touching network or package; without ZEP_API_KEY it is off: every call fails as `unavailable`.
 * Zep's API reference, version 3, as of @getzep/zep-cloud 3.30.
 */
export function createZepProvider(dependencies: ZepDependencies): ZepProvider {
  const { database, now } = dependencies;
  const gateway = createZepGateway(dependencies);
  const map = createZepMap(database);
  const reading = createZepReading(gateway, map, now);
  const writing = createZepWriting(gateway);
  const { call } = gateway;

  const event = ({ id: memoryId, userId }: Memory, rest: Pick<MemoryEvent, 'event' | 'previousText' | 'text'>) => ({
    ...{ memoryId, userId, at: now(), ...rest },
  });
  const added = (memory: Memory): NewEvent => event(memory, { event: 'add', previousText: null, text: memory.text });
  const { addAll, arrived } = createZepAdding({ map, reading, writing, now, added });

  const isOf = (memoryId: string) => (row: ZepId) => row.memoryId === memoryId;

  /** A memory as it is now with its rows, once it is known what became of the latest write of it; null where there is none. */
  const current = async (id: string, signal: AbortSignal) => {
    const rows = validate(id) ? await map.ofMemories([id]) : [];
    const userId = rows[0]?.userId ?? '';
    const there = await arrived(userId, rows, signal);
    const sending = rows.filter(({ state }) => state === 'sending');
    const isWhole = there.length > 0 && there.length === sending.length;
    if (isWhole) {
      // A change of its text that nobody heard of again: the text before it goes.
      const stale = rows.filter(({ state }) => state === 'stored').map((row) => ({ ...row, state: 'stale' as const }));
      await map.put([...there, ...stale], []);
    }
    const [memory] = await reading.memoriesOf(userId, [id], signal);
    const settled = rows.length > 0 ? await map.ofMemories([id]) : [];
    return { userId, memory, rows: settled, partial: isWhole ? [] : there };
  };

  /** Takes pieces out of Zep, and then notes that they are gone. A thread goes with its last message. */
  const removePieces = async (rows: ZepId[], signal: AbortSignal) => {
    for (const { zepId } of rows) if (zepId) await writing.remove(zepId, signal);
    await map.put(
      rows.map((row) => ({ ...row, state: 'gone' as const, metadata: null, changedAt: now() })),
      [],
    );
    for (const threadId of new Set(rows.flatMap((row) => row.threadId ?? [])))
      if ((await map.inThread(threadId)) === 0)
        await call('delete_thread', 'write', (client) => client.deleteThread(threadId), z.unknown(), signal);
  };

  /** Pages of people are Zep's own, by number; the cursor holds their size, too. */
  const listUsers = async ({ limit, cursor }: PageRequest, signal: AbortSignal) => {
    const [page, size] = fromCursor(cursor, ['count', 'count']) ?? ['1', String(Math.min(limit, longestUsersPage))];
    const read = () =>
      call('users', 'read', (client) => client.users(Number(page), Number(size)), mapping.zepUsers, signal);
    const users = (await read())?.users ?? [];
    const known = await map.people(users.map(({ userId }) => userId));
    const nextCursor = users.length < Number(size) ? null : toCursor([String(Number(page) + 1), size]);
    return { items: users.map((user) => ({ user, known: known.get(user.userId) })), nextCursor };
  };

  return {
    name: 'zep',
    circuit: gateway.circuit,
    addAll,
    add: async (memory, signal) => {
      const [receipt] = await addAll([memory], signal);
      return receipt as AddReceipt;
    },

    find: async (userId, operationId, attempt, signal) => {
      const rows = await map.ofOperation(userId, operationId);
      if (rows.length === 0) return null;
      const there = await arrived(userId, rows, signal);
      const ids = [...new Set(rows.map(({ memoryId }) => memoryId))];
      const isWhole = (id: string) => {
        const own = rows.filter(isOf(id));
        const sending = own.filter(({ state }) => state === 'sending');
        return own.some(({ state }) => state !== 'sending') || there.filter(isOf(id)).length === sending.length;
      };
      if (!ids.every(isWhole)) return now() >= attempt.arrivesUntil ? null : { status: 'pending', eventId: null };
      await map.put(there, []);
      const memories = await reading.memoriesOf(userId, ids, signal);
      const late = new Set(there.map(({ memoryId }) => memoryId));
      await map.put([], memories.filter(({ id }) => late.has(id)).map(added));
      return { status: 'stored', memories };
    },

    get: async (id, signal) => {
      const rows = validate(id) ? await map.ofMemories([id]) : [];
      const [first] = rows;
      if (first) return (await reading.memoriesOf(first.userId, [id], signal))[0] ?? null;
      // None of ours, and an episode does not say whose it is. Zep is asked all the same: whoever asks learns that it is there.
      await call('get', 'read', (client) => client.episode(id), z.unknown(), signal);
      return null;
    },

    update: async (id, change, signal) => {
      const { userId, memory, rows, partial } = await current(id, signal);
      const [first] = rows.filter(({ state }) => state === 'stored');
      if (!memory || !first) return null;
      const changed = { ...withChange(memory, change), updatedAt: now() };
      const changing = event(changed, { event: 'update', previousText: memory.text, text: changed.text });
      const episode = await reading.pieceOf(first, signal);
      if (changed.text === memory.text && (await putContents(first, episode, changed, signal))) {
        const { updatedAt: changedAt, expiresAt } = changed;
        await map.put([{ ...first, changedAt, expiresAt, metadata: mapping.toMapMetadata(changed) }], [changing]);
        return changed;
      }
      const version = Math.max(...rows.map((row) => row.version)) + 1;
      const draft = { memory: changed, operationId: first.operationId, role: mapping.toRole(episode) };
      const pieces = mapping.toDraftPieces(draft, version, first);
      await map.begin(pieces.map(({ row }) => row));
      await writing.send(userId, pieces, signal);
      const stale = rows
        .filter(({ state, zepId }) => zepId !== null && state !== 'gone')
        .map((row) => ({ ...row, state: 'stale' as const }));
      await map.put([...pieces.map(({ row }) => ({ ...row, state: 'stored' as const })), ...stale], [changing]);
      await removePieces([...stale, ...partial], signal);
      return changed;
    },

    delete: async (id, signal) => {
      const { memory, rows, partial } = await current(id, signal);
      const left = rows
        .filter(({ state }) => state !== 'gone')
        .map((row) => partial.find((each) => each.version === row.version && each.piece === row.piece) ?? row);
      if (left.length === 0) return false;
      await removePieces(left, signal);
      if (memory) await map.put([], [event(memory, { event: 'delete', previousText: memory.text, text: null })]);
      return memory !== undefined;
    },

    forget: (id) => map.forget(id),

    list: async (userId, page, signal) => {
      fromCursor(page.cursor, ['time', 'uuid']);
      const isWholeList = page.cursor === null && page.changedSince === undefined;
      const isUnknown = async () => (await map.people([userId])).size === 0;
      if (isWholeList && (page.includeHidden || (await isUnknown()))) await reading.adopt(userId, signal);
      const { items, nextCursor } = await map.page(userId, page);
      const ids = items.map(({ memoryId }) => memoryId);
      return { items: await reading.memoriesOf(userId, ids, signal), nextCursor };
    },

    search: (userId, query, limit, signal) => reading.search(userId, query, limit, signal),

    history: (id) => (validate(id) ? map.history(id) : Promise.resolve([])),

    users: async (request, signal) => {
      const { items, nextCursor } = await listUsers(request, signal);
      const people = items.map(({ user: { userId }, known }) => ({
        ...{ userId, memories: known?.memories ?? null, lastMemoryAt: known?.lastMemoryAt ?? null },
      }));
      return { items: people, nextCursor };
    },

    changedPeople: async (since, request, signal) => {
      if (since !== null) return map.changedPeople(since, request);
      const { items, nextCursor } = await listUsers(request, signal);
      const people = items.map(({ user, known }) => ({
        ...{ userId: user.userId, changedAt: known?.changedAt ?? user.createdAt },
      }));
      return { items: people, nextCursor };
    },
  };

  /** Puts what a memory says beside its text on its first piece; whether that had room there. */
  async function putContents(first: ZepId, episode: ZepEpisode | undefined, memory: Memory, signal: AbortSignal) {
    const uuid = first.zepId ?? '';
    const contents = mapping.toContents(memory);
    if (episode && !mapping.hasRoomFor(episode, contents)) return false;
    const put = await call('update', 'write', (client) => client.updateEpisode(uuid, contents), z.unknown(), signal);
    if (put !== null) return true;
    // Zep has not worked on the message yet.
    const update = (client: ZepClient) => client.updateMessage(uuid, contents);
    return (await call('update', 'write', update, z.unknown(), signal)) !== null;
  }
}

import type { Memory } from './memory';
import { type EpisodePage, longestPage, type ZepClient } from './zep-client';
import type { ZepGateway } from './zep-gateway';
import { isSamePiece, type ZepId, type ZepMap } from './zep-map';
import type { ZepEpisode } from './zep-mapping';
import * as mapping from './zep-mapping';

/** For so long after it was written a piece may not show in the graph yet; then it is looked for where it was put. */
const settlingMs = 3_600_000;
/** How far back in a thread it is looked for. */
const latestMessages = 500;
/** Writes that are looked for in one request. */
const operationsARequest = 10;

/** How Zep is read. Methods reject with `ProviderError`. */
export interface ZepReading {
  /** The memories of these ids that are at Zep, in their order. */
  memoriesOf(userId: string, memoryIds: string[], signal: AbortSignal): Promise<Memory[]>;
  /** A piece that is at Zep. */
  pieceOf(row: ZepId, signal: AbortSignal): Promise<ZepEpisode | undefined>;
  /** Best first. */
  search(userId: string, query: string, limit: number, signal: AbortSignal): Promise<Memory[]>;
  /** What of `sending` is at Zep, with the ids that it has there. */
  lookUp(userId: string, sending: ZepId[], signal: AbortSignal): Promise<ZepId[]>;
  /** Brings the map to what Zep has of a person: what others put there, and what the map has lost. */
  adopt(userId: string, signal: AbortSignal): Promise<void>;
}

/** Whether `known` says that a memory has another text than the one that `row` is of. */
const isOtherText = (known: ZepId, row: ZepId) =>
  known.memoryId === row.memoryId && known.version !== row.version && known.state === 'stored';

export function createZepReading(gateway: ZepGateway, map: ZepMap, now: () => Date): ZepReading {
  const page = async (userId: string, request: Parameters<ZepClient['episodes']>[1], signal: AbortSignal) => {
    const list = (client: ZepClient) => client.episodes(userId, request);
    const listed = await gateway.call('list', 'read', list, mapping.zepEpisodePage, signal);
    // Zep does not know the person.
    return listed ?? { episodes: [], nextCursor: null };
  };

  async function* allPages(userId: string, where: EpisodePage['where'], signal: AbortSignal) {
    let cursor: string | undefined;
    do {
      const { episodes, nextCursor } = await page(userId, { cursor, where }, signal);
      yield episodes;
      cursor = nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  const episode = (uuid: string, signal: AbortSignal) =>
    gateway.call('get', 'read', (client) => client.episode(uuid), mapping.zepEpisode, signal);

  const latestOf = async (threadId: string, signal: AbortSignal): Promise<ZepEpisode[]> => {
    const read = (client: ZepClient) => client.thread(threadId, latestMessages);
    const thread = await gateway.call('thread', 'read', read, mapping.zepThread, signal);
    return (thread?.messages ?? []).map((message) => ({ ...message, threadId }));
  };

  const threadsOf = (rows: ZepId[]) => [...new Set(rows.flatMap(({ threadId }) => threadId ?? []))];

  /** Episodes by their ids: in one request where Zep has worked on them. */
  const episodesOf = async (userId: string, rows: ZepId[], signal: AbortSignal): Promise<Map<string, ZepEpisode>> => {
    const found = new Map<string, ZepEpisode>();
    const take = (episodes: (ZepEpisode | null)[]) => {
      for (const each of episodes) if (each) found.set(each.uuid, each);
    };
    const uuids = rows.flatMap(({ zepId }) => zepId ?? []);
    for (let from = 0; from < uuids.length; from += longestPage) {
      const some = uuids.slice(from, from + longestPage);
      const [only = ''] = some;
      if (uuids.length === 1) take([await episode(only, signal)]);
      else take((await page(userId, { uuids: some }, signal)).episodes);
    }
    const isNew = ({ changedAt }: ZepId) => now().getTime() - changedAt.getTime() < settlingMs;
    const settling = rows.filter((row) => row.zepId && !found.has(row.zepId) && isNew(row));
    for (const threadId of threadsOf(settling)) {
      const wanted = new Set(settling.map(({ zepId }) => zepId));
      take((await latestOf(threadId, signal)).filter(({ uuid }) => wanted.has(uuid)));
    }
    if (uuids.length > 1)
      for (const { kind, zepId } of settling) if (kind === 'episode' && zepId) take([await episode(zepId, signal)]);
    return found;
  };

  const memoriesOf = async (userId: string, ids: string[], signal: AbortSignal): Promise<Memory[]> => {
    if (ids.length === 0) return [];
    const rows = (await map.ofMemories(ids)).filter((row) => row.state === 'stored' && row.userId === userId);
    const found = await episodesOf(userId, rows, signal);
    return ids.flatMap((id) => {
      const [first, ...rest] = rows.filter(({ memoryId }) => memoryId === id);
      const pieces = [first, ...rest].flatMap((row) => found.get(row?.zepId ?? '') ?? []);
      return (first && mapping.toMemory(first, pieces)) ?? [];
    });
  };

  return {
    memoriesOf,
    pieceOf: async (row, signal) => (await episodesOf(row.userId, [row], signal)).get(row.zepId ?? ''),
    search: async (userId, query, limit, signal) => {
      const ask = (client: ZepClient) => client.search(userId, mapping.toQuery(query), Math.min(limit, longestPage));
      const found = await gateway.call('search', 'read', ask, mapping.zepFound, signal);
      const episodes = found?.episodes ?? [];
      const told = episodes.map((each) => mapping.toRow(each, userId, now()));
      const known = await map.ofMemories(told.map(({ memoryId }) => memoryId));
      const rows = told.map((row) => known.find(({ zepId }) => zepId === row.zepId) ?? row);
      const isShown = (row: ZepId) => row.state === 'stored' && !known.some((each) => isOtherText(each, row));
      const ids = [...new Set(rows.flatMap((row) => (isShown(row) ? row.memoryId : [])))];
      // What is whole in one piece need not be asked for again.
      const whole = new Map<string, Memory>();
      for (const [i, row] of rows.entries()) {
        const memory = isShown(row) ? mapping.toMemory(row, episodes.slice(i, i + 1)) : null;
        if (memory) whole.set(memory.id, memory);
      }
      const inPieces = await memoriesOf(
        userId,
        ids.filter((id) => !whole.has(id)),
        signal,
      );
      for (const memory of inPieces) whole.set(memory.id, memory);
      return ids.flatMap((id) => whole.get(id) ?? []).slice(0, limit);
    },
    lookUp: async (userId, sending, signal) => {
      const episodes: ZepEpisode[] = [];
      for (const threadId of threadsOf(sending)) episodes.push(...(await latestOf(threadId, signal)));
      // A thread's messages have been looked at.
      const inGraph = sending.filter(({ threadId }) => threadId === null);
      const operations = [...new Set(inGraph.map(({ operationId }) => operationId))];
      for (let from = 0; from < operations.length; from += operationsARequest) {
        const where = { key: mapping.operationKey, values: operations.slice(from, from + operationsARequest) };
        for await (const some of allPages(userId, where, signal)) episodes.push(...some);
      }
      const there = episodes.map((each) => mapping.toRow(each, userId, now()));
      return sending.flatMap((row) => {
        const { zepId } = there.find((each) => isSamePiece(each, row)) ?? {};
        return zepId ? [{ ...row, zepId }] : [];
      });
    },
    adopt: async (userId, signal) => {
      for await (const episodes of allPages(userId, undefined, signal)) {
        const rows = episodes.map((each) => mapping.toRow(each, userId, now()));
        const known = await map.ofMemories([...new Set(rows.map(({ memoryId }) => memoryId))]);
        await map.begin(rows.filter((row) => !known.some((each) => isSamePiece(each, row) || isOtherText(each, row))));
      }
    },
  };
}

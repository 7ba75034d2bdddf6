import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { ProviderError } from './provider';
import { toRuns } from './runs';
import type { ZepClient, ZepMessage } from './zep-client';
import type { ZepGateway } from './zep-gateway';
import type { Piece } from './zep-mapping';
import * as mapping from './zep-mapping';

/** Zep's documentation, "Adding messages". */
const messagesACall = 30;
/** People and threads that are known to be there. */
const mostKnown = 10_000;

/** How Zep is written to. Methods reject with `ProviderError`. */
export interface ZepWriting {
  /** Sends pieces of one person in their order; each row has its `zepId` once it is there, and each piece that was sent says so, also where one fails. */
  send(userId: string, pieces: Piece[], signal: AbortSignal): Promise<void>;
  /** Takes an episode out, if it is there. */
  remove(zepId: string, signal: AbortSignal): Promise<void>;
}

export function createZepWriting(gateway: ZepGateway): ZepWriting {
  const known = new LRUCache<string, true>({ max: mostKnown });
  const { call } = gateway;
  const isRefused = (error: unknown) => error instanceof ProviderError && error.code === 'refused';
  const missing = () => new ProviderError('zep', 'unavailable', { retryable: true, outcomeUnknown: true });

  /** Makes what is not there; somebody else may be first. */
  const ensure = async (key: string, isThere: () => Promise<boolean>, make: () => Promise<unknown>): Promise<void> => {
    if (known.has(key)) return;
    if (!(await isThere())) {
      await make().catch(async (error) => {
        if (!isRefused(error) || !(await isThere())) throw error;
      });
    }
    known.set(key, true);
  };

  const ensureUser = (userId: string, signal: AbortSignal) =>
    ensure(
      `user ${userId}`,
      async () => (await call('user', 'read', (client) => client.user(userId), z.unknown(), signal)) !== null,
      () => call('add_user', 'write', (client) => client.addUser(userId), z.unknown(), signal),
    );

  const ensureThread = async (threadId: string, userId: string, signal: AbortSignal) => {
    await ensureUser(userId, signal);
    await ensure(
      `thread ${threadId}`,
      async () => (await call('thread', 'read', (client) => client.thread(threadId, 1), z.unknown(), signal)) !== null,
      () => call('add_thread', 'write', (client) => client.addThread(threadId, userId), z.unknown(), signal),
    );
  };

  /** Sends, and where Zep has lost the person or the thread meanwhile, makes them anew and sends once more. */
  const toPlace = async <T>(
    pieces: Piece[],
    prepare: () => Promise<void>,
    name: string,
    request: (client: ZepClient) => Promise<unknown>,
    schema: z.ZodType<T>,
    signal: AbortSignal,
  ): Promise<T> => {
    await prepare();
    for (const piece of pieces) piece.wasSent = true;
    const reply = await call(name, 'add', request, schema, signal);
    if (reply !== null) return reply;
    known.clear();
    await prepare();
    const second = await call(name, 'add', request, schema, signal);
    if (second === null) throw missing();
    return second;
  };

  const toMessage = ({ role, name, content, metadata, row }: Piece): ZepMessage => ({
    ...{ role, content, metadata, createdAt: row.at.toISOString() },
    ...(name !== null && { name }),
  });

  const sendMessages = async (userId: string, threadId: string, pieces: Piece[], signal: AbortSignal) => {
    const messages = pieces.map(toMessage);
    const prepare = () => ensureThread(threadId, userId, signal);
    const request = (client: ZepClient) => client.addMessages(threadId, messages);
    const added = await toPlace(pieces, prepare, 'add_messages', request, mapping.zepMessagesAdded, signal);
    if (added.messageUuids.length !== pieces.length) throw missing();
    for (const [i, { row }] of pieces.entries()) row.zepId = added.messageUuids[i] ?? null;
  };

  const sendEpisode = async (userId: string, piece: Piece, signal: AbortSignal) => {
    const { content: data, metadata, row } = piece;
    const episode = { userId, data, metadata, createdAt: row.at.toISOString() };
    const prepare = () => ensureUser(userId, signal);
    const request = (client: ZepClient) => client.addEpisode(episode);
    const added = await toPlace([piece], prepare, 'add_episode', request, mapping.zepEpisodeAdded, signal);
    row.zepId = added.uuid;
  };

  /** Neighbours that go to one thread, at most 30; every other piece alone: Zep takes them in the order in which they come. */
  const toCalls = (pieces: Piece[]): Piece[][] =>
    toRuns(pieces, (call, { row: { threadId } }) => {
      const isSameThread = threadId !== null && call[0].row.threadId === threadId;
      return isSameThread && call.length < messagesACall;
    });

  return {
    send: async (userId, pieces, signal) => {
      for (const group of toCalls(pieces)) {
        const [first] = group;
        if (!first) continue;
        const { threadId } = first.row;
        if (threadId === null) await sendEpisode(userId, first, signal);
        else await sendMessages(userId, threadId, group, signal);
      }
    },
    remove: async (zepId, signal) => {
      await call('delete', 'write', (client) => client.deleteEpisode(zepId), z.unknown(), signal);
    },
  };
}

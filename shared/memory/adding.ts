import { randomUUID } from 'node:crypto';
import type { OutboxWrite } from '../database/schema';
import type { Embedder } from '../embedding/embedder';
import type { Masking, Redaction } from '../redaction/redaction';
import { type Deadline, raceSignal } from '../resilience/deadline';
import { levelFor } from '../resilience/policy';
import { withoutContextPack } from '../search/context-pack';
import type { SearchIndex } from '../search/index';
import type { PointBuilder } from '../search/points';
import { describeError, type Logger } from '../telemetry/logger';
import type { Outcome } from './carrying';
import { derivedId } from './derived-id';
import type { DurableWrite } from './durable-write';
import { findSkip, type Skip } from './guard';
import type { AddRequest, AddResult, MemoryService } from './memory-contract';
import type { ProcessedMessages } from './processed-messages';
import { keeperOf, type MemoryProvider, type NewMemory, type Utterance } from './provider';
import { extractFacts } from './salience';
import { showUntilThen } from './shown';

export interface AddingDependencies {
  provider: MemoryProvider;
  index: SearchIndex;
  write: DurableWrite;
  processed: ProcessedMessages;
  embedder: Embedder;
  points: PointBuilder;
  redaction: Redaction;
  logger: Logger;
  now: () => Date;
}

const door = 'add-memory';

/** The operation that adds what a message says, which names the memory for as long as the provider has not made it. */
export const addOperationOf = (userId: string, messageId: string): string => derivedId(door, userId, messageId);

/** What looking for duplicates may take; storing a thing twice is better than not storing it. */
const guardMs = 500;

/** Stores what somebody said; see `MemoryService.add`. */
export function createAdding(dependencies: AddingDependencies): MemoryService['add'] {
  const { provider, index, write, processed, embedder, redaction, logger, now } = dependencies;

  const skipped = (reason: string, memoryId: string | null): AddResult => ({
    ...{ status: 'skipped', memoryId, memoryIds: memoryId ? [memoryId] : [], storage: provider.name, reason },
  });

  const toResult = (outcome: Outcome): AddResult => {
    switch (outcome.status) {
      case 'stored': {
        const [memoryId, ...others] = outcome.memories.map(({ id }) => id);
        if (memoryId === undefined) return skipped('nothing_worth_keeping', null);
        const { storage = provider.name } = outcome;
        return { status: 'stored', memoryId, memoryIds: [memoryId, ...others], storage };
      }
      case 'pending':
      case 'queued': {
        const storage = outcome.status === 'pending' ? provider.name : 'outbox';
        return { status: outcome.status, memoryId: null, memoryIds: [], storage, reason: outcome.code };
      }
      default:
        return skipped(outcome.status, null);
    }
  };

  /** Why the person's memories say this already, or null where they do not, or cannot be asked. What says it may be this write, sent before. */
  const findKnown = async (
    { userId, type = 'fact' }: AddRequest,
    { name: speaker, content: text }: Utterance,
    operationId: string,
    signal: AbortSignal,
  ) => {
    try {
      const skip = await raceSignal(findSkip({ index, embedder }, { userId, text, type, speaker }, signal), signal);
      return skip?.memoryId === operationId ? null : skip;
    } catch (error) {
      logger[levelFor(index)]('guard passed over', describeError(error));
      return null;
    }
  };

  /** The utterances that add something, and why the last of the others does not. */
  const sift = async (request: AddRequest, operationId: string, signal: AbortSignal) => {
    const kept: Utterance[] = [];
    let skip: Skip | null = null;
    for (const utterance of request.utterances) {
      const [fact] = extractFacts([utterance]);
      const known = fact ? await findKnown(request, fact, operationId, signal) : null;
      if (known) skip = known;
      else kept.push(utterance);
    }
    return { kept, skip };
  };

  /** Without context of ours that comes back, and what is empty then. */
  const ownWords = (utterances: Utterance[]): Utterance[] =>
    utterances.flatMap((utterance) => {
      const content = withoutContextPack(utterance.content);
      return content === '' && utterance.content !== '' ? [] : [{ ...utterance, content }];
    });

  /** What of a request is stored, without its secrets: what says where it belongs, and the names in it, are ids and stay. */
  const masked = (request: AddRequest, masking: Masking): AddRequest => ({
    ...request,
    utterances: request.utterances.map((said) => ({ ...said, content: masking.text(said.content) })),
    tags: request.tags?.map(masking.text),
    metadata: request.metadata && masking.deep(request.metadata),
  });

  const addOnce = async (given: AddRequest, deadline: Deadline): Promise<AddResult> => {
    const masking = redaction();
    const result = await addMasked(masked(given, masking), deadline);
    const storage = result.storage === provider.name ? await keeperOf(provider, given.userId) : result.storage;
    return { ...result, storage, ...masking.report() };
  };

  const addMasked = async (request: AddRequest, deadline: Deadline): Promise<AddResult> => {
    const { userId, messageId, sessionId = null, type = 'fact', tags = [], metadata = {}, infer = true } = request;
    const operationId = messageId ? addOperationOf(userId, messageId) : randomUUID();
    const utterances = ownWords(request.utterances);
    if (utterances.length === 0 && request.utterances.length > 0) return skipped('injected_context', null);
    const { kept, skip } = infer
      ? await sift({ ...request, utterances }, operationId, deadline.within(guardMs).signal)
      : { kept: utterances, skip: null };
    if (kept.length === 0 && skip) return skipped(skip.reason, skip.memoryId);
    const at = request.at ?? now();
    const common = { userId, type, topic: null, tags, metadata, sessionId, expiresAt: request.expiresAt ?? null };
    const memory: NewMemory = { ...common, operationId, utterances: kept, at, infer };
    const add: OutboxWrite = { kind: 'add', memory, ...(messageId && { once: true }) };
    const operation = { userId, operationId, write: add, waitMs: request.waitMs };
    const outcome = await write(operation, deadline, showUntilThen(dependencies, memory));
    return toResult(outcome);
  };

  return async (request, deadline) => {
    const { userId, messageId } = request;
    if (messageId === undefined) return addOnce(request, deadline);
    const earlier = await processed.find(userId, door, messageId).catch(() => null);
    if (earlier) return earlier as AddResult;
    const result = await addOnce(request, deadline);
    // Should this fail: the same message makes the same operation, which is stored once all the same.
    return (await processed.keep(userId, door, messageId, result).catch(() => result)) as AddResult;
  };
}

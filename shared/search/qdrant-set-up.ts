import { z } from 'zod';
import { createDeadline, raceSignal } from '../resilience/deadline';
import type { Logger } from '../telemetry/logger';
import { IndexError } from './index';
import type { AskQdrant } from './qdrant';
import { unless } from './qdrant-failure';
import { collectionInfo, collectionSchema, findMisfit, missingIndexes, updated } from './qdrant-schema';

const setUpMs = 10_000;
const created = z.literal(true);

export interface SetUp {
  /** Makes the collection, or looks at the one that is there, once for all who wait, whose own time may end earlier; what failed is tried again by the next call. */
  once(signal: AbortSignal): Promise<void>;
  /** The collection is gone. */
  again(): void;
}

/** Rejects with `QdrantFailure`, or `IndexError` `refused` where a collection of this name does not fit; a log line then says which part. */
export function createSetUp(ask: AskQdrant, collection_name: string, logger: Logger): SetUp {
  let prepared: Promise<void> | undefined;

  const describe = (signal: AbortSignal) =>
    ask(collectionInfo, (api, init) => api.getCollection({ collection_name }, init), signal).catch(unless(404));

  const create = (signal: AbortSignal) =>
    // 409: another process was faster.
    ask(created, (api, init) => api.createCollection({ collection_name, ...collectionSchema }, init), signal).catch(
      unless(409),
    );

  const setUp = async (signal: AbortSignal): Promise<void> => {
    let info = await describe(signal);
    if (!info) {
      await create(signal);
      info = await describe(signal);
    }
    const misfit = info ? findMisfit(info) : 'all';
    if (!info || misfit) {
      logger.error('qdrant collection does not fit', { part: misfit });
      throw new IndexError('qdrant', 'refused');
    }
    for (const [field_name, field_schema] of missingIndexes(info)) {
      await ask(
        updated,
        (api, init) => api.createFieldIndex({ collection_name, field_name, field_schema, wait: true }, init),
        signal,
      );
    }
  };

  return {
    once: (signal) => {
      prepared ??= setUp(createDeadline(setUpMs).signal).catch((error) => {
        prepared = undefined;
        throw error;
      });
      return raceSignal(prepared, signal);
    },
    again: () => {
      prepared = undefined;
    },
  };
}

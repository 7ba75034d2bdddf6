import type { FactRoom } from '../brain/fact-room';
import { EmbeddingError } from '../embedding/embedder';
import { type MemoryProvider, ProviderError } from '../memory/provider';
import type { ProviderCache } from '../memory/provider-cache';
import type { Tombstones } from '../memory/tombstones';
import { IndexError, type SearchIndex } from '../search/index';
import type { PointBuilder } from '../search/points';
import { describeError, type Logger } from '../telemetry/logger';

export interface HintDependencies {
  provider: MemoryProvider;
  index: SearchIndex;
  points: PointBuilder;
  tombstones: Tombstones;
  factRoom: Pick<FactRoom, 'watch' | 'reflect'>;
  providerCache: Pick<ProviderCache, 'drop'>;
  logger: Logger;
  now: () => Date;
}

/**
 * Looks a memory up that somebody says has changed, and makes the index say of it what the provider says: the hint itself is not
 * believed, so a forged, repeated or late one does no harm. null where provider, index or model failed: then the hint is to be sent
 * again. Rejects when the database cannot be reached.
 */
export async function applyHint(
  { provider, index, points, tombstones, factRoom, providerCache, logger, now }: HintDependencies,
  memoryId: string,
  signal: AbortSignal,
): Promise<'written' | 'removed' | 'unknown' | null> {
  const apply = async () => {
    const fact = await factRoom.watch(memoryId);
    const memory = await provider.get(memoryId, signal);
    if (memory && !(memory.expiresAt && memory.expiresAt <= now())) {
      const { userId } = memory;
      providerCache.drop(userId);
      await index.upsert(userId, [await points.toPoint(memory, false)], signal);
      // Deleted after it was read.
      await index.remove(userId, await tombstones.among(userId, [memoryId]), signal);
      if (fact) await factRoom.reflect(memory, fact, 'provider');
      return 'written';
    }
    const userId = fact?.owner.id ?? (await index.find(memoryId, signal))?.userId;
    if (userId === undefined) return 'unknown';
    providerCache.drop(userId);
    await tombstones.set(userId, [memoryId], 'provider');
    await index.remove(userId, [memoryId], signal);
    return 'removed';
  };
  try {
    return await apply();
  } catch (error) {
    if (!(error instanceof ProviderError || error instanceof IndexError || error instanceof EmbeddingError))
      throw error;
    logger.warn('hint not followed', describeError(error));
    return null;
  }
}

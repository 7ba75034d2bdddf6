import type { Embedder } from '../embedding/embedder';
import { type Deadline, raceSignal } from '../resilience/deadline';
import { levelFor } from '../resilience/policy';
import { createContextPack } from '../search/context-pack';
import { isFitting } from '../search/filter';
import type { SearchIndex } from '../search/index';
import type { RankedMemory } from '../search/ranking';
import { describeError, type Logger } from '../telemetry/logger';
import type { Statistics } from '../telemetry/statistics';
import { inSpan } from '../telemetry/tracing';
import type { MemoryService, MemoryState, Read, RecallRequest } from './memory-contract';
import { readBudget, reasonOf, toMemoryState } from './memory-state';
import type { MemoryProvider } from './provider';
import type { ProviderCache } from './provider-cache';
import { createUnsentRecall, type UnsentDependencies } from './unsent';

export interface RecallDependencies extends UnsentDependencies {
  provider: MemoryProvider;
  providerCache: ProviderCache;
  index: SearchIndex;
  embedder: Embedder;
  statistics: Statistics;
  logger: Logger;
}

/** The index's share of a recall's budget; the rest is the provider's. */
const indexShare = 0.6;
/** The provider knows no filters of ours: so many are asked for where some may have to be left out. */
const mostFiltered = 100;

type Rung = Exclude<MemoryState['source'], 'none'>;
type Found = RankedMemory[];

/** What a person's memories say about a query; see `MemoryService.recall`. */
export function createRecall(dependencies: RecallDependencies): MemoryService['recall'] {
  const { provider, providerCache, index, embedder, points, statistics, logger, now } = dependencies;
  const fromOutbox = createUnsentRecall(dependencies);

  /** What a rung gives while `signal` lasts; rejects as it does, or with the signal's reason. */
  const step = async <T>(
    rung: Rung,
    work: () => Promise<T>,
    { signal }: Deadline,
    timingsMs: Record<string, number>,
  ): Promise<T> => {
    const started = performance.now();
    try {
      return await inSpan(`rung.${rung}`, () => raceSignal(work(), signal));
    } finally {
      const tookMs = elapsed(started);
      timingsMs[rung] = tookMs;
      statistics.observe(`rung.${rung}`, tookMs);
    }
  };

  const fromIndex = async (
    { userId, query, limit, filter = {} }: RecallRequest,
    { signal }: Deadline,
    timingsMs: Record<string, number>,
  ): Promise<Found> => {
    const started = performance.now();
    const asked = { userId, text: query, filter, limit, now: now() };
    const indexQuery = await inSpan('embed', () => points.toQuery(asked));
    timingsMs.embed = elapsed(started);
    statistics.observe('embed', timingsMs.embed);
    return index.search(indexQuery, signal);
  };

  const fromProvider = async ({ userId, query, limit, filter = {} }: RecallRequest, { signal }: Deadline) => {
    const isFiltered = Object.values(filter).some((value) => value !== undefined);
    const asked = isFiltered ? Math.max(limit, mostFiltered) : limit;
    const { value, asOf, reason } = await providerCache.search(userId, query, asked, signal);
    const fitting = value.filter((memory) => isFitting(memory, filter, now()));
    // Providers know nothing of what we mark.
    const memories = fitting
      .toSorted((a, b) => Number(a.supersededBy !== null) - Number(b.supersededBy !== null))
      .slice(0, limit);
    // Providers' scores cannot be compared with ours: what counts is the order.
    const found = memories.map(
      (memory, i): RankedMemory => ({
        memory,
        score: 1 / (i + 1),
        breakdown: { lexical: 0, late: 0 },
        provisional: false,
      }),
    );
    return { found, asOf, failure: reason };
  };

  /** Index, then provider, then outbox, then null, inside one budget of which the index may take most. */
  const climb = async (
    request: RecallRequest,
    budget: Deadline,
    timingsMs: Record<string, number>,
  ): Promise<Read<Found>> => {
    const { minScore = Number.NEGATIVE_INFINITY } = request;
    const scored = (found: Found) => found.filter(({ score }) => score >= minScore);
    const answer = (value: Found | null, source: MemoryState['source'], reason: string | null, asOf = now()) => {
      if (source !== 'index') statistics.count(`fallback.${source}`);
      return { value, memory: toMemoryState(source, reason, asOf) };
    };

    let reason: string;
    const indexBudget = budget.within(budget.remainingMs() * indexShare);
    try {
      const found = await step('index', () => fromIndex(request, indexBudget, timingsMs), indexBudget, timingsMs);
      return answer(scored(found), 'index', null);
    } catch (error) {
      reason = reasonOf(error, 'index');
      logger[levelFor(index)]('index passed over', { reason, ...describeError(error) });
    }
    // Looked up while the provider is asked, so that it takes no time of its own where that is silent.
    const unsent = step('outbox', () => fromOutbox(request), budget, timingsMs).catch((error) => {
      logger.warn('outbox passed over', describeError(error));
      return [];
    });
    try {
      const { found, asOf, failure } = await step('provider', () => fromProvider(request, budget), budget, timingsMs);
      return answer(scored(found), 'provider', failure ?? reason, asOf);
    } catch (error) {
      reason = reasonOf(error, 'provider');
      statistics.count('provider.failure');
      logger[levelFor(provider)]('provider passed over', { reason, ...describeError(error) });
    }
    // What waits is not all that is known: where none of it fits, that is not [].
    const found = scored(await unsent);
    return found.length > 0 ? answer(found, 'outbox', reason) : answer(null, 'none', reason);
  };

  const recall: MemoryService['recall'] = async (request, deadline) => {
    const started = performance.now();
    const timingsMs: Record<string, number> = {};
    const { value, memory } = await climb(request, readBudget(deadline), timingsMs);
    const { maxTokens } = request;
    const context =
      maxTokens && value ? await createContextPack(value, maxTokens, embedder).catch(() => undefined) : undefined;
    timingsMs.total = elapsed(started);
    statistics.observe('recall', timingsMs.total);
    return { value, memory, timingsMs, ...(context && { context }) };
  };
  return (request, deadline) => inSpan('recall', () => recall(request, deadline));
}

const elapsed = (since: number) => Math.round((performance.now() - since) * 100) / 100;

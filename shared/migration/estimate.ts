import { atATime, flat } from './at-a-time';
import { addTo, costOf, noCounts } from './counts';
import { type Mapping, toItem } from './mapping';
import type { MigrationCounts, Progress } from './migration-contract';
import type { FullRequest } from './request';
import { createCallCounter } from './sending';
import type { Source } from './source';

export interface EstimateOptions {
  source: Source;
  to: string;
  /** Whether the target takes several at a time. */
  isTogether: boolean;
  mapping: Mapping;
  request: Pick<FullRequest, 'concurrency' | 'role'>;
  onProgress: Progress;
}

/** What a run would bring, and with how many calls, where none fails. Reads the source and writes nothing anywhere. */
export async function estimate(options: EstimateOptions, signal: AbortSignal): Promise<MigrationCounts> {
  const { source, to, isTogether, mapping, request, onProgress } = options;
  const counts = noCounts();
  await atATime(flat(source.people(signal)), request.concurrency, async (userId) => {
    let items = request.role ? 1 : 0;
    counts.metadata += items;
    counts.calls += items;
    const callsOf = createCallCounter();
    for await (const records of source.recordsOf(userId, signal)) {
      for (const record of records) {
        const item = toItem(mapping, record);
        const { kind, unmapped } = item;
        counts.calls += isTogether ? callsOf(item) : 1;
        counts[kind === 'message' ? 'messages' : kind === 'memory' ? 'memories' : 'metadata']++;
        for (const word of unmapped) addTo(counts.unmapped, word, 1);
      }
      items += records.length;
    }
    counts.people++;
    counts.planned += items;
    onProgress({ done: counts.planned, total: counts.planned, what: 'items' });
  });
  return { ...counts, problems: source.problems().counts, cost: costOf(mapping, to, counts.planned) };
}

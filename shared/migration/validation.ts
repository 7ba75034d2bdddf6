import { pagesOf } from '../memory/cursor';
import type { Memory } from '../memory/memory';
import type { MemoryProvider } from '../memory/provider';
import { inOrder } from '../search/content-hash';
import type { Checkpoints, ItemRow, RunRow } from './checkpoints';
import { hashOfItem, hashOfMemory } from './item';
import { type Mapping, toItem } from './mapping';
import { type CheckPoint, checkNames, type MigrationItem, type Validation } from './migration-contract';
import type { Pace } from './pace';
import { toSupersededBy } from './person';
import type { Source } from './source';

export interface ValidatingOptions {
  run: RunRow;
  checkpoints: Checkpoints;
  /** null: what was brought was a caller's, and only the checkpoints tell what it was. */
  source: Source | null;
  target: MemoryProvider;
  pace: Pace;
  mapping: Mapping;
  sessionId: string | undefined;
  /** At a gate what was set aside is the error budget's matter; afterwards it is missing. */
  isGate: boolean;
}

/** What is to be at the target. `kept`: all that is beside the words, as text; null where nobody knows it any more. */
interface Expected {
  sourceId: string;
  hash: string;
  createdAt: number;
  sessionId: string | null;
  kept: string | null;
  row: ItemRow | undefined;
}

type CheckName = CheckPoint['name'];

const pageSize = 200;
const examplesAtMost = 20;
const searchesAtMost = 50;
const searchLimit = 10;
/** Two vendors rank differently: less than half alike, and something is missing. */
const overlapAtLeast = 0.5;

const noTally = () => ({ expected: 0, found: 0, examples: new Set<string>() });

type Kept = Pick<Memory, 'metadata' | 'tags' | 'topic' | 'type' | 'speaker' | 'expiresAt' | 'supersededBy'>;
const keptOf = ({ metadata, tags, topic, type, speaker, expiresAt, supersededBy }: Kept): string =>
  JSON.stringify([metadata, tags, topic, type, speaker, expiresAt, supersededBy], inOrder);

/** Compares people at the source with what is at the target, one after the other: what it holds at a time is one person's. */
export function createValidating(options: ValidatingOptions) {
  const { run, checkpoints, source, target, pace, mapping, sessionId, isGate } = options;
  const tallies = new Map(checkNames.map((name) => [name, noTally()]));
  let people = 0;
  let items = 0;
  let searches = 0;

  const count = (name: CheckName, expected: number, found: number, example?: string) => {
    const tally = tallies.get(name);
    if (!tally) return;
    tally.expected += expected;
    tally.found += found;
    if (expected !== found && example !== undefined && tally.examples.size < examplesAtMost)
      tally.examples.add(example);
  };

  /** Records that came, or changed, after the run began are the next run's, unless this one brought them. */
  const isOfRun = (row: ItemRow | undefined, updatedAt: Date) =>
    row ? !(isGate && row.state === 'poison') : updatedAt <= run.startedAt;

  const expectedOf = async (userId: string, rows: Map<string, ItemRow>, signal: AbortSignal) => {
    const expected: Expected[] = [];
    let sample: MigrationItem | null = null;
    if (!source) {
      for (const row of rows.values()) {
        const { sourceId, contentHash: hash, sourceCreatedAt, sessionId: session } = row;
        expected.push({ sourceId, hash, createdAt: sourceCreatedAt.getTime(), sessionId: session, kept: null, row });
      }
    } else {
      for await (const records of source.recordsOf(userId, signal)) {
        for (const record of records) {
          const row = rows.get(record.id);
          if (!isOfRun(row, record.updatedAt)) continue;
          const item = toItem(mapping, record);
          const successor = item.supersededBy;
          const supersededBy = successor && toSupersededBy(successor, rows.get(successor));
          expected.push({
            ...{ sourceId: record.id, hash: hashOfItem(item), createdAt: item.createdAt.getTime(), row },
            ...{ sessionId: item.sessionId, kept: keptOf({ ...item, supersededBy }) },
          });
          if (item.content.length > (sample?.content.length ?? 0) && item.content.length < 500) sample = item;
        }
      }
    }
    const wanted = expected.filter((each) => sessionId === undefined || each.sessionId === sessionId);
    return { expected: wanted, sample };
  };

  const targetOf = async (userId: string, signal: AbortSignal): Promise<Memory[]> => {
    const list = (cursor: string | null) =>
      pace.insist((within) => target.list(userId, { limit: pageSize, cursor, includeHidden: true }, within), signal);
    const found = new Map<string, Memory>();
    for await (const page of pagesOf(list)) for (const memory of page) found.set(memory.id, memory);
    return [...found.values()];
  };

  /** Whether what the source finds, the target finds, too. */
  const compareSearches = async ({ userId, content }: MigrationItem, signal: AbortSignal) => {
    searches++;
    const query = content.split(/\s+/).slice(0, 8).join(' ');
    const wanted = (await source?.search(userId, query, searchLimit, signal)) ?? [content];
    const search = (within: AbortSignal) => target.search(userId, query, searchLimit, within);
    const found = new Set((await pace.insist(search, signal)).map(({ text }) => text));
    count('searches_overlap', wanted.length, wanted.filter((text) => found.has(text)).length, userId);
  };

  return {
    /** Takes one person into account. */
    check: async (userId: string, signal: AbortSignal): Promise<void> => {
      const rows = new Map((await checkpoints.itemsOf(run.id, userId)).map((row) => [row.sourceId, row]));
      const { expected, sample } = await expectedOf(userId, rows, signal);
      if (expected.length === 0) return;
      people++;
      items += expected.length;
      const memories = new Map((await targetOf(userId, signal)).map((memory) => [memory.id, memory]));
      count('person_exists', 1, memories.size > 0 ? 1 : 0, userId);

      const found: { wanted: Expected; memory: Memory }[] = [];
      for (const wanted of expected) {
        const memory = memories.get(wanted.row?.targetIds[0] ?? '');
        count('counts_equal', 1, memory ? 1 : 0, wanted.sourceId);
        if (!memory) continue;
        found.push({ wanted, memory });
        const isSame = hashOfMemory(memory) === wanted.hash;
        count('hashes_equal', 1, isSame ? 1 : 0, wanted.sourceId);
        count('timestamps_kept', 1, memory.createdAt.getTime() === wanted.createdAt ? 1 : 0, wanted.sourceId);
        const isKept = wanted.kept === null ? isSame : keptOf(memory) === wanted.kept;
        count('metadata_intact', 1, isKept ? 1 : 0, wanted.sourceId);
      }

      // What is there twice: alike, and not what a checkpoint names.
      const known = new Set([...rows.values()].flatMap(({ targetIds }) => targetIds));
      const hashes = new Map(expected.map(({ hash, sourceId }) => [hash, sourceId]));
      for (const memory of memories.values()) {
        const twin = known.has(memory.id) ? undefined : hashes.get(hashOfMemory(memory));
        if (twin !== undefined) count('counts_equal', 0, 1, twin);
      }

      const sessions = (some: (string | null)[]) => new Set(some.filter((session) => session !== null));
      const loaded = sessions(found.map(({ memory }) => memory.sessionId));
      for (const session of sessions(expected.map((each) => each.sessionId)))
        count('sessions_loaded', 1, loaded.has(session) ? 1 : 0, userId);

      const inTargetsOrder = found.sort((a, b) => a.memory.createdAt.getTime() - b.memory.createdAt.getTime());
      let latest = Number.NEGATIVE_INFINITY;
      for (const { wanted } of inTargetsOrder) {
        count('order_kept', 1, wanted.createdAt >= latest ? 1 : 0, wanted.sourceId);
        latest = Math.max(latest, wanted.createdAt);
      }
      if (sample && searches < searchesAtMost) await compareSearches(sample, signal);
    },
    result: (): Validation => {
      const checks = checkNames.map((name): CheckPoint => {
        const { expected, found, examples } = tallies.get(name) ?? noTally();
        const passed = name === 'searches_overlap' ? found >= overlapAtLeast * expected : found === expected;
        return { name, passed, expected, found, examples: [...examples] };
      });
      // One too few and one too many are not equal.
      const counts = checks.find(({ name }) => name === 'counts_equal');
      if (counts && counts.examples.length > 0) counts.passed = false;
      return { passed: checks.every(({ passed }) => passed), people, items, checks };
    },
  };
}

import { LRUCache } from 'lru-cache';
import type { Database, Db } from '../database/client';
import { raceSignal } from '../resilience/deadline';
import { createDotKernel } from './dot-kernel';
import {
  buryPoints,
  countTypes,
  erasePoints,
  findMemory,
  type OwnedPoint,
  readMarks,
  readMemories,
  readOlder,
  readPassing,
  readPeople,
  readPoints,
  readVersion,
  type StoredMemory,
  toPoint,
  writePoints,
} from './embedded-rows';
import { passes } from './filter';
import { IndexError, type SearchFilter, type SearchIndex } from './index';
import { knownVersions } from './known-versions';
import { layOut, type PersonPoints, type PointFacts, replacePoints, sizeOf } from './person-points';
import { rank, toRankingQuery } from './ranking';
import { scorePoints } from './scoring';
import { sentenceCosines } from './sentence-vectors';

/** Memories at hand because they were read or found lately: about 7 MB of short ones. */
const maxFound = 10_000;

interface EmbeddedOptions {
  /** What the vectors of persons may take of this process's memory. Those asked for least recently go first, and are read again when needed. */
  cacheBytes?: number;
  now?: () => Date;
}

/** A person's points as of a version of them. */
interface Person {
  /** When the person was first heard of, in ms since 1970: one who was erased and came back begins at version 1 again. */
  since: number;
  version: number;
  points: PersonPoints;
}

/**
 * The search index in this process: points lie in Postgres, the vectors of the persons in use in memory, and all
 * memories of a person are scored exactly. Every search learns first what changed since the last one, so a write is seen by all
 * processes once it is committed. Rejects with `IndexError`: `timeout` when the signal ended first,
 * `unavailable` when the database failed.
 */
export function createEmbeddedIndex(database: Database, options: EmbeddedOptions = {}): SearchIndex {
  const { cacheBytes = 128 * 2 ** 20, now = () => new Date() } = options;
  const persons = new LRUCache<string, Person>({
    maxSize: cacheBytes,
    sizeCalculation: ({ points }) => sizeOf(points),
  });
  const found = new LRUCache<string, StoredMemory>({ max: maxFound });
  const kernels = { tokens: createDotKernel(), sentences: createDotKernel() };
  const loading = new Map<string, Promise<Person>>();
  const versions = knownVersions(database);

  const ask = async <T>(signal: AbortSignal, question: (db: Db) => Promise<T>): Promise<T> => {
    try {
      return await raceSignal(database.open().then(question), signal);
    } catch (cause) {
      throw new IndexError('embedded', signal.aborted ? 'timeout' : 'unavailable', { cause });
    }
  };

  /** A write may end, well or not, after its caller has gone: only then may searches trust what they know again. */
  const write = (userIds: string[], signal: AbortSignal, change: (db: Db) => Promise<void>) =>
    ask(signal, (db) => change(db).finally(() => userIds.forEach(versions.forget)));

  /** Brings what is held of a person up to date. Two of these may run at once: each applies only what the other has not. */
  const refresh = async (userId: string, signal: AbortSignal): Promise<Person> => {
    const latest = await versions.read(userId, () => ask(signal, (db) => readVersion(db, userId)));
    const known = persons.get(userId);
    if (latest && known?.since === latest.since && known.version >= latest.version) return known;
    const base = latest && known?.since === latest.since ? known : null;
    if (!base) persons.delete(userId);
    if (!latest) return { since: 0, version: 0, points: layOut([]) };

    const rows = await ask(signal, (db) => readPoints(db, userId, base?.version ?? 0));
    // Read from the beginning, the rows are complete; what another has applied meanwhile counts only where both began alike.
    const held = base && (persons.get(userId) ?? base);
    const changed = rows.filter(({ version }) => version > (held?.version ?? 0));
    const living = changed.filter(({ deleted }) => !deleted);
    for (const { memory, provisional, version } of living) found.set(keyOf(memory), { memory, provisional, version });
    const added = living.map(toPoint);
    const points = held
      ? replacePoints(held.points, new Set(changed.map(({ memory }) => memory.id)), added)
      : layOut(added);
    // What was written meanwhile may be among the rows: versions are committed in their order, so all before it is too.
    const version = Math.max(latest.version, held?.version ?? 0, rows.at(-1)?.version ?? 0);
    const person = { since: latest.since, version, points };
    persons.set(userId, person);
    return person;
  };

  /** The person as of now. Who comes while they are read for the first time waits, and then asks only for what came after. */
  const current = async (userId: string, signal: AbortSignal): Promise<PersonPoints> => {
    const underWay = loading.get(userId);
    if (underWay) await ask(signal, () => underWay.catch(() => undefined));
    if (underWay || persons.has(userId)) return (await refresh(userId, signal)).points;
    const load = refresh(userId, signal).finally(() => loading.delete(userId));
    loading.set(userId, load);
    return (await load).points;
  };

  /** The memories of these points, undefined for one that is gone by now. Those found lately need no question. */
  const readStored = async (userId: string, points: readonly PointFacts[], signal: AbortSignal) => {
    const known = (id: string) => found.get(keyOf({ userId, id }));
    const missing = points.filter(({ id, version }) => known(id)?.version !== version).map(({ id }) => id);
    const rows = missing.length > 0 ? await ask(signal, (db) => readMemories(db, userId, missing)) : [];
    const read = new Map(rows.map((row) => [row.memory.id, row]));
    for (const row of rows) found.set(keyOf(row.memory), row);
    const wasMissing = new Set(missing);
    return points.map(({ id }) => (wasMissing.has(id) ? read.get(id) : known(id)));
  };

  /** A test for the points that pass a filter and have not expired at `at`. */
  const passing = async (userId: string, filter: SearchFilter, at: Date, signal: AbortSignal) => {
    const ids = await ask(signal, (db) => readPassing(db, userId, filter));
    return (facts: PointFacts) =>
      facts.expiresAt > at.getTime() && passes(facts, filter) && (ids?.has(facts.id) ?? true);
  };

  const upsertAll = async (points: OwnedPoint[], signal: AbortSignal) => {
    const userIds = points.map(({ userId }) => userId);
    if (points.length > 0) await write(userIds, signal, (db) => writePoints(db, points));
  };

  return {
    name: 'embedded',

    upsert(userId, points, signal) {
      return upsertAll(
        points.map((point) => ({ userId, point })),
        signal,
      );
    },

    upsertAll(points, signal) {
      return upsertAll(
        points.map((point) => ({ userId: point.memory.userId, point })),
        signal,
      );
    },

    async remove(userId, ids, signal) {
      if (ids.length > 0) await write([userId], signal, (db) => buryPoints(db, userId, ids));
    },

    erase(userId, signal) {
      return write([userId], signal, (db) => erasePoints(db, userId));
    },

    async search(query, signal) {
      const { userId, filter, topic, limit } = query;
      const points = await current(userId, signal);
      const candidates = scorePoints(kernels, points, query, await passing(userId, filter, query.now, signal));
      const ranked = rank(candidates, toRankingQuery(query.text, topic, query.now.getTime()), limit);
      if (ranked.length === 0) return [];
      const stored = await readStored(
        userId,
        ranked.map(({ candidate }) => candidate.facts),
        signal,
      );
      return ranked.flatMap(({ score, breakdown }, i) => {
        const { memory, provisional } = stored[i] ?? {};
        return memory ? [{ memory, provisional: provisional === true, score, breakdown }] : [];
      });
    },

    find(id, signal) {
      return ask(signal, (db) => findMemory(db, id));
    },

    marks(userId, ids, signal) {
      return ask(signal, (db) => readMarks(db, userId, ids));
    },

    people(signal) {
      return ask(signal, readPeople);
    },

    olderThan(type, before, limit, signal) {
      return ask(signal, (db) => readOlder(db, type, before, limit));
    },

    countByType(signal) {
      return ask(signal, countTypes);
    },

    async nearest(userId, embedding, scope, signal) {
      const points = await current(userId, signal);
      const isIncluded = await passing(userId, scope, now(), signal);
      const cosines = sentenceCosines(kernels.sentences, points.sentences, embedding.sentence);
      let best: { facts: PointFacts; cosine: number } | null = null;
      for (const [i, facts] of points.facts.entries()) {
        const cosine = cosines[i] ?? 0;
        if ((!best || cosine > best.cosine) && isIncluded(facts)) best = { facts, cosine };
      }
      if (!best) return null;
      const [stored] = await readStored(userId, [best.facts], signal);
      return stored ? { memory: stored.memory, cosine: best.cosine } : null;
    },
  };
}

const keyOf = ({ userId, id }: { userId: string; id: string }) => `${userId}/${id}`;

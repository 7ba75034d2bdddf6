import { type Filter, fieldsOf, type Payload, passes } from './qdrant-server-filter';
import {
  cosine,
  inverseDocumentFrequency,
  maxSim,
  type SparseVector,
  sparseDot,
  toHalf,
  toUnitLength,
} from './qdrant-server-scoring';

/** A request that Qdrant answers with an error of this status. */
export class RequestError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

interface DenseParams {
  size: number;
  distance: string;
  datatype?: string;
  multivector_config?: { comparator: string };
}
export interface CollectionSchema {
  vectors: Record<string, DenseParams>;
  sparse_vectors?: Record<string, { modifier?: string }>;
  strict_mode_config?: { enabled?: boolean };
}

type Vector = number[] | number[][] | SparseVector;
type StoredVector = Float32Array | Float32Array[] | SparseVector;
interface Point {
  id: string;
  version: number;
  payload: Payload;
  vectors: Record<string, StoredVector>;
}
type Selector = boolean | string[] | { include?: string[]; exclude?: string[] } | undefined;
interface Scroll {
  filter?: Filter;
  limit?: number;
  offset?: string;
  order_by?: { key: string };
}
interface Search {
  query: Vector;
  using: string;
  filter?: Filter;
  limit?: number;
}
export interface Query extends Search {
  prefetch?: Search[];
  with_payload?: Selector;
}
export interface Scored {
  point: Point;
  score: number;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const queryFields = new Set(['prefetch', 'query', 'using', 'filter', 'limit', 'with_payload']);

/** One collection: what is asked of it is done exactly, and what it cannot do is refused. All throw `RequestError`. */
export function createCollection(schema: CollectionSchema) {
  const points = new Map<string, Point>();
  const indexes = new Map<string, Record<string, unknown>>();
  /** Every value that an indexed field ever had. */
  const seen = new Map<string, Set<unknown>>();
  let operations = 0;

  const refuse = (message: string): never => {
    throw new RequestError(400, message);
  };

  const checkFilter = (filter: Filter | undefined) => {
    if (!schema.strict_mode_config?.enabled) return;
    const field = fieldsOf(filter).find((name) => !indexes.has(name));
    if (field)
      refuse(`Bad request: Index required but not found for "${field}" of one of the following types: [keyword]`);
  };

  const select = (filter: Filter | undefined): Point[] => {
    checkFilter(filter);
    return [...points.values()].filter((point) => passes(filter, point));
  };

  const toStored = (name: string, value: Vector): StoredVector => {
    if (schema.sparse_vectors?.[name]) {
      const { indices = [], values = [] } = value as SparseVector;
      const isSound = indices.length === values.length && new Set(indices).size === indices.length;
      return isSound ? { indices, values } : refuse('Validation error: indices must be unique');
    }
    const params = schema.vectors[name] ?? refuse(`Wrong input: Not existing vector name error: ${name}`);
    const isMulti = params.multivector_config !== undefined;
    const rows = (isMulti ? value : [value]) as number[][];
    if (rows.length === 0) refuse('Validation error: multivector must not be empty');
    for (const row of rows) {
      if (row.length !== params.size)
        refuse(`Wrong input: Vector dimension error: expected dim: ${params.size}, got ${row.length}`);
    }
    const stored = params.distance === 'Cosine' ? rows.map(toUnitLength) : rows;
    const halved = params.datatype === 'float16' ? stored.map((row) => row.map(toHalf)) : stored;
    const [first = new Float32Array(), ...others] = halved.map((row) => Float32Array.from(row));
    return isMulti ? [first, ...others] : first;
  };

  /** Scores of those points that have this vector. */
  const score = (candidates: Point[], { query, using }: Search): Scored[] => {
    const having = new Map<number, number>();
    const sparse = schema.sparse_vectors?.[using];
    const params = schema.vectors[using];
    if (!sparse && !params) refuse(`Wrong input: Not existing vector name error: ${using}`);
    if (sparse?.modifier === 'idf') {
      for (const { vectors } of points.values()) {
        for (const index of (vectors[using] as SparseVector | undefined)?.indices ?? [])
          having.set(index, (having.get(index) ?? 0) + 1);
      }
    }
    const idf = (index: number) =>
      sparse?.modifier === 'idf' ? inverseDocumentFrequency(points.size, having.get(index) ?? 0) : 1;
    const scoreOf = (vector: StoredVector): number | null => {
      if (sparse) return sparseDot(query as SparseVector, vector as SparseVector, idf);
      return params?.multivector_config
        ? maxSim(query as number[][], vector as Float32Array[])
        : cosine(query as number[], vector as Float32Array);
    };
    return candidates.flatMap((point) => {
      const vector = point.vectors[using];
      const value = vector === undefined ? null : scoreOf(vector);
      return value === null ? [] : [{ point, score: Math.fround(value) }];
    });
  };

  const search = (request: Search, candidates = select(request.filter)): Scored[] =>
    score(candidates, request)
      .sort((a, b) => b.score - a.score || (a.point.id < b.point.id ? -1 : 1))
      .slice(0, request.limit ?? 10);

  return {
    upsert(given: { id: string; vector: Record<string, Vector>; payload?: Payload }[]) {
      operations++;
      const made = given.map(({ id, vector, payload = {} }): Point => {
        if (!uuid.test(id)) refuse(`Format error in JSON body: value ${id} is not a valid point ID`);
        const vectors = Object.fromEntries(
          Object.entries(vector).map(([name, value]) => [name, toStored(name, value)]),
        );
        return { id: id.toLowerCase(), version: operations, payload, vectors };
      });
      for (const point of made) {
        points.set(point.id, point);
        for (const [key, value] of Object.entries(point.payload)) {
          if (!indexes.has(key)) continue;
          const values = seen.get(key) ?? new Set();
          for (const one of [value].flat()) values.add(one);
          seen.set(key, values);
        }
      }
      return operations;
    },

    delete(selector: { points?: string[]; filter?: Filter }) {
      operations++;
      const gone = selector.points ?? select(selector.filter).map(({ id }) => id);
      for (const id of gone) points.delete(id);
      return operations;
    },

    createIndex(field: string, params: Record<string, unknown>) {
      indexes.set(field, params);
      return ++operations;
    },

    dropIndex: (field: string) => indexes.delete(field),

    /** `leaves` keeps what prefetches found, for the other sub-queries of a batch that begin with the same. */
    query(request: Query, leaves = new Map<string, Scored[]>()) {
      const unknown = Object.keys(request).find((field) => !queryFields.has(field));
      if (unknown) refuse(`the loopback server does not know "${unknown}" in a query`);
      const { prefetch, with_payload, filter } = request;
      checkFilter(filter);
      const find = (leaf: Search) => {
        const key = JSON.stringify(leaf);
        const scored = leaves.get(key) ?? search(leaf);
        leaves.set(key, scored);
        return scored.map(({ point }) => point);
      };
      const candidates = prefetch && [...new Set(prefetch.flatMap(find))].filter((point) => passes(filter, point));
      return search(request, candidates).map(({ point, score: value }) => ({
        id: point.id,
        version: point.version,
        score: value,
        ...(with_payload && { payload: selectFields(point.payload, with_payload) }),
      }));
    },

    /** Other than its document says, the server gives no payload unless it is asked for. */
    retrieve: ({ ids, with_payload = false }: { ids: string[]; with_payload?: boolean }) =>
      ids.flatMap((id) => {
        const point = points.get(id);
        return point ? [{ id, ...(with_payload && { payload: point.payload }) }] : [];
      }),

    facet({ key, limit = 10, filter, exact }: { key: string; limit?: number; filter?: Filter; exact?: boolean }) {
      if (!indexes.has(key)) refuse(`Bad request: Index required but not found for "${key}"`);
      // As the server does, an exact count has what once was there, too.
      const counts = new Map<unknown, number>(exact ? [...(seen.get(key) ?? [])].map((value) => [value, 0]) : []);
      for (const { payload } of select(filter)) {
        for (const value of [payload[key] ?? []].flat()) counts.set(value, (counts.get(value) ?? 0) + 1);
      }
      const hits = Array.from(counts, ([value, count]) => ({ value, count }));
      return { hits: hits.sort((a, b) => b.count - a.count).slice(0, limit) };
    },

    scroll({ filter, limit = 10, offset, order_by }: Scroll) {
      const all = select(filter).sort((a, b) => (a.id < b.id ? -1 : 1));
      if (order_by) {
        // In an order of a field's there are no pages by id.
        if (indexes.get(order_by.key)?.type !== 'datetime') throw new Error(`no range index for ${order_by.key}`);
        const momentOf = ({ payload }: { payload: Payload }) => Date.parse(String(payload[order_by.key]));
        const ordered = all.sort((a, b) => momentOf(a) - momentOf(b)).slice(0, limit);
        return { points: ordered.map(({ id, payload }) => ({ id, payload })), next_page_offset: null };
      }
      const from = all.filter(({ id }) => offset === undefined || id >= offset);
      return {
        points: from.slice(0, limit).map(({ id, payload }) => ({ id, payload })),
        next_page_offset: from[limit]?.id ?? null,
      };
    },

    describe() {
      const ofField = ([field, params]: [string, Record<string, unknown>]) => {
        const indexed = [...points.values()].filter(({ payload }) => payload[field] !== undefined);
        return [field, { data_type: params.type, params, points: indexed.length }];
      };
      const { strict_mode_config, vectors, sparse_vectors } = schema;
      return {
        ...{ status: 'green', optimizer_status: 'ok', points_count: points.size, segments_count: 1 },
        config: {
          params: { vectors, sparse_vectors, shard_number: 1, replication_factor: 1, on_disk_payload: true },
          hnsw_config: { m: 0, payload_m: 16, ef_construct: 100, full_scan_threshold: 10_000 },
          optimizer_config: {
            deleted_threshold: 0.2,
            vacuum_min_vector_number: 1000,
            flush_interval_sec: 5,
            default_segment_number: 0,
          },
          strict_mode_config,
        },
        payload_schema: Object.fromEntries(Array.from(indexes, ofField)),
      };
    },
  };
}
export type Collection = ReturnType<typeof createCollection>;

function selectFields(payload: Payload, selector: Selector): Payload {
  if (selector === true || selector === undefined) return payload;
  const { include, exclude } = Array.isArray(selector) ? { include: selector } : Object(selector);
  return Object.fromEntries(
    Object.entries(payload).filter(([field]) => (include?.includes(field) ?? true) && !exclude?.includes(field)),
  );
}

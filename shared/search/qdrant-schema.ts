import { z } from 'zod';
import { tokenDimensions } from './late-interaction';
import { sentenceDimensions } from './sentence-vectors';

/**
 * The collection as it is made. Persons are tenants: no graph over all points, one over each person's. Token vectors have none,
 * they only score what the other two found. They are whole numbers of −127 to 127, which 16-bit floats hold exactly.
 * Strict mode refuses a filter on a field without an index. Qdrant documentation, "Multitenancy", "Multivectors", "Strict mode".
 */
export const collectionSchema = {
  vectors: {
    content: { size: sentenceDimensions, distance: 'Cosine' },
    tokens: {
      size: tokenDimensions,
      distance: 'Dot',
      datatype: 'float16',
      multivector_config: { comparator: 'max_sim' },
      hnsw_config: { m: 0, payload_m: 0 },
    },
  },
  sparse_vectors: { terms: { modifier: 'idf' } },
  hnsw_config: { m: 0, payload_m: 16 },
  strict_mode_config: { enabled: true, unindexed_filtering_retrieve: false, unindexed_filtering_update: false },
} as const;

const keyword = { type: 'keyword', enable_hnsw: false } as const;
const datetime = { type: 'datetime', enable_hnsw: false } as const;

/** Every field that is filtered by, with its index: made before the first point, for the graphs are built along them. */
export const payloadIndexes = {
  user_id: { type: 'keyword', is_tenant: true },
  type: keyword,
  topic: keyword,
  tags: keyword,
  metadata_pairs: keyword,
  session_id: keyword,
  speaker: keyword,
  superseded_by: keyword,
  created_at: datetime,
  expires_at: datetime,
} as const;

/** The result of every write. */
export const updated = z.object({ status: z.string() });

/** What is read of a collection's description. */
export const collectionInfo = z.object({
  config: z.object({ params: z.record(z.string(), z.unknown()) }),
  payload_schema: z.record(z.string(), z.object({ data_type: z.string() })),
});
export type CollectionInfo = z.infer<typeof collectionInfo>;

/** What search could not work without; the rest of the schema is for speed, and an operator may have tuned it. */
const { content, tokens } = collectionSchema.vectors;
const needed = {
  vectors: {
    content: { size: content.size, distance: content.distance },
    tokens: { size: tokens.size, distance: tokens.distance, multivector_config: tokens.multivector_config },
  },
  sparse_vectors: collectionSchema.sparse_vectors,
};

/** The first part of an existing collection that search cannot work with, such as `vectors.content.size`; null where all fits. */
export function findMisfit({ config, payload_schema }: CollectionInfo): string | null {
  const field = Object.entries(payloadIndexes).find(
    ([name, { type }]) => (payload_schema[name]?.data_type ?? type) !== type,
  );
  return findDifference(needed, config.params) ?? (field ? `payload_schema.${field[0]}` : null);
}

/** Fields whose index is still to be made. */
export const missingIndexes = ({ payload_schema }: CollectionInfo) =>
  Object.entries(payloadIndexes).filter(([name]) => !payload_schema[name]);

/** Path of the first value in `wanted` that `actual` does not have, too. */
function findDifference(wanted: object, actual: unknown): string | null {
  for (const [key, value] of Object.entries(wanted)) {
    const other = (actual as Record<string, unknown> | null | undefined)?.[key];
    if (typeof value !== 'object') {
      if (value !== other) return key;
      continue;
    }
    const inner = findDifference(value, other);
    if (inner) return `${key}.${inner}`;
  }
  return null;
}

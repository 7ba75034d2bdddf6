import type { Embedder } from '../embedding/embedder';
import { createDeadline, raceSignal } from '../resilience/deadline';
import type { Reading } from '../telemetry/telemetry';
import { checkHealth, type HealthDependencies, type HealthReport } from './health';
import { rate } from './statistics-report';

/** How things stand, as metrics, with what their attributes may be. What happens is counted and timed as it does, see `Telemetry`. */
export const gaugeNames = [
  /** 1 where health is not `healthy`. */
  'keepsake.health.degraded',
  /** 1 where a part answers; `part`: provider, index, database. */
  'keepsake.reachable',
  /** 1 where calls to a vendor are not made; `part`: provider, index, model. */
  'keepsake.circuit.open',
  'keepsake.outbox.waiting',
  'keepsake.outbox.oldest_seconds',
  'keepsake.outbox.dead',
  'keepsake.sync.lag_seconds',
  /** What the last full comparison mended; `kind`: missing, changed, orphaned. */
  'keepsake.sync.drift',
  /** `type`: fact, preference, goal, check_in, other. */
  'keepsake.memories',
  /** Share of texts whose vectors were at hand, 0 to 1. */
  'keepsake.embedding.cache_hit_rate',
] as const satisfies Reading['name'][];

type Gauge = { name: (typeof gaugeNames)[number]; value: number; attributes?: Record<string, string> };

const countMs = 2_000;

/** What cannot be told is left out. Takes 2 s at most, and never rejects. */
export async function readGauges(dependencies: HealthDependencies): Promise<Reading[]> {
  const { index, embedder } = dependencies;
  const { signal } = createDeadline(countMs);
  const [health, byType] = await Promise.all([
    checkHealth(dependencies),
    raceSignal(index.countByType(signal), signal).catch(() => ({})),
  ]);
  return [...ofHealth(health), ...ofMemories(byType), ...ofEmbedder(embedder)];
}

const flag = (is: boolean) => (is ? 1 : 0);

function ofHealth({ status, provider, index, database, chatModel, outbox, sync }: HealthReport): Gauge[] {
  const circuits = { provider: provider.circuit, index: index.circuit, model: chatModel?.circuit };
  const parts = Object.entries({ provider, index, database });
  return [
    { name: 'keepsake.health.degraded', value: flag(status !== 'healthy') },
    ...parts.map(
      ([part, { reachable }]): Gauge => ({ name: 'keepsake.reachable', value: flag(reachable), attributes: { part } }),
    ),
    ...Object.entries(circuits).flatMap(([part, circuit]): Gauge[] =>
      circuit ? [{ name: 'keepsake.circuit.open', value: flag(circuit !== 'closed'), attributes: { part } }] : [],
    ),
    ...(outbox
      ? ([
          { name: 'keepsake.outbox.waiting', value: outbox.waiting },
          { name: 'keepsake.outbox.oldest_seconds', value: outbox.oldestSeconds },
          { name: 'keepsake.outbox.dead', value: outbox.dead },
        ] satisfies Gauge[])
      : []),
    ...(sync && sync.lagSeconds !== null
      ? [{ name: 'keepsake.sync.lag_seconds', value: sync.lagSeconds } as const]
      : []),
    ...Object.entries(sync?.drift ?? {}).map(
      ([kind, value]): Gauge => ({ name: 'keepsake.sync.drift', value, attributes: { kind } }),
    ),
  ];
}

/** Callers give types of their own, in their own words: those are one. */
const ourTypes = new Set(['fact', 'preference', 'goal', 'check_in']);

function ofMemories(byType: Record<string, number>): Gauge[] {
  const counts = new Map<string, number>();
  for (const [type, count] of Object.entries(byType)) {
    const known = ourTypes.has(type) ? type : 'other';
    counts.set(known, (counts.get(known) ?? 0) + count);
  }
  return [...counts].map(([type, value]) => ({ name: 'keepsake.memories', value, attributes: { type } }));
}

function ofEmbedder(embedder: Embedder): Gauge[] {
  const { hits, misses } = embedder.cache();
  const value = rate(hits, misses);
  return value === null ? [] : [{ name: 'keepsake.embedding.cache_hit_rate', value }];
}

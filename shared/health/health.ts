import { countUnsynced, type FactStates } from '../brain/fact-states';
import type { ChatModel } from '../chat/model-contract';
import type { SettingProblem, Settings } from '../config/settings';
import type { Database } from '../database/client';
import { RowSecurityError } from '../database/roles';
import type { Embedder } from '../embedding/embedder';
import type { Outbox, OutboxStatus } from '../memory/outbox-contract';
import type { MemoryProvider } from '../memory/provider';
import type { Selection } from '../memory/providers';
import type { Shadow } from '../memory/shadow';
import { createDeadline, raceSignal } from '../resilience/deadline';
import { type CircuitName, isCutOff } from '../resilience/policy';
import type { SearchIndex } from '../search/index';
import type { BatchState } from '../sync/batch-state';
import { unreadable } from '../sync/batches';
import { type Freshness, type SyncStatus, type SyncView, toSyncView } from '../sync/freshness';
import type { Telemetry } from '../telemetry/telemetry';
import type { Statistics } from '../telemetry/statistics';

interface VendorReport {
  name: string;
  reachable: boolean;
  /** Whether calls go through, where they leave this process. One that does not is not waited for here either. */
  circuit?: CircuitName;
}

export interface HealthReport {
  /** `unhealthy` only when nothing can be kept: neither database nor provider answers. */
  status: 'healthy' | 'degraded' | 'unhealthy';
  /** What is wrong, as sentences for an operator. */
  issues: string[];
  provider: VendorReport;
  /** What stands in for it while it fails, and what is asked along; null where there is none. */
  fallback: VendorReport | null;
  shadow: string | null;
  /** Which provider keeps new people in the place of the first; null where none does. */
  newPeople: string | null;
  index: VendorReport;
  database: { engine: string; reachable: boolean };
  /** null where the database does not answer. */
  outbox: OutboxStatus | null;
  /** null where the database does not answer. */
  sync: SyncView | null;
  /** Whether there is a provider that takes facts, and how many it does not have: null where the database does not answer. */
  brain: ({ isConfigured: boolean } & FactStates) | null;
  model: ReturnType<Embedder['state']>;
  /** null where the rule-based coach answers. */
  chatModel: { circuit: CircuitName } | null;
  version: string;
}

export interface HealthDependencies {
  version: string;
  loaded: { problems: SettingProblem[] };
  settings: Pick<Settings, 'MEM0_API_KEY' | 'ZEP_API_KEY'>;
  provider: MemoryProvider;
  fallback?: MemoryProvider | null;
  shadow?: Pick<Shadow, 'name'> | null;
  selection?: Pick<Selection, 'newPeople'>;
  index: SearchIndex;
  database: Database;
  outbox: Outbox;
  freshness: Freshness;
  batchState: Pick<BatchState, 'givenUp'>;
  statistics: Pick<Statistics, 'read'>;
  embedder: Embedder;
  model: ChatModel | null;
  telemetry: Pick<Telemetry, 'problem'>;
}

const probeMs = 2_000;
/** A write that has waited longer than this is an issue. */
const oldOutboxSeconds = 600;
const dayMs = 86_400_000;

/** An id that nothing has: looking it up asks the whole way and finds nothing. */
const nobody = '00000000-0000-4000-8000-000000000000';

/** Asks every part at once, each for at most 2 s. Never rejects. */
export async function checkHealth(dependencies: HealthDependencies): Promise<HealthReport> {
  const { version, loaded, provider, index, database, outbox, freshness, embedder, model, telemetry } = dependencies;
  const { batchState, statistics, fallback = null, shadow = null, selection } = dependencies;
  const { signal } = createDeadline(probeMs);
  const answers = async <T>(call: Promise<T>): Promise<T | null> => raceSignal(call, signal).catch(() => null);
  const reachable = async (call: Promise<unknown>) => (await answers(call.then(() => true))) !== null;
  let refusal = '';
  const asked = database.open().then((db) => db.execute('select 1'));
  asked.catch((error) => {
    if (error instanceof RowSecurityError) refusal = `is not used: ${error.message}`;
  });
  const [isProvider, isFallback, isIndex, isDatabase, waiting, sync, unsynced, givenUp, dropped] = await Promise.all([
    reachable(provider.get(nobody, signal)),
    fallback ? reachable(fallback.get(nobody, signal)) : true,
    reachable(index.find(nobody, signal)),
    reachable(asked),
    answers(outbox.status()),
    answers(freshness.status()),
    answers(countUnsynced(database)),
    answers(batchState.givenUp()),
    answers(statistics.read(dayMs, unreadable).then(({ counters }) => counters[unreadable] ?? 0)),
  ]);
  const issues = [
    ...loaded.problems.map(({ name, message }) => `Setting ${name} ${message}.`),
    isDatabase ? '' : `The database (${database.engine}) ${refusal || `does not answer${noDatabase(database)}`}.`,
    isProvider ? '' : `The memory provider (${provider.name}) ${noAnswer(provider)}; ${meanwhile(fallback)}.`,
    isFallback ? '' : `The second provider (${fallback?.name}) does not answer; it does not stand in for the first.`,
    isIndex ? '' : `The search index (${index.name}) ${noAnswer(index)}; searches go to the provider.`,
    waiting && waiting.oldestSeconds > oldOutboxSeconds
      ? `The oldest write has waited ${waiting.oldestSeconds} s in the outbox.`
      : '',
    waiting && waiting.dead > 0 ? `The provider refused ${waiting.dead} writes; they lie in the outbox as dead.` : '',
    unsynced && unsynced.failed > 0
      ? `The provider refused ${unsynced.failed} facts of the brain; save them anew once that is put right.`
      : '',
    sync?.isLate ? `${lastSync(sync)}; changes made at the provider since then may be missing in searches.` : '',
    givenUp
      ? `${givenUp} batches of sync failed for good, of one person each; until POST /api/sync with that user_id, or a nightly run, gets through, the index may lack what changed.`
      : '',
    dropped ? `${dropped} messages of the sync queue could not be read in the last day; they were dropped.` : '',
    model && isCutOff(model) ? `The chat model ${noAnswer(model)}; the coach answers.` : '',
    telemetry.problem() ?? '',
    embedder.state() === 'failed' ? 'The embedding model could not be loaded; searches go to the provider.' : '',
  ].filter((issue) => issue !== '');
  const canKeep = isDatabase || isProvider;
  const working = issues.length === 0 ? 'healthy' : 'degraded';
  return {
    status: canKeep ? working : 'unhealthy',
    issues,
    provider: { name: provider.name, reachable: isProvider, circuit: provider.circuit?.() },
    fallback: fallback && { name: fallback.name, reachable: isFallback, circuit: fallback.circuit?.() },
    shadow: shadow?.name ?? null,
    newPeople: selection?.newPeople ?? null,
    index: { name: index.name, reachable: isIndex, circuit: index.circuit?.() },
    database: { engine: database.engine, reachable: isDatabase },
    outbox: waiting,
    sync: sync && toSyncView(sync),
    brain: unsynced && { isConfigured: hasKey(provider, dependencies.settings), ...unsynced },
    model: embedder.state(),
    chatModel: model && { circuit: model.circuit() },
    version,
  };
}

/** The provider in our own database needs none. */
const hasKey = ({ name }: MemoryProvider, { MEM0_API_KEY: mem0, ZEP_API_KEY: zep }: HealthDependencies['settings']) =>
  name === 'local' || { mem0, zep }[name] !== undefined;
const meanwhile = (fallback: MemoryProvider | null) =>
  fallback ? `writes wait in the outbox, and ${fallback.name} stands in` : 'writes wait in the outbox';

const lastSync = ({ lagSeconds }: SyncStatus) =>
  lagSeconds === null ? 'Sync was never complete' : `The last complete sync began ${lagSeconds} s ago`;

/** What is deployed has no database of its own. */
const noDatabase = ({ engine }: Database) => (engine === 'pglite' ? '; where this is deployed, set DATABASE_URL' : '');

function noAnswer({ circuit = () => 'closed' }: { circuit?(): CircuitName }): string {
  const state = circuit();
  return state === 'closed' ? 'does not answer' : `is not called for now: its circuit is ${state}`;
}

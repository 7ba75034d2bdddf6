import { toMcpTools } from './brain/mcp-tools';
import { examine } from './health/examine';
import { checkHealth } from './health/health';
import { reportStatistics } from './health/statistics-report';
import { equalSecrets } from './http/equal-secrets';
import { compareShadow } from './migration/compare';
import { createDeadline, type Deadline } from './resilience/deadline';
import { applyHint } from './sync/apply-hint';
import type { Batch } from './sync/batch';
import { type SyncRequest, type SyncWatch, tickBudgetMs } from './sync/sync';
import { type ContainerOptions, createParts } from './parts';

const chatReserveMs = 3_000;
const catchUpBudgetMs = 20_000;
/** Below host.json's functionTimeout; whom a nightly run does not reach goes first the next night. */
const longBudgetMs = 270_000;

/**
 * What the outermost rooms ask, over the parts of parts.ts. Nothing is read, loaded or opened before the first call that
 * needs it, so that importing the functions costs nothing and cannot fail.
 */
export function createContainer(options: ContainerOptions = {}) {
  let isLocal = false;
  const parts = createParts(options);

  const idle = async () => {
    await parts.jobs.idle();
    await parts.extraction.idle();
    await parts.conversations.idle();
    await parts.delivery.idle();
  };

  return {
    /**
     * Before anything else is asked for: reads what the settings leave to the vault, within 5 s, and has telemetry begin, where either is
     * set up. Never rejects.
     */
    ready: async () => {
      await parts.secrets.load();
      await parts.telemetry.start();
    },
    settings: () => parts.loaded,
    logger: () => parts.logger,
    statistics: () => parts.statistics,
    memory: () => parts.memory,
    profiles: () => parts.profiles,
    companies: () => parts.companies,
    companySessions: () => parts.companySessions,
    jobs: () => parts.jobs,
    goals: () => parts.goals,
    identity: () => parts.identity,
    chat: () => parts.chat,
    conversations: () => parts.conversations,
    leads: () => parts.leads,
    brain: () => parts.brain,
    brainForms: () => parts.brainForms,
    brainTools: () => parts.brainTools,
    /** The same for whoever serves agents. */
    mcpTools: () => toMcpTools(parts.brainTools, parts.logger),
    sessionContext: () => parts.sessionContext,
    sessionStatistics: () => parts.sessionStatistics,
    /** For a whole chat request: the model's time, and what is read before it and kept after it. */
    chatBudgetMs: () => parts.settings.CHAT_TIMEOUT_SECONDS * 1_000 + chatReserveMs,
    channels: () => parts.channels,
    retention: () => parts.retention,
    /** Where memories are kept. */
    backend: () => parts.provider.name,
    migrator: () => parts.migrator,
    migrations: () => parts.migrations,
    /** How the second provider of a parallel run did since then. */
    compareShadow: (since: Date) => compareShadow(parts.database, since),
    health: () => checkHealth(parts),
    examine: () => examine(parts),
    report: (deadline: Deadline) => reportStatistics(parts, deadline),
    sync: (request: SyncRequest, budgetMs?: number, watch?: SyncWatch) => parts.sync.run(request, budgetMs, watch),
    /** A timer's run. With a queue it is cut into the batches that come back, to be put there; without one it is done by then, and none do. */
    timedSync: async (request: Omit<SyncRequest, 'userId'>): Promise<Batch[]> => {
      const budgetMs = request.isFull ? longBudgetMs : tickBudgetMs;
      if (parts.settings.SYNC_QUEUE_NAME) return parts.sync.split(request, budgetMs);
      await parts.sync.run(request, budgetMs);
      return [];
    },
    /** One of these batches, as it comes out of the queue. */
    syncBatch: (message: unknown) => parts.batches.run(message, longBudgetMs),
    giveUpBatch: (message: unknown) => parts.batches.giveUp(message),
    applyHint: (memoryId: string, signal: AbortSignal) => applyHint(parts, memoryId, signal),
    /** Says that the local host serves this container: without a key of its own it trusts whoever reaches its loopback address. */
    serveLocally: () => {
      isLocal = true;
    },
    /** Whether a caller with this key may see how the deployment is doing. Azure's own keys do not reach a function. */
    isOperator: (key: string | null): boolean => {
      const secret = parts.settings.LOCAL_FUNCTION_KEY;
      return secret === undefined ? isLocal : key !== null && equalSecrets(key, secret);
    },
    /**
     * Opens the database and loads the model ahead of the first request, one after the other: together they would take the most memory
     * they ever take. Never rejects: what fails is tried again when it is needed, and health tells.
     */
    warmUp: async () => {
      await parts.secrets.load();
      await parts.database.open().catch(() => undefined);
      const query = { userId: 'nobody', text: 'warm up', filter: {}, limit: 1, now: parts.now() };
      await parts.points.toQuery(query).catch(() => undefined);
      await parts.model?.warm();
    },
    /** Looks for facts in what people said that a crash, or a failing model, left. Never rejects. */
    catchUp: (budgetMs = catchUpBudgetMs) => parts.extraction.catchUp(createDeadline(budgetMs)),
    /** Resolves once nothing goes on after a reply: sending what was accepted, and looking for facts. */
    idle,
    /** Lets what is under way end, writes the statistics down and closes the database. */
    close: async () => {
      parts.secrets.close();
      await parts.jobs.stop();
      await parts.migrations.stop();
      await idle();
      await parts.shadow?.stop();
      await parts.telemetry.stop();
      await parts.statistics.flush();
      await parts.database.close();
    },
  };
}

export type Container = ReturnType<typeof createContainer>;

/** The one that the registered functions use. */
export const container = createContainer();

import packageJson from '../package.json';
import { createBrain } from './brain/brain';
import type { Brain } from './brain/brain-contract';
import { type BrainForms, createBrainForms } from './brain/brain-forms';
import { type Company, createCompanies } from './brain/companies';
import { type CompanySessions, createCompanySessions } from './brain/company-sessions';
import { createEntityIds, type EntityIds } from './brain/entity-id';
import { createFactRoom, type FactRoom } from './brain/fact-room';
import { createJobRows, type JobRows } from './brain/job-rows';
import { createJobs, type Jobs } from './brain/jobs';
import { toMcpTools } from './brain/mcp-tools';
import { createProfiles, type Profile } from './brain/profiles';
import { createFactReconcile, type FactReconcile } from './brain/reconcile-facts';
import type { Records } from './brain/records';
import { createSpeakerCompanies, type SpeakerCompanies } from './brain/speaker-companies';
import { type BrainTools, createBrainTools } from './brain/tools';
import { type Channels, createChannels } from './channels/channels';
import { createWhatsAppSender, type WhatsAppSender } from './channels/whatsapp-sender';
import type { ChatService } from './chat/chat-contract';
import { createChatService } from './chat/chat-service';
import { createExtraction, type Extraction } from './chat/facts/extraction';
import { createGoals, type Goals } from './chat/goals';
import { createChatModel } from './chat/model';
import type { ChatModel } from './chat/model-contract';
import { createPreferences, type Preferences } from './chat/preferences';
import { createToolUsage, type ToolUsage } from './chat/tool-usage';
import { createTools, type Tools } from './chat/tools';
import { createTranscript, type Transcript } from './chat/transcript';
import { type Credential, createCredential } from './config/azure-identity';
import { createSecrets, type Secrets, type VaultTiming } from './config/secrets';
import { type LoadedSettings, loadSettings, type Settings } from './config/settings';
import { shippedPath } from './config/shipped-files';
import { createConversations } from './conversations/conversations';
import type { Conversations } from './conversations/conversations-contract';
import { createExchanges, type Exchanges } from './conversations/exchanges';
import type { Leads } from './conversations/lead-contract';
import { createLeadRows, type LeadRows } from './conversations/lead-rows';
import { createLeads } from './conversations/leads';
import { createPersonNames, type PersonNames } from './conversations/person-names';
import { createSentiment, type Sentiment } from './conversations/sentiment';
import { createSessionContext, type SessionContexts } from './conversations/session-context';
import { createSessionStatistics, type SessionStatisticsReader } from './conversations/session-statistics';
import { createDatabase, type Database, type ServerAccess } from './database/client';
import type { Embedder } from './embedding/embedder';
import { createMiniLm } from './embedding/minilm';
import { createTerms, type Terms } from './embedding/terms';
import { examine } from './health/examine';
import { gaugeNames, readGauges } from './health/gauges';
import { checkHealth } from './health/health';
import { reportStatistics } from './health/statistics-report';
import { equalSecrets } from './http/equal-secrets';
import { createIdentity } from './identity/identity';
import type { Identity } from './identity/identity-contract';
import { type Aliases, createAliases } from './memory/aliases';
import { createDelivery, type Delivery } from './memory/delivery';
import { createDurableWrite, type DurableWrite } from './memory/durable-write';
import type { MemoryService } from './memory/memory-contract';
import { createMemoryService } from './memory/memory-service';
import { createOutbox } from './memory/outbox';
import type { Outbox } from './memory/outbox-contract';
import { createProcessedMessages, type ProcessedMessages } from './memory/processed-messages';
import type { MemoryProvider } from './memory/provider';
import { createProviderCache, type ProviderCache } from './memory/provider-cache';
import { createProviders, type ProviderName, type Selection, selectProviders } from './memory/providers';
import { createReader, type Reader } from './memory/reader';
import type { Rooms } from './memory/rooms';
import { createShadow, type Shadow } from './memory/shadow';
import { createFollowing, createShelter, type Shelter } from './memory/shelter';
import { createTombstones, type Tombstones } from './memory/tombstones';
import { compareShadow } from './migration/compare';
import { MigrationError, type Migrator } from './migration/migration-contract';
import { createMigrations, type Migrations } from './migration/migrations';
import { createMigrator } from './migration/migrator';
import { createRedaction, type Redaction } from './redaction/redaction';
import { createDeadline, type Deadline } from './resilience/deadline';
import { createRetention, type Retention } from './retention/retention';
import { createEmbeddedIndex } from './search/embedded';
import type { SearchIndex } from './search/index';
import { createPointBuilder, type PointBuilder } from './search/points';
import { createQdrantIndex } from './search/qdrant';
import { createTopicService } from './search/topic-service';
import { createTopicClassifier, type TopicClassifier } from './search/topics';
import { applyHint } from './sync/apply-hint';
import type { Batch } from './sync/batch';
import { type BatchState, createBatchState } from './sync/batch-state';
import { type Batches, createBatches } from './sync/batches';
import { createFreshness, type Freshness } from './sync/freshness';
import { createLeases, type Leases } from './sync/leases';
import { createPeopleSync, type SyncPeople } from './sync/people';
import { createSync, type Sync, type SyncRequest, type SyncWatch } from './sync/sync';
import { createSyncState, type SyncState } from './sync/sync-state';
import { createLogger, type Logger } from './telemetry/logger';
import { createStatistics, type Statistics } from './telemetry/statistics';
import { createTelemetry, type Telemetry } from './telemetry/telemetry';
import { inSpan } from './telemetry/tracing';

/** The parts of the house. A room's factory takes this whole object and picks what it needs. */
interface Parts {
  version: string;
  now: () => Date;
  loaded: LoadedSettings;
  settings: Settings;
  credential: Credential;
  secrets: Secrets;
  logger: Logger;
  telemetry: Telemetry;
  redaction: Redaction;
  database: Database;
  statistics: Statistics;
  terms: Terms;
  embedder: Embedder;
  topics: TopicClassifier;
  points: PointBuilder;
  index: SearchIndex;
  selection: Selection;
  providers: (name: ProviderName) => MemoryProvider;
  aliases: Aliases;
  provider: MemoryProvider;
  /** What stands in for the provider while it fails. */
  fallback: MemoryProvider | null;
  shelter: Shelter | null;
  /** What is asked along, and scored. */
  shadow: Shadow | null;
  reader: Reader;
  providerCache: ProviderCache;
  outbox: Outbox;
  tombstones: Tombstones;
  processed: ProcessedMessages;
  rooms: Rooms;
  factRoom: FactRoom;
  factReconcile: FactReconcile;
  brain: Brain;
  delivery: Delivery;
  write: DurableWrite;
  memory: MemoryService;
  syncState: SyncState;
  batchState: BatchState;
  leases: Leases;
  freshness: Freshness;
  syncPeople: SyncPeople;
  sync: Sync;
  retention: Retention;
  migrator: Migrator;
  migrations: Migrations;
  exchanges: Exchanges;
  batches: Batches;
  personNames: PersonNames;
  conversations: Conversations;
  leadRows: LeadRows;
  leads: Leads;
  sentiment: Sentiment;
  sessionContext: SessionContexts;
  speakerCompanies: SpeakerCompanies;
  brainTools: BrainTools;
  brainForms: BrainForms;
  entityIds: EntityIds;
  profiles: Records<Profile>;
  companies: Records<Company>;
  companySessions: CompanySessions;
  jobRows: JobRows;
  jobs: Jobs;
  sessionStatistics: SessionStatisticsReader;
  goals: Goals;
  identity: Identity;
  preferences: Preferences;
  transcript: Transcript;
  toolUsage: ToolUsage;
  tools: Tools;
  model: ChatModel | null;
  extraction: Extraction;
  chat: ChatService;
  whatsapp: WhatsAppSender;
  channels: Channels;
}

/** What may stand in for a part: tests put a failing provider here, the local host its terminal. */
export interface ContainerOptions extends Partial<Pick<Parts, 'now' | 'database' | 'provider' | 'index' | 'embedder'>> {
  /** What stands in for providers that the settings name. */
  providers?: Partial<Record<ProviderName, MemoryProvider>>;
  env?: NodeJS.ProcessEnv;
  vaultTiming?: Partial<VaultTiming>;
  writeLog?: (line: string) => void;
}

/** An object whose properties are made when they are first asked for, each once. */
function lazily<T extends object>(makers: { [Name in keyof T]: () => T[Name] }): T {
  const parts = {} as T;
  for (const name of Object.keys(makers) as (keyof T)[]) {
    const get = () => {
      const value = makers[name]();
      Object.defineProperty(parts, name, { value });
      return value;
    };
    Object.defineProperty(parts, name, { get, configurable: true });
  }
  return parts;
}

function createIndex({ settings, secrets, database, logger, now }: Parts): SearchIndex {
  const { QDRANT_URL: url, QDRANT_COLLECTION: collection } = settings;
  return url ? createQdrantIndex({ url, settings, secrets, collection, logger, now }) : createEmbeddedIndex(database);
}

/** The token of a Postgres login: "Connect with managed identity", Azure Database for PostgreSQL. */
const databaseScope = 'https://ossrdbms-aad.database.windows.net/.default';

/** undefined where the database is the one in this process. A server whose address is not known yet is a server all the same. */
function toServer({ settings, secrets, credential }: Parts): ServerAccess | undefined {
  const isEntra = settings.DATABASE_AUTH === 'entra';
  if (!isEntra && settings.DATABASE_URL === undefined && !secrets.isUnknown('DATABASE_URL')) return undefined;
  const token = async () => (await (await credential()).getToken(databaseScope))?.token ?? '';
  return {
    url: () => settings.DATABASE_URL,
    renew: (refused) => secrets.renew('DATABASE_URL', refused),
    ...(isEntra && { token }),
  };
}

/** Between which memories are moved. Throws `MigrationError` for a provider that is not set up. */
const toEnd =
  ({ settings, providers }: Parts) =>
  (name: ProviderName): MemoryProvider => {
    const key = name === 'local' ? null : (`${name.toUpperCase()}_API_KEY` as 'MEM0_API_KEY' | 'ZEP_API_KEY');
    if (key === null || settings[key] !== undefined) return providers(name);
    throw new MigrationError('invalid_request', `${name} is not set up: set ${key}.`);
  };

function createMigratorOf(parts: Parts): Migrator {
  const { database, logger, redaction, now } = parts;
  const signingKey = () => parts.settings.MIGRATION_SIGNING_KEY;
  return createMigrator({ database, logger, redaction, now, providers: toEnd(parts), signingKey });
}

/** The memory provider: known by ids that a second one gave, too, and with one that is sent the same where there is to be one. */
function createFirst({ providers, selection, aliases, shadow, logger }: Parts): MemoryProvider {
  const provider = createFollowing(providers(selection.first), aliases, logger);
  return shadow ? shadow.writing(provider) : provider;
}

const chatReserveMs = 3_000;
const catchUpBudgetMs = 20_000;

/** A tick's time: the next one begins after 60 s. */
const syncBudgetMs = 50_000;
/** Below host.json's functionTimeout; whom a nightly run does not reach goes first the next night. */
const longBudgetMs = 270_000;

function createTopics({ settings, embedder, terms, logger }: Parts): TopicClassifier {
  const { USE_CLASSIFIER_SERVICE, CLASSIFIER_URL: url } = settings;
  const heuristic = createTopicClassifier(embedder, terms);
  return USE_CLASSIFIER_SERVICE && url ? createTopicService({ url, fallback: heuristic, logger }) : heuristic;
}

/**
 * The composition root: the only file that knows every part. Nothing is read, loaded or opened before the first call that
 * needs it, so that importing the functions costs nothing and cannot fail.
 */
export function createContainer({ env, vaultTiming, writeLog, ...given }: ContainerOptions = {}) {
  let isLocal = false;
  const parts: Parts = lazily<Parts>({
    version: () => packageJson.version,
    now: () => given.now ?? (() => new Date()),
    loaded: () => loadSettings(env),
    settings: () => parts.loaded.settings,
    credential: () => createCredential(parts.settings.AZURE_CLIENT_ID),
    secrets: () => {
      const { loaded, credential, logger } = parts;
      return createSecrets({ env, loaded, credential, logger, timing: vaultTiming });
    },
    logger: () => createLogger(parts.settings.LOG_LEVEL, writeLog),
    database: () => given.database ?? createDatabase({ home: parts.settings.KEEPSAKE_HOME, url: toServer(parts) }),
    telemetry: () => createTelemetry(parts, { names: gaugeNames, read: () => readGauges(parts) }),
    statistics: () => createStatistics(parts.database, parts.now, parts.telemetry),
    redaction: () => createRedaction(parts.settings),
    terms: () => createTerms(parts.settings.MEMORY_LANGUAGE),
    embedder: () => given.embedder ?? createMiniLm({ modelsPath: shippedPath('models'), terms: parts.terms }),
    topics: () => createTopics(parts),
    points: () => createPointBuilder(parts),
    index: () => given.index ?? createIndex(parts),
    selection: () => selectProviders(parts.settings, parts.secrets),
    providers: () => {
      const { provider, providers = {} } = given;
      return createProviders(parts, provider ? { [provider.name]: provider, ...providers } : providers);
    },
    aliases: () => createAliases(parts.database, parts.now),
    provider: () => given.provider ?? createFirst(parts),
    fallback: () => parts.selection.fallback && parts.providers(parts.selection.fallback),
    shadow: () => {
      const { selection, providers, aliases, database, logger, now } = parts;
      const second = selection.shadow && providers(selection.shadow);
      return second && createShadow({ second, aliases, database, logger, now });
    },
    shelter: () => {
      const { selection, fallback: second, aliases, logger } = parts;
      return second && createShelter({ first: selection.first, second, aliases, logger });
    },
    reader: () => createReader(parts),
    providerCache: () => createProviderCache(parts),
    outbox: () => createOutbox(parts.database, parts.now),
    tombstones: () => createTombstones(parts.database, parts.now),
    processed: () => createProcessedMessages(parts.database),
    rooms: () => ({ exchange: parts.exchanges, lead: parts.leadRows, brain: parts.factRoom }),
    factRoom: () => createFactRoom(parts.database, parts.now),
    factReconcile: () => createFactReconcile(parts),
    brain: () => createBrain(parts),
    delivery: () => createDelivery(parts),
    write: () => createDurableWrite(parts),
    memory: () => createMemoryService(parts),
    syncState: () => createSyncState(parts.database, parts.now),
    batchState: () => createBatchState(parts.database, parts.now),
    leases: () => createLeases(parts.database, parts.now),
    freshness: () => createFreshness(parts, () => void sync({}).catch(() => undefined)),
    syncPeople: () => createPeopleSync(parts),
    sync: () => createSync(parts),
    retention: () => createRetention(parts),
    migrator: () => createMigratorOf(parts),
    migrations: () => createMigrations(parts),
    exchanges: () => createExchanges(parts.database),
    batches: () => createBatches(parts),
    personNames: () => createPersonNames(parts.database),
    conversations: () => createConversations(parts),
    leadRows: () => createLeadRows(parts.database),
    leads: () => createLeads(parts),
    sentiment: () => createSentiment(parts.terms),
    sessionContext: () => createSessionContext(parts),
    speakerCompanies: () => createSpeakerCompanies(parts),
    brainTools: () => createBrainTools(parts),
    brainForms: () => createBrainForms(parts),
    entityIds: () => createEntityIds(parts.settings.ENTITY_ID),
    profiles: () => createProfiles(parts),
    companies: () => createCompanies(parts),
    companySessions: () => createCompanySessions(parts),
    jobRows: () => createJobRows(parts.database, parts.now),
    jobs: () => createJobs(parts),
    sessionStatistics: () => createSessionStatistics(parts),
    goals: () => createGoals(parts.database, parts.now, parts.redaction),
    identity: () => createIdentity(parts.database, parts.now),
    preferences: () => createPreferences(parts.database),
    transcript: () => createTranscript(parts.database),
    toolUsage: () => createToolUsage(parts.database),
    tools: () => createTools(parts),
    model: () => createChatModel(parts),
    extraction: () => createExtraction(parts),
    chat: () => createChatService(parts),
    whatsapp: () => createWhatsAppSender(parts),
    channels: () => createChannels(parts),
  });

  const idle = async () => {
    await parts.jobs.idle();
    await parts.extraction.idle();
    await parts.conversations.idle();
    await parts.delivery.idle();
  };

  const sync = (request: SyncRequest, budgetMs = syncBudgetMs, watch?: SyncWatch) =>
    inSpan('sync', () => parts.sync.run(request, budgetMs, watch));

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
    sync,
    /** A timer's run. With a queue it is cut into the batches that come back, to be put there; without one it is done by then, and none do. */
    timedSync: async (request: Omit<SyncRequest, 'userId'>): Promise<Batch[]> => {
      const budgetMs = request.isFull ? longBudgetMs : syncBudgetMs;
      if (parts.settings.SYNC_QUEUE_NAME) return parts.sync.split(request, budgetMs);
      await sync(request, budgetMs);
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

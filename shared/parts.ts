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
import { createDatabase, type Database } from './database/client';
import type { Embedder } from './embedding/embedder';
import { createMiniLm } from './embedding/minilm';
import { createTerms, type Terms } from './embedding/terms';
import { gaugeNames, readGauges } from './health/gauges';
import { createIdentity } from './identity/identity';
import type { Identity } from './identity/identity-contract';
import { type Aliases, createAliases } from './memory/aliases';
import { createDelivery, type Delivery } from './memory/delivery';
import { createDurableWrite, type DurableWrite } from './memory/durable-write';
import { createHomes, type Homes } from './memory/homes';
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
import { createShelter, type Shelter } from './memory/shelter';
import { createTombstones, type Tombstones } from './memory/tombstones';
import type { Migrator } from './migration/migration-contract';
import { createMigrations, type Migrations } from './migration/migrations';
import { createRedaction, type Redaction } from './redaction/redaction';
import { createRetention, type Retention } from './retention/retention';
import type { SearchIndex } from './search/index';
import { createPointBuilder, type PointBuilder } from './search/points';
import type { TopicClassifier } from './search/topics';
import { type BatchState, createBatchState } from './sync/batch-state';
import { type Batches, createBatches } from './sync/batches';
import { createFreshness, type Freshness } from './sync/freshness';
import { createLeases, type Leases } from './sync/leases';
import { createPeopleSync, type SyncPeople } from './sync/people';
import { createSync, type Sync } from './sync/sync';
import { createSyncState, type SyncState } from './sync/sync-state';
import { createLogger, type Logger } from './telemetry/logger';
import { createStatistics, type Statistics } from './telemetry/statistics';
import { createTelemetry, type Telemetry } from './telemetry/telemetry';
import { createIndex, toServer, createMigratorOf, createFirst, createTopics } from './chosen-parts';
import { lazily } from './lazily';

/** The parts of the house. A room's factory takes this whole object and picks what it needs. */
export interface Parts {
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
  homes: Homes;
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

/** The composition root: with the parts chosen by setting, the only file that knows every part. Each is made when it is first asked for. */
export function createParts({ env, vaultTiming, writeLog, ...given }: ContainerOptions): Parts {
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
    homes: () => createHomes(parts.database, parts.now),
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
    freshness: () => createFreshness(parts, () => void parts.sync.run({}).catch(() => undefined)),
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
  return parts;
}

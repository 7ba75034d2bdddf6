import type { ServerAccess } from './database/client';
import type { MemoryProvider } from './memory/provider';
import { createNewcomers } from './memory/newcomers';
import type { ProviderName } from './memory/providers';
import { createFollowing } from './memory/shelter';
import { MigrationError, type Migrator } from './migration/migration-contract';
import { createMigrator } from './migration/migrator';
import { createEmbeddedIndex } from './search/embedded';
import type { SearchIndex } from './search/index';
import { createQdrantIndex } from './search/qdrant';
import { createTopicService } from './search/topic-service';
import { createTopicClassifier, type TopicClassifier } from './search/topics';
import type { Parts } from './parts';

export function createIndex({ settings, secrets, database, logger, now }: Parts): SearchIndex {
  const { QDRANT_URL: url, QDRANT_COLLECTION: collection } = settings;
  return url ? createQdrantIndex({ url, settings, secrets, collection, logger, now }) : createEmbeddedIndex(database);
}

/** The token of a Postgres login: "Connect with managed identity", Azure Database for PostgreSQL. */
const databaseScope = 'https://ossrdbms-aad.database.windows.net/.default';

/** undefined where the database is the one in this process. A server whose address is not known yet is a server all the same. */
export function toServer({ settings, secrets, credential }: Parts): ServerAccess | undefined {
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
export const toEnd =
  ({ settings, providers }: Parts) =>
  (name: ProviderName): MemoryProvider => {
    const key = name === 'local' ? null : (`${name.toUpperCase()}_API_KEY` as 'MEM0_API_KEY' | 'ZEP_API_KEY');
    if (key === null || settings[key] !== undefined) return providers(name);
    throw new MigrationError('invalid_request', `${name} is not set up: set ${key}.`);
  };

export function createMigratorOf(parts: Parts): Migrator {
  const { database, logger, redaction, now, selection } = parts;
  const signingKey = () => parts.settings.MIGRATION_SIGNING_KEY;
  return createMigrator({ database, logger, redaction, now, selection, providers: toEnd(parts), signingKey });
}

/**
 * The memory provider: with one that keeps new people where there is to be one, known by ids that a second one gave, too, and with one
 * that is sent the same.
 */
export function createFirst(parts: Parts): MemoryProvider {
  const { providers, selection, aliases, homes, syncState, shadow, logger } = parts;
  const { first, newPeople } = selection;
  const wasSeen = async (userId: string) => (await syncState.find(userId)) !== null;
  const keeping = newPeople
    ? createNewcomers(providers(first), providers(newPeople), homes, wasSeen)
    : providers(first);
  const provider = createFollowing(keeping, aliases, logger);
  return shadow ? shadow.writing(provider) : provider;
}

export function createTopics({ settings, embedder, terms, logger }: Parts): TopicClassifier {
  const { USE_CLASSIFIER_SERVICE, CLASSIFIER_URL: url } = settings;
  const heuristic = createTopicClassifier(embedder, terms);
  return USE_CLASSIFIER_SERVICE && url ? createTopicService({ url, fallback: heuristic, logger }) : heuristic;
}

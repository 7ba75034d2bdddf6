import { sql } from 'drizzle-orm';
import type { Settings } from '../config/settings';
import type { Db } from '../database/client';
import { RowSecurityError } from '../database/roles';
import { appRole } from '../database/row-security';
import { type Embedder, EmbeddingError } from '../embedding/embedder';
import type { Homes } from '../memory/homes';
import { type MemoryProvider, ProviderError } from '../memory/provider';
import type { Selection } from '../memory/providers';
import { createDeadline, raceSignal } from '../resilience/deadline';
import { isDatabaseUnreachable } from '../resilience/unreachable';
import { IndexError } from '../search/index';
import { describeError } from '../telemetry/logger';
import { checkHealth, type HealthDependencies, type HealthReport } from './health';

const parts = [
  ...(['settings', 'database', 'roles', 'provider', 'fallback', 'index', 'model', 'chat_model'] as const),
  ...(['outbox', 'sync', 'brain', 'people'] as const),
];

/** One part that was looked at; `next` says what to do where it is not well. */
export interface Finding {
  part: (typeof parts)[number];
  isWell: boolean;
  finding: string;
  next: string | null;
}

export interface ExamineDependencies extends HealthDependencies {
  settings: Settings;
  /** What stands in for the provider while it fails. */
  fallback?: MemoryProvider | null;
  embedder: Embedder;
  selection: Selection;
  homes: Homes;
}

const probeMs = 5_000;
const databaseMs = 15_000;
const nobody = '00000000-0000-4000-8000-000000000000';

const well = (part: Finding['part'], finding: string): Finding => ({ part, isWell: true, finding, next: null });
const unwell = (part: Finding['part'], finding: string, next: string | null): Finding => ({
  ...{ part, isWell: false, finding, next },
});

/**
 * Looks at every part as health does, but opens, loads and asks what is there, and says what to do about what is not well. Takes what a
 * first start takes, 15 s at most for the database. Never rejects.
 */
export async function examine(dependencies: ExamineDependencies): Promise<Finding[]> {
  const { loaded, provider, fallback = null, index, database, embedder } = dependencies;
  const databaseAnswer = await answerOf(database.open(), databaseMs);
  const { first, newPeople } = dependencies.selection;
  const [roles, asProvider, asFallback, asIndex, asModel, asHomes] = await Promise.all([
    databaseAnswer.value && rolesOf(databaseAnswer.value),
    answerOf(provider.get(nobody, createDeadline(probeMs).signal), probeMs),
    fallback && answerOf(fallback.get(nobody, createDeadline(probeMs).signal), probeMs),
    answerOf(index.find(nobody, createDeadline(probeMs).signal), probeMs),
    answerOf(embedder.embed('Is the model there?'), databaseMs),
    answerOf(dependencies.homes.besides(newPeople ? [first, newPeople] : [first]), probeMs),
  ]);
  const health = await checkHealth(dependencies);
  const settings = loaded.problems.map(({ name, message }) =>
    unwell('settings', `${name} ${message}.`, 'Put it right in the environment or in local.settings.json.'),
  );
  return [
    ...(settings.length > 0 ? settings : [well('settings', 'All of them fit.')]),
    ofDatabase(dependencies, databaseAnswer.error),
    ...(roles ? [roles] : []),
    ofVendor('provider', provider.name, asProvider.error),
    ...(fallback && asFallback ? [ofVendor('fallback', fallback.name, asFallback.error)] : []),
    ofVendor('index', index.name, asIndex.error),
    asModel.error instanceof EmbeddingError
      ? unwell('model', asModel.error.message, 'See that the folder models/ is whole.')
      : well('model', 'all-MiniLM-L6-v2 is loaded.'),
    ofChatModel(health.chatModel),
    ...(health.outbox ? [ofOutbox(health.outbox)] : []),
    ...(health.sync ? [ofSync(health.sync, dependencies.settings)] : []),
    ...(health.brain ? [ofBrain(health.brain)] : []),
    ...ofPeople(dependencies.selection, asHomes.value ?? []),
  ];
}

/** `error` is null where it answered. */
type Answer<T> = { value: T; error: null } | { value: null; error: unknown };

const answerOf = <T>(work: Promise<T>, ms: number): Promise<Answer<T>> =>
  raceSignal(work, createDeadline(ms).signal).then(
    (value) => ({ value, error: null }),
    (error: unknown) => ({ value: null, error: error ?? new Error() }),
  );

/** Drivers quote addresses and rows in their messages: of those only the code is told. */
const codeOf = (error: unknown): string => {
  if (error instanceof ProviderError || error instanceof IndexError) return error.code;
  const { code, error: name } = describeError(error);
  return String(code ?? name);
};

function ofDatabase({ database: { engine }, settings }: ExamineDependencies, error: unknown): Finding {
  const place = engine === 'pglite' ? `Postgres in this process, in ${settings.KEEPSAKE_HOME}` : 'A Postgres server';
  if (error === null) return well('database', `${place}, is open and migrated.`);
  if (error instanceof RowSecurityError) return unwell('database', `${place}, is not used.`, error.message);
  if (error instanceof Error && error.name === 'HomeInUseError')
    return unwell('database', error.message, 'While it runs, ask it itself: GET /api/health.');
  const next = isDatabaseUnreachable(error)
    ? 'See that its server runs and that DATABASE_URL names it.'
    : 'See that who DATABASE_URL logs in as may create tables and roles.';
  return unwell('database', `${place}, does not open (${codeOf(error)}).`, next);
}

/** Whether policies hold for this connection: row-security.ts. */
async function rolesOf(db: Db): Promise<Finding> {
  const { value } = await answerOf(
    db.execute(sql`
      select current_user as role, rolsuper or rolbypassrls as bypasses,
        (select count(*)::int from pg_class c join pg_namespace n on n.oid = c.relnamespace
          join pg_attribute a on a.attrelid = c.oid and a.attname = 'user_id'
          where n.nspname = 'public' and c.relkind = 'r' and not c.relrowsecurity) as open
      from pg_roles where rolname = current_user`),
    probeMs,
  );
  const [row] = (value as { rows: { role: string; bypasses: boolean; open: number }[] } | null)?.rows ?? [];
  if (!row) return unwell('roles', 'Who this connection acts as could not be read.', 'Try again.');
  if (row.role !== appRole || row.bypasses)
    return unwell(
      'roles',
      `Connections act as ${row.role}, which ${row.bypasses ? 'bypasses row-level security' : `is not ${appRole}`}.`,
      `Let who DATABASE_URL logs in as become ${appRole}: GRANT ${appRole} TO that role.`,
    );
  if (row.open > 0)
    return unwell('roles', `${row.open} tables with a user_id have no row-level security.`, 'Run the migrations anew.');
  return well('roles', `Connections act as ${appRole}; every table with a user_id has row-level security.`);
}

const openDatabase = 'It lies in the database: see there.';
const vendorSteps: Record<string, string> = {
  mem0: 'See that MEM0_API_KEY is right and that MEM0_BASE_URL, if set, is reached from here. Until then writes wait in the outbox.',
  zep: 'See that ZEP_API_KEY is right and that ZEP_BASE_URL, if set, is reached from here. Until then writes wait in the outbox.',
  qdrant:
    'See that QDRANT_URL is reached from here and QDRANT_API_KEY is right. Until then searches go to the provider.',
};

const ofVendor = (part: 'provider' | 'fallback' | 'index', name: string, error: unknown): Finding =>
  error === null
    ? well(part, `${name} answers.`)
    : unwell(part, `${name} does not answer (${codeOf(error)}).`, vendorSteps[name] ?? openDatabase);

function ofChatModel(model: HealthReport['chatModel']): Finding {
  if (model === null) return well('chat_model', 'None is set: the rule-based coach answers.');
  const { circuit } = model;
  return circuit === 'closed'
    ? well('chat_model', 'Set; it is asked when somebody chats.')
    : unwell(
        'chat_model',
        `It is not called for now: its circuit is ${circuit}.`,
        'See CHAT_BASE_URL and CHAT_API_KEY.',
      );
}

function ofOutbox({ waiting, oldestSeconds, dead }: NonNullable<HealthReport['outbox']>): Finding {
  const state = `${waiting} waiting, the oldest for ${oldestSeconds} s; ${dead} refused for good.`;
  if (dead > 0)
    return unwell('outbox', state, 'See the log for why the provider refused them: "write refused" has the code.');
  if (oldestSeconds > 600) return unwell('outbox', state, 'See the provider; then: keepsake sync.');
  return well('outbox', waiting === 0 ? 'Empty.' : state);
}

/** So many intervals without a complete run are too many, as in sync/freshness.ts. */
const intervalsAllowed = 3;

function ofSync({ lagSeconds, lastRun }: NonNullable<HealthReport['sync']>, settings: Settings): Finding {
  if (lastRun === null) return well('sync', 'Not run yet: npm start runs it every minute, keepsake sync at once.');
  const isLate = lagSeconds === null || lagSeconds > intervalsAllowed * settings.SYNC_INTERVAL_SECONDS;
  const finding =
    lagSeconds === null ? 'No run got to everybody yet.' : `The last complete run began ${lagSeconds} s ago.`;
  if (!isLate) return well('sync', finding);
  return unwell('sync', finding, 'keepsake sync; and see that the timer sync-memories runs.');
}

function ofBrain({ pending, failed }: NonNullable<HealthReport['brain']>): Finding {
  const state = `${pending} facts on their way to the provider, ${failed} that it did not take.`;
  if (failed > 0) return unwell('brain', state, 'GET /api/brain shows them by their state; PUT them anew.');
  return well('brain', pending === 0 ? 'The provider has all facts.' : state);
}

/** Providers that keep people, and that no setting names any more. */
const ofPeople = ({ first }: Selection, left: string[]): Finding[] =>
  left.map((name) =>
    unwell(
      'people',
      `Some began at ${name}, which no longer keeps new people: their memories there are not read.`,
      `Set MEMORY_NEW_PEOPLE=${name} again, or bring them over: keepsake migrate run --from ${name} --to ${first} --new-people.`,
    ),
  );

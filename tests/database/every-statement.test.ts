import { sql } from 'drizzle-orm';
import { createContainer } from '../../shared/container';
import { createDatabase, type Db } from '../../shared/database/client';
import type { Tenant } from '../../shared/database/row-security';
import { createCalls } from '../support/calls';
import { createTestClock } from '../support/clock';
import { freshHome } from '../support/home';
import { aDeadline } from '../support/service';
import { recordStatements, replay, type Statement } from '../support/statements';

type Container = ReturnType<typeof createContainer>;
type Clock = ReturnType<typeof createTestClock>;

const phone = '+14155550123';

async function remember(container: Container, userId: string) {
  const memory = container.memory();
  const say = (content: string, more: object = {}) =>
    memory.add(
      { userId, utterances: [{ role: 'user', name: 'Ana', content, at: null }], infer: false, ...more },
      aDeadline(),
    );
  const first = await say('My locker is number 12.', { messageId: 'm-1', sessionId: 's-1', tags: ['gym'] });
  const second = await say('I like green tea.', { type: 'fact' });
  await say('My locker is number 12.', { messageId: 'm-1' });
  await container.idle();
  for (const filter of [{}, { types: ['fact'] }, { sessionId: 's-1' }])
    await memory.recall({ userId, query: 'Which locker?', limit: 5, filter }, aDeadline());
  await memory.list(userId, { limit: 10, cursor: null }, aDeadline());
  await memory.users({ limit: 10, cursor: null }, aDeadline());
  const id = first.memoryId ?? '';
  await memory.update(id, { text: 'My locker is number 13.' }, aDeadline());
  await memory.get(id, aDeadline());
  await memory.history(id, aDeadline());
  await memory.delete(second.memoryId ?? '', aDeadline());
}

async function chat(container: Container, userId: string, clock: Clock) {
  const messages = [
    'Hi, my name is Ana',
    'I want to work out three times a week',
    'I worked out today, mood 8, energy 7',
    'I moved to Lima in March',
    'forget everything about Lima',
    'yes',
  ];
  for (const [i, message] of messages.entries()) {
    clock.turn(60_000);
    await container.chat().chat({ userId, message, conversationId: 'c-1', messageId: `m-${i}` }, aDeadline());
    await container.idle();
  }
  const [goal] = await container.goals().list(userId);
  await container.goals().update(goal?.id ?? '', { status: 'done' }, userId);
  await container.goals().listCheckIns(userId, { limit: 5, cursor: null });
}

async function talk(container: Container, userId: string) {
  const channel = { type: 'whatsapp' as const, address: phone };
  await container.identity().link(userId, channel);
  await container.identity().find(channel);
  const calls = createCalls(container);
  const user = { phone, name: 'Ana Núñez' };
  const said = { query: 'Is the flat on Elm Street free?', answer: 'It is.' };
  await calls.store({ session_id: 's-2', call_id: 'c-1', user, ...said });
  await calls.storeAll([{ session_id: 's-3', call_id: 'c-2', user, ...said, query: 'When can I see it?' }]);
  for (const [key, value] of Object.entries({ phone, name: 'ana nunez', session_id: 's-2' }))
    await calls.find({ [key]: value });
  const lead = { session_id: 's-2', lead_data: { ...user, interest_level: 'high' }, transcript_summary: 'A flat.' };
  const { body } = await calls.lead(lead);
  await calls.leadOf(body.lead_id);
  await calls.context('s-2', { phone });
  await container.identity().unlink(channel);
  await container.identity().link(userId, channel);
}

async function lookAfter(container: Container) {
  await container.sync({});
  await container.sync({ isFull: true });
  await container.catchUp();
  await container.health();
  await container.report(aDeadline());
  await container.retention().run(30_000);
}

/** Ana's days with Keepsake, through everything that it does. */
async function everything(container: Container, clock: Clock) {
  await container.warmUp();
  const recorder = recordStatements();
  await remember(container, 'ana');
  await chat(container, 'ana', clock);
  await talk(container, 'ana');
  await lookAfter(container);
  await container.close();
  return recorder.stop();
}

/** Tables that no statement of these days is on. */
const unused = [
  ...['companies', 'company_brain', 'company_brain_events', 'company_sessions', 'migration_items', 'profiles'],
  ...['user_brain', 'user_brain_events', 'zep_ids'],
];

/** Tenants to whom nothing of Ana's belongs. */
const strangers: [string, Tenant][] = [
  ['another person', { userId: 'ben' }],
  ['a company', { companyId: 'acme' }],
  ['nobody', { userId: '' }],
  ['SQL that is always true', { userId: `x' OR '1'='1` }],
  ['SQL that gives up the role', { userId: `'; reset role; --` }],
  ['the name of a table', { companyId: 'company_sessions' }],
];

describe('row-level security, for every statement that was sent in days of use', () => {
  const clock = createTestClock();
  const home = freshHome();
  const database = createDatabase({ home, url: undefined });
  let db: Db;
  let owned: string[];
  let statements: Statement[];

  beforeAll(async () => {
    const env = { KEEPSAKE_HOME: home, RETENTION_DAYS_CONVERSATION: '30', RETENTION_DAYS_CHECK_IN: '10' };
    const sent = await everything(createContainer({ env, now: clock.now, writeLog: () => undefined }), clock);
    db = await database.open();
    owned = await tablesWithOwner(db);
    statements = await worthAsking(db, sent, owned);
  }, 60_000);
  afterAll(() => database.close());

  it('there is one that reads or changes rows, of each table with an owner', () => {
    const missing = owned.filter((table) => !statements.some(isOn([table])));
    expect(missing).toEqual(unused);
  });

  it.each(strangers)('%s gets no row and changes none', async (_, tenant) => {
    for (const statement of statements) {
      const effect = await replay(db, statement, tenant);
      expect([statement.text, effect || 0]).toEqual([statement.text, 0]);
    }
  });
});

async function tablesWithOwner(db: Db): Promise<string[]> {
  const found = await db.execute(
    sql`select tablename as name from pg_tables where schemaname = 'public' and rowsecurity`,
  );
  return (found as unknown as { rows: { name: string }[] }).rows.map(({ name }) => name).sort();
}

const isOn =
  (tables: string[]) =>
  ({ text }: Statement): boolean =>
    tables.some((table) => text.includes(`"${table}"`));

/** Of each text one with parameters for which there are rows, by now; where there are none any more, its last. */
async function worthAsking(db: Db, sent: Statement[], owned: string[]): Promise<Statement[]> {
  const chosen = new Map<string, Statement>();
  const effective = new Set<string>();
  for (const statement of sent.filter(isOn(owned))) {
    if (effective.has(statement.text)) continue;
    chosen.set(statement.text, statement);
    if (await replay(db, statement, 'service')) effective.add(statement.text);
  }
  return [...chosen.values()];
}

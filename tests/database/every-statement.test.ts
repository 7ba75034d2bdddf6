import { sql } from 'drizzle-orm';
import { createContainer } from '../../shared/container';
import { createDatabase, type Db } from '../../shared/database/client';
import { asService, type Tenant } from '../../shared/database/row-security';
import { companySessions } from '../../shared/database/schema-brain';
import { createCalls } from '../support/calls';
import { createTestClock } from '../support/clock';
import { freshHome } from '../support/home';
import { aDeadline } from '../support/service';
import { effective, recordStatements, type Statement } from '../support/statements';

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

/** What is known of Ana, and of the company where she has a session. */
async function know(container: Container, userId: string, companyId: string) {
  const facts = (...contents: string[]) =>
    contents.map((content, i) => ({ slug: `slug_${i}`, category: 'test', content }));
  const person = { fullName: 'Ana Núñez', email: 'ana@example.com', phone: null, role: null, metadata: {} };
  const firm = { name: 'Acme', taxRegime: 'ProPyme', activity: null, legalRepresentative: null };
  const dates = { startDate: null, accountingStart: null, metadata: {} };
  await container.profiles().put({ id: userId, record: person });
  await container.profiles().get(userId);
  await container.companies().put({ id: companyId, record: { ...firm, ...dates } });
  await container.companySessions().open({ id: companyId, userId });
  await container.companySessions().list(companyId);
  await container.companies().get(companyId, userId);

  const brain = container.brain();
  for (const given of [facts('one', 'two', 'three'), facts('one', 'changed')]) {
    await brain.saveUserMemories(userId, given, aDeadline());
    await brain.saveCompanyMemories(companyId, given, aDeadline(), userId);
  }
  for (const kind of ['users', 'companies'] as const) {
    const owner = { kind, id: kind === 'users' ? userId : companyId };
    await brain.list(owner, userId);
    await brain.get(owner, 'slug_0');
    await brain.history(owner, 'slug_1');
    await brain.delete(owner, 'slug_2', aDeadline());
    await container.brainForms().change({ ...owner, before: { goal: 'x' }, after: { goal: null } }, aDeadline());
    await container.jobs().get((await container.jobs().start(kind)).id);
    await container.jobs().run(10_000);
  }
  const inputs = { search: { query: 'one' }, save: { slug: 'slug_3', content: 'four' } };
  for (const { name, call } of container.mcpTools())
    await call(name.startsWith('search') ? inputs.search : inputs.save, { userId, deadline: aDeadline() });
  await container.companySessions().open({ id: companyId, userId: 'guest' });
  await container.companySessions().end({ id: companyId, userId: 'guest' });
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
  await know(container, 'ana', 'acme');
  await lookAfter(container);
  await container.close();
  return recorder.stop();
}

/** No statement of these days is on them: a migration's, and those of memories at Zep. Their policies are those of all such tables. */
const unused = ['migration_items', 'migration_people', 'person_homes', 'zep_events', 'zep_ids'];
/** Asked about with every read, and empty where there is no second provider. */
const empty = ['memory_aliases'];

/** Tenants to whom nothing of Ana's belongs. */
const strangers: [string, Tenant][] = [
  ['somebody without a session', { userId: 'ben' }],
  ['somebody whose session has expired', { userId: 'carl' }],
  ['somebody with a session at another company', { userId: 'dora' }],
  ['another company', { companyId: 'bolt' }],
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
    const session = (userId: string, companyId: string, minutes: number) => ({
      ...{ userId, companyId, createdAt: new Date(), expiresAt: new Date(Date.now() + minutes * 60_000) },
    });
    await asService(db, (tx) =>
      tx.insert(companySessions).values([session('carl', 'acme', -1), session('dora', 'bolt', 60)]),
    );
    owned = await tablesWithOwner(db);
    statements = await worthAsking(db, sent, owned);
  }, 60_000);
  afterAll(() => database.close());

  it('there is one that reads or changes rows, of each table with an owner', async () => {
    const missing = owned.filter((table) => !statements.some(isOn([table])));
    expect(missing).toEqual(unused);
    const reaching = await effective(db, statements, 'service');
    expect(owned.filter((table) => !reaching.some(isOn([table])))).toEqual([...empty, ...unused]);
  });

  it.each(strangers)('%s gets no row and changes none', async (_, tenant) => {
    expect((await effective(db, statements, tenant)).map(({ text }) => text)).toEqual([]);
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
  const asked = sent.filter(isOn(owned));
  const found = await effective(db, asked, 'service');
  return [...new Map([...asked, ...found].map((statement) => [statement.text, statement])).values()];
}

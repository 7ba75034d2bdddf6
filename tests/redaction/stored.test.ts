import { sql } from 'drizzle-orm';
import { createAddMemoryHandler } from '../../functions/add-memory';
import { createChatHandler } from '../../functions/chat';
import { createConversationsHandler } from '../../functions/conversations';
import { createLeadsHandler } from '../../functions/leads';
import { createContainer } from '../../shared/container';
import { createDatabase } from '../../shared/database/client';
import { createDeadline } from '../../shared/resilience/deadline';
import { callJson, callStream } from '../support/doors';
import { freshHome } from '../support/home';

const card = '4111 1111 1111 1111';
const secret = 'hunter2secret';
const address = 'ana.lopez@example.com';

const open = async (env: NodeJS.ProcessEnv = {}, home = freshHome()) => {
  const container = createContainer({ env: { KEEPSAKE_HOME: home, LOG_LEVEL: 'silent', ...env } });
  await container.warmUp();
  return { container, home, add: createAddMemoryHandler(container), chat: createChatHandler(container) };
};

/** Every row of every table as text, in the database of a folder that nobody holds. */
async function dump(home: string): Promise<string> {
  const database = createDatabase({ home, url: undefined });
  const db = await database.open();
  const { rows: tables } = (await db.execute(
    sql`select tablename as name from pg_tables where schemaname = 'public'`,
  )) as { rows: { name: string }[] };
  let all = '';
  for (const { name } of tables) {
    all += JSON.stringify(await db.execute(sql`select t::text as row from ${sql.identifier(name)} t`));
  }
  await database.close();
  return all;
}

describe('what is stored', () => {
  it('holds no secret in any table, whichever door it came by, and the replies say how many of which kind', async () => {
    const { container, home, add, chat } = await open();
    const said = { user_id: 'ana', message: `I want to learn chess. My password is ${secret}`, message_id: 'm-1' };
    const first = await callJson(chat, said);
    expect(first.body).toMatchObject({ redacted: { password: 1 } });
    expect((await callJson(chat, said)).body).toEqual(first.body);
    const streamed = await callStream(chat, {
      ...said,
      message: `Remember that my card is ${card}`,
      message_id: 'm-2',
    });
    expect(streamed.done).toMatchObject({ redacted: { card: 1 } });
    const added = await callJson(add, {
      user_id: 'ana',
      text: `My card is ${card} and my password is ${secret}, I pay with it.`,
      tags: [card.replaceAll(' ', '')],
      metadata: { deep: [{ password: secret }], card: 4111111111111111, note: `pin 123456, ${address}` },
      message_id: 'm-3',
    });
    expect(added.body).toMatchObject({ status: 'stored', redacted: { card: 3, password: 3 } });
    const again = await callJson(add, { user_id: 'ana', text: 'My card, again', message_id: 'm-3' });
    expect(again.body).toEqual(added.body);
    const call = await callJson(createConversationsHandler(container), {
      session_id: 'call-1',
      user: { phone: '+56 9 8765 4321' },
      query: `My card number is ${card}`,
      answer: 'Thank you.',
      metadata: { password: secret },
    });
    expect(call.body).toMatchObject({ success: true, redacted: { card: 1, password: 1 } });
    const lead = await callJson(createLeadsHandler(container), {
      session_id: 'call-1',
      call_id: 'c-1',
      lead_data: { name: 'Ana', notes: `pays with ${card}` },
      transcript_summary: `She said that her password is ${secret}.`,
    });
    expect(lead.body).toMatchObject({ success: true, redacted: { card: 1, password: 1 } });
    await container.idle();
    const { value } = await container.memory().get(added.body.memory_id, createDeadline(5_000));
    expect(value?.found).toMatchObject({
      text: 'My card is [card] and my password is [password], I pay with it.',
      tags: ['[card]'],
      metadata: { deep: [{ password: '[password]' }], card: '[card]', note: `pin [password], ${address}` },
    });
    await container.close();
    const rows = await dump(home);
    for (const words of [card, card.replaceAll(' ', ''), secret, '123456,']) expect(rows).not.toContain(words);
    expect(rows).toContain(address);
  }, 30_000);

  it('is masked when it is changed, too: a memory’s text and metadata, a goal’s title', async () => {
    const { container, home, add, chat } = await open();
    const { body } = await callJson(add, { user_id: 'ana', text: 'I keep my card at home.', infer: false });
    const change = { text: `My card is ${card}.`, metadata: { api_key: `sk_live_${'a1B2'.repeat(6)}` } };
    const written = await container.memory().update(body.memory_id, change, createDeadline(5_000));
    expect(written).toMatchObject({
      redacted: { card: 1, apiKey: 1 },
      memory: { text: 'My card is [card].', metadata: { api_key: '[api key]' } },
    });
    const { body: answer } = await callJson(chat, { user_id: 'ana', message: 'I want to learn chess' });
    const goal = await container.goals().update(answer.goals[0].id, { title: `pay with ${card}` });
    expect(goal).toMatchObject({ title: 'pay with [card]' });
    await container.idle();
    await container.close();
    expect(await dump(home)).not.toContain(card);
  }, 30_000);
});

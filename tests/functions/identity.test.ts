import type { Host } from '../../local/host';
import { startLocalHost } from '../../local/local-host';
import { freshHome } from '../support/home';

const uuid = expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
const sms = (address: string) => ({ type: 'sms', address });
const whatsapp = (address: string) => ({ type: 'whatsapp', address });

interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a test expects of an answer is what it checks.
  body: any;
}

describe('a person who is named by an address', () => {
  const before = { ...process.env };
  let host: Host;
  beforeAll(async () => {
    Object.assign(process.env, { KEEPSAKE_HOME: freshHome(), LOG_LEVEL: 'silent', RECALL_TIMEOUT_MS: '5000' });
    host = await startLocalHost({ host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await host.close();
    process.env = before;
  });

  const send = async (method: string, route: string, body?: object): Promise<Answer> => {
    const headers = body && { 'content-type': 'application/json' };
    const response = await fetch(`${host.url}/api/${route}`, { method, headers, body: body && JSON.stringify(body) });
    return { status: response.status, body: await response.json() };
  };
  const post = (route: string, body: object) => send('POST', route, body);
  const tell = (naming: object, text: string) => post('add-memory', { ...naming, text, infer: false });
  const textsOf = async (naming: object): Promise<string[]> => {
    const { status, body } = await post('search', { ...naming, query: 'What is the number of the locker?' });
    expect(status).toBe(200);
    return body.results.map(({ text }: { text: string }) => text);
  };

  it('is the same on every channel, for every door', async () => {
    const added = await tell({ channel: whatsapp('14155550101') }, 'My locker is number 12.');
    expect(added.status).toBe(201);
    expect(await textsOf({ channel: sms('+1 (415) 555-0101') })).toEqual(['My locker is number 12.']);
    const channel = { type: 'imessage', address: 'tel:+1-415-555-0101' };
    const chat = await post('chat', { channel, message: 'Which locker do I have?' });
    expect(chat).toMatchObject({ status: 200, body: { reply: expect.stringContaining('number 12') } });
  });

  it('can be asked for by it, and then be named by id', async () => {
    const { status, body } = await send('GET', 'identities/whatsapp/+14155550101');
    expect([status, body]).toEqual([200, { user_id: uuid, addresses: [{ kind: 'phone', address: '+14155550101' }] }]);
    expect(await textsOf({ user_id: body.user_id })).toContain('My locker is number 12.');
    // As a client that encodes everything writes it.
    expect((await send('GET', 'identities/sms/%2B1%20415%20555%200101')).body).toEqual(body);
  });

  it('is not another person', async () => {
    expect(await textsOf({ channel: sms('+14155550102') })).toEqual([]);
  });

  it('does not come into being by being asked for', async () => {
    for (const method of ['GET', 'DELETE', 'GET'])
      expect((await send(method, 'identities/telegram/@nobody_here')).status).toBe(404);
  });

  it('keeps their memories when an address is linked to somebody else, who has their own', async () => {
    await tell({ channel: sms('+14155550103') }, 'The locker of the phone is number 3.');
    await tell({ user_id: 'carla' }, 'The locker of Carla is number 33.');
    const had = (await send('GET', 'identities/sms/+14155550103')).body.user_id;
    const linked = await post('identities/link', { user_id: 'carla', channel: sms('+14155550103') });
    const addresses = [{ kind: 'phone', address: '+14155550103' }];
    expect(linked).toEqual({ status: 200, body: { user_id: 'carla', addresses, previous_user_id: had } });
    expect(await textsOf({ channel: sms('+14155550103') })).toEqual(['The locker of Carla is number 33.']);
    expect(await textsOf({ user_id: had })).toEqual(['The locker of the phone is number 3.']);
    const again = await post('identities/link', { user_id: 'carla', channel: whatsapp('14155550103') });
    expect(again.body).toEqual({ user_id: 'carla', addresses, previous_user_id: null });
  });

  it('loses an address that is taken away, and nothing else', async () => {
    await post('identities/link', { user_id: 'dora', channel: { type: 'web', address: 'visitor|7' } });
    await post('identities/link', { user_id: 'dora', channel: { type: 'telegram', address: '@Dora_D' } });
    await tell({ user_id: 'dora' }, 'The locker of Dora is number 44.');
    const unlinked = await send('DELETE', 'identities/telegram/@dora_d');
    const addresses = [{ kind: 'web', address: 'visitor|7' }];
    expect(unlinked).toEqual({ status: 200, body: { user_id: 'dora', addresses } });
    expect(await send('DELETE', 'identities/telegram/@dora_d')).toMatchObject({
      status: 404,
      body: { detail: 'Nobody has this address.' },
    });
    expect(await textsOf({ channel: { type: 'telegram', address: '@dora_d' } })).toEqual([]);
    expect(await textsOf({ channel: { type: 'web', address: 'visitor|7' } })).toHaveLength(1);
  });

  it('who speaks in a group is told only what is theirs, and what they say is kept as theirs', async () => {
    const [eva, fay] = [sms('+14155550105'), sms('+14155550106')];
    const group = { participants: [eva, fay], conversation_id: 'group-1' };
    for (const [sender, message] of [
      [eva, 'My locker is number 55.'],
      [fay, 'My locker is number 66.'],
    ] as const)
      expect((await post('chat', { ...group, sender, message })).status).toBe(200);
    expect(await textsOf({ channel: eva })).toEqual(['My locker is number 55.']);
    expect(await textsOf({ channel: fay })).toEqual(['My locker is number 66.']);
    const asked = await post('chat', { ...group, sender: fay, message: 'Which locker do I have?' });
    expect(asked.body.reply).toContain('66');
    expect(asked.body.reply).not.toContain('55');
  });
});

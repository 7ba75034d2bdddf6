import { createWhatsAppWebhookHandler } from '../../functions/whatsapp-webhook';
import { createContainer } from '../../shared/container';
import { call } from '../support/endpoint';
import { createGraphServer, type GraphServer } from '../support/graph-server';
import { aDeadline, createTestService, nowhere } from '../support/service';
import { phoneNumberId, webhookSecrets, whatsAppEvent, whatsAppRequest, whatsAppText } from '../support/webhooks';

describe("WhatsApp's webhook", () => {
  let graph: GraphServer;
  let service: ReturnType<typeof createTestService>;
  let handler: ReturnType<typeof createWhatsAppWebhookHandler>;
  beforeAll(async () => {
    graph = await createGraphServer();
    const env = { ...webhookSecrets, WHATSAPP_BASE_URL: graph.url, RECALL_TIMEOUT_MS: '5000' };
    service = createTestService({ env });
    handler = createWhatsAppWebhookHandler(service.container);
    await service.container.warmUp();
  });
  afterAll(async () => {
    await service.close();
    await graph.close();
  });
  beforeEach(() => {
    graph.fault = () => null;
    graph.sent.length = 0;
    graph.requests.length = 0;
  });

  const deliver = (...messages: object[]) => call(handler, whatsAppRequest(whatsAppEvent(messages)));
  const memories = async (address: string) => {
    const person = await service.container.identity().find({ type: 'whatsapp', address });
    if (!person) return null;
    const { value } = await service.container.memory().list(person.userId, { limit: 100, cursor: null }, aDeadline());
    return value?.items.map(({ text }) => text);
  };

  it('answers through the Graph API, and remembers', async () => {
    expect(await deliver(whatsAppText('wamid.1', 'My locker is number 12.'))).toMatchObject({ status: 200, body: '' });
    await deliver(whatsAppText('wamid.2', 'Which locker do I have?'));
    expect(graph.sent).toMatchObject([
      { from: phoneNumberId, to: '14155550101', recipientType: 'individual' },
      { to: '14155550101', text: expect.stringContaining('number 12') },
    ]);
  });

  it('answers several messages of an event in their order', async () => {
    const from = '14155550102';
    const said = ['I like tea.', 'I want to run every day', 'mood 7'];
    await deliver(...said.map((text, i) => whatsAppText(`wamid.order-${i}`, text, { from })));
    expect(graph.sent.map(({ text }) => text)).toEqual([
      expect.any(String),
      expect.stringContaining('run'),
      expect.stringContaining('7'),
    ]);
    expect(await memories(from)).toEqual(expect.arrayContaining(said));
  });

  it('sends no reply twice, however often the event comes, also at the same time', async () => {
    const from = '14155550103';
    const again = () => deliver(whatsAppText('wamid.again', 'My bike is blue.', { from }));
    const statuses = (await Promise.all([again(), again(), again()])).map(({ status }) => status);
    // Whoever comes while it is being answered is asked to come again.
    expect(statuses).toContain(200);
    expect(statuses.every((status) => status === 200 || status === 503)).toBe(true);
    expect((await again()).status).toBe(200);
    expect(graph.sent).toHaveLength(1);
    expect(await memories(from)).toEqual(['My bike is blue.']);
  });

  it.each([
    ['is down', { kind: 'status', status: 503 }],
    ['slows us down', { kind: 'status', status: 429, retryAfterSeconds: 60 }],
    ['does not take our token any more', { kind: 'status', status: 401 }],
    ['breaks the line', { kind: 'reset' }],
  ] as const)('where Meta %s, asks for the event again, which gets the first answer', async (title, fault) => {
    const from = '14155550104';
    const messages = [
      whatsAppText(`wamid.a ${title}`, 'I like tea.', { from }),
      whatsAppText(`wamid.b ${title}`, 'mood 7', { from }),
    ];
    // The second reply is the one that fails.
    graph.fault = ({ body }) => (graph.sent.length > 0 && body ? fault : null);
    const failed = await deliver(...messages);
    expect(failed.status).toBe(503);
    expect(failed.headers.get('retry-after')).toBe('30');
    const kept = (await memories(from))?.length;
    const refused = graph.requests.at(-1)?.body.text.body;
    graph.fault = () => null;
    expect((await deliver(...messages)).status).toBe(200);
    expect(graph.sent.map(({ text }) => text)).toEqual([expect.any(String), refused]);
    expect((await memories(from))?.length).toBe(kept);
  });

  it('does not ask again for a reply that Meta refuses for good', async () => {
    const message = whatsAppText('wamid.refused', 'Hello', { from: '14155550105' });
    graph.fault = () => ({ kind: 'status', status: 400 });
    expect((await deliver(message)).status).toBe(200);
    expect((await deliver(message)).status).toBe(200);
    expect(graph.requests).toHaveLength(1);
  });

  it('answers a group as a group', async () => {
    await deliver(whatsAppText('wamid.group', 'I like tea.', { from: '14155550106', group_id: 'Y2FwaV9n' }));
    expect(graph.sent).toMatchObject([{ to: 'Y2FwaV9n', recipientType: 'group' }]);
  });

  it('says once of a voice note that it cannot read it, and keeps nothing', async () => {
    const from = '14155550107';
    const note = whatsAppText('wamid.voice', '', { from, type: 'audio', text: undefined, audio: { id: '1' } });
    await deliver(note);
    await deliver(note);
    expect(graph.sent).toMatchObject([{ to: from, text: expect.stringContaining('only read text') }]);
    expect(await memories(from)).toEqual([]);
  });

  it('takes delivery reports, and what no person can have written, and says nothing', async () => {
    const statuses = [{ id: 'wamid.0', status: 'read', recipient_id: '14155550101' }];
    expect((await call(handler, whatsAppRequest(whatsAppEvent([], { statuses })))).status).toBe(200);
    expect((await deliver(whatsAppText('wamid.nobody', 'Hello', { from: '1' }))).status).toBe(200);
    expect((await deliver({ id: 'wamid.strange' })).status).toBe(200);
    expect(graph.requests).toEqual([]);
    expect(service.lines.join()).toContain('"event":"messages not understood","function":"whatsapp-webhook"');
  });

  it('logs neither what was said nor who said it nor what Meta answered', async () => {
    graph.fault = () => ({ kind: 'status', status: 500 });
    await deliver(whatsAppText('wamid.private', 'I like canaries.'));
    expect(service.lines.join()).toContain('"event":"reply not sent","channel":"whatsapp","code":"unavailable"');
    expect(service.lines.join()).not.toMatch(/canaries|1415555|Failed at|test-token|test-secret|wamid/);
  });

  describe('when the address is entered at Meta', () => {
    const verify = (query: Record<string, string>) => call(handler, { method: 'GET', query });
    const good = { 'hub.mode': 'subscribe', 'hub.verify_token': 'verify-test-token', 'hub.challenge': '1158201444' };

    it('gives the challenge back', async () => {
      const answer = await verify(good);
      expect(answer).toMatchObject({ status: 200, body: '1158201444' });
      expect(answer.headers.get('content-type')).toBe('text/plain');
    });

    it.each([
      ['another token', { ...good, 'hub.verify_token': 'app-test-secret' }],
      ['an empty token', { ...good, 'hub.verify_token': '' }],
      ['no mode', { 'hub.verify_token': 'verify-test-token', 'hub.challenge': '1' }],
      ['nothing', {}],
    ])('refuses %s', async (_, query) => {
      expect(await verify(query)).toMatchObject({
        status: 403,
        body: { detail: expect.stringContaining('hub.verify_token') },
      });
    });
  });

  it.each([
    ['is not there without a secret', { WHATSAPP_ACCESS_TOKEN: 'x' }, 404],
    ['is not there without a token to answer with', { WHATSAPP_APP_SECRET: webhookSecrets.WHATSAPP_APP_SECRET }, 404],
    ['asks to come again where the database cannot be reached', webhookSecrets, 503],
  ])('%s', async (_, env, status) => {
    const services = createContainer({ env: { ...env, DATABASE_URL: nowhere, LOG_LEVEL: 'silent' } });
    const door = createWhatsAppWebhookHandler(services);
    expect((await call(door, whatsAppRequest(whatsAppEvent([whatsAppText('wamid.1', 'Hello')])))).status).toBe(status);
    if (status === 404) expect((await call(door, { method: 'GET' })).status).toBe(404);
    await services.close();
  });
});

import { createWhatsAppSender, type OutgoingMessage } from '../../shared/channels/whatsapp-sender';
import type { PolicyOptions } from '../../shared/resilience/policy';
import { createLogger } from '../../shared/telemetry/logger';
import type { Fault } from '../support/faults';
import { createGraphServer, type GraphServer } from '../support/graph-server';

const message: OutgoingMessage = { phoneNumberId: '1065', to: '14155550101', isGroup: false, text: 'Hello 🎉' };

describe('replies through the Graph API', () => {
  let graph: GraphServer;
  const lines: string[] = [];
  beforeAll(async () => {
    graph = await createGraphServer();
  });
  afterAll(() => graph.close());
  beforeEach(() => {
    graph.fault = () => null;
    graph.sent.length = 0;
    graph.requests.length = 0;
  });
  const open = (policy: Partial<PolicyOptions> = {}, token = graph.accessToken) =>
    createWhatsAppSender({
      settings: { WHATSAPP_ACCESS_TOKEN: token, WHATSAPP_BASE_URL: `${graph.url}/` },
      logger: createLogger('debug', (line) => lines.push(line)),
      policy: { firstPauseMs: 1, ...policy },
    });
  const patience = new AbortController().signal;

  it('go out to a person or a group', async () => {
    const sender = open();
    await sender.send(message, patience);
    await sender.send({ ...message, to: 'Y2FwaV9n', isGroup: true }, patience);
    expect(graph.sent).toEqual([
      { from: '1065', to: '14155550101', recipientType: 'individual', text: 'Hello 🎉' },
      { from: '1065', to: 'Y2FwaV9n', recipientType: 'group', text: 'Hello 🎉' },
    ]);
  });

  const faults: [title: string, fault: Fault, code: string, requests: number][] = [
    ['refuses', { kind: 'status', status: 400 }, 'refused', 1],
    ['knows no such number', { kind: 'status', status: 404 }, 'refused', 1],
    ['takes the token no more', { kind: 'status', status: 403 }, 'unauthorised', 1],
    ['slows us down', { kind: 'status', status: 429 }, 'rate_limited', 2],
    ['asks for a minute', { kind: 'status', status: 429, retryAfterSeconds: 60 }, 'rate_limited', 1],
    ['fails, and may have sent it', { kind: 'status', status: 500, applied: true }, 'unavailable', 1],
    ['breaks the line, and may have sent it', { kind: 'reset', applied: true }, 'unavailable', 1],
    ['says nothing, and may have sent it', { kind: 'silent', applied: true }, 'unavailable', 1],
  ];
  it.each(faults)('fail where Meta %s', async (_, fault, code, requests) => {
    graph.fault = () => fault;
    await expect(open({ attemptMs: 50 }).send(message, patience)).rejects.toMatchObject({ name: 'SendError', code });
    expect(graph.requests).toHaveLength(requests);
  });

  it('are sent again at once where nothing was sent, and are taken for sent by any success', async () => {
    graph.fault = () =>
      graph.requests.length === 1 ? { kind: 'status', status: 429 } : { kind: 'nonsense', applied: true };
    await open().send(message, patience);
    expect(graph.sent).toHaveLength(1);
  });

  it('fail with a wrong token, and where nobody listens', async () => {
    await expect(open({}, 'another').send(message, patience)).rejects.toMatchObject({ code: 'unauthorised' });
    await graph.close();
    await expect(open().send(message, patience)).rejects.toMatchObject({ code: 'unavailable' });
    await graph.reopen();
  });

  it('are not tried any more once five in a row have failed', async () => {
    graph.fault = () => ({ kind: 'status', status: 500 });
    const sender = open();
    for (let i = 0; i < 7; i++)
      await expect(sender.send(message, patience)).rejects.toMatchObject({ code: 'unavailable' });
    expect(graph.requests).toHaveLength(5);
    expect(lines.join()).toContain('"event":"circuit changed","vendor":"whatsapp","circuit":"open"');
  });

  it('end with their caller', async () => {
    graph.fault = () => ({ kind: 'silent' });
    const leaving = AbortSignal.timeout(20);
    await expect(open({ fairMs: 0 }).send(message, leaving)).rejects.toMatchObject({ code: 'unavailable' });
    await expect(open().send(message, leaving)).rejects.toMatchObject({ code: 'unavailable' });
    expect(graph.requests).toHaveLength(1);
  });

  it('are in no log', () => {
    expect(lines.join()).not.toMatch(/Hello|1415555|graph-test-token/);
  });
});

import { randomUUID } from 'node:crypto';
import { type HttpHandler, type HttpRequestInit, InvocationContext, type Timer } from '@azure/functions';
import { createAddMemoryHandler } from '../../functions/add-memory';
import { createBrainFactHandler } from '../../functions/brain-fact';
import { createBrainFactHistoryHandler } from '../../functions/brain-fact-history';
import { createBrainFactsHandler } from '../../functions/brain-facts';
import { createBrainLoadHandler } from '../../functions/brain-load';
import { createBrainOnboardingHandler } from '../../functions/brain-onboarding';
import { createBrainSettingsHandler } from '../../functions/brain-settings';
import { createChatHandler } from '../../functions/chat';
import { createCheckInsHandler } from '../../functions/check-ins';
import { createCompanyHandler } from '../../functions/company';
import { createCompanySessionHandler } from '../../functions/company-session';
import { createCompanySessionsHandler } from '../../functions/company-sessions';
import { createConversationsHandler } from '../../functions/conversations';
import { createConversationsBatchHandler } from '../../functions/conversations-batch';
import { createGoalHandler } from '../../functions/goal';
import { createGoalsHandler } from '../../functions/goals';
import { createHealthHandler } from '../../functions/health';
import { createIdentitiesLinkHandler } from '../../functions/identities-link';
import { createIdentityHandler } from '../../functions/identity';
import { createJobHandler } from '../../functions/job';
import { createLeadHandler } from '../../functions/lead';
import { createLeadsHandler } from '../../functions/leads';
import { createLoadBrainHandler } from '../../functions/load-brain';
import { createMem0WebhookHandler } from '../../functions/mem0-webhook';
import { createMemoryHandler } from '../../functions/memory';
import { createMemoryHistoryHandler } from '../../functions/memory-history';
import { createMigrateHandler } from '../../functions/migrate';
import { createMigrationHandler } from '../../functions/migration';
import { createMigrationsHandler } from '../../functions/migrations';
import { createProfileHandler } from '../../functions/profile';
import { createReconcileHandler } from '../../functions/reconcile';
import { createRetentionHandler } from '../../functions/retention';
import { createSearchHandler } from '../../functions/search';
import { createSessionContextHandler } from '../../functions/session-context';
import { createSessionStatisticsHandler } from '../../functions/session-statistics';
import { createStatisticsHandler } from '../../functions/statistics';
import { createSyncHandler } from '../../functions/sync';
import { createSyncMemoriesHandler } from '../../functions/sync-memories';
import { createSyncPeopleHandler } from '../../functions/sync-people';
import { createSyncPeoplePoisonHandler } from '../../functions/sync-people-poison';
import { createTelegramWebhookHandler } from '../../functions/telegram-webhook';
import { createTwilioWebhookHandler } from '../../functions/twilio-webhook';
import { createUserMemoriesHandler } from '../../functions/user-memories';
import { createUsersHandler } from '../../functions/users';
import { createWhatsAppWebhookHandler } from '../../functions/whatsapp-webhook';
import { functionFiles } from '../../local/load-functions';
import { shippedPath } from '../../shared/config/shipped-files';
import type { Container } from '../../shared/container';
import { IndexError, type SearchIndex } from '../../shared/search/index';
import { call } from '../support/endpoint';
import type { Fault } from '../support/faulty-provider';
import { createTestService, nowhere } from '../support/service';
import {
  telegramRequest,
  telegramUpdate,
  twilioRequest,
  webhookSecrets,
  whatsAppEvent,
  whatsAppRequest,
  whatsAppText,
} from '../support/webhooks';

const canary = 'canary5e1c';
/** Also looks like a stack's frame, in case a message that quotes it is logged by its lines. */
const words = `I want to run with ${canary} every day, mood 7\n    at ${canary} (/app/${canary}.ts:1:1)`;
const userId = `${canary}.user@example.com`;

/** Calls for no tool: each channel brings it anew. */
const said = `My ${canary} sings`;

const json = (body: object): HttpRequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: { string: JSON.stringify(body) },
});

const label = `${canary} label`;
const channel = { type: 'web', address: canary };
const labels = { session_id: label, tags: [label], metadata: { [canary]: words, nested: [{ [canary]: canary }] } };
const add = { ...labels, user_id: userId, speaker: label, type: label, text: words, at: '2026-03-01' };
const turns = [
  { role: 'user', name: label, content: words },
  { role: 'assistant', content: words },
];
const find = (query: Record<string, string>): HttpRequestInit => ({ method: 'GET', query });
const phone = '+14155550123';
const conversation = {
  ...{ session_id: label, call_id: label, user: { id: userId, name: label, phone }, tags: [label] },
  ...{ query: words, answer: words, metadata: labels.metadata },
};
const lead = { id: canary, name: label, phone: words, email: userId, [canary]: [words], budget: label };
const fact = { slug: canary, category: label, content: words, metadata: labels.metadata };
const ofOwner = (kind: string, id: string, more: Record<string, string> = {}) => ({ params: { kind, id, ...more } });
const search = {
  ...labels,
  user_id: userId,
  query: words,
  types: [label],
  topics: [label],
  max_tokens: 200,
  debug: true,
};

type Door = [create: (services: Container) => HttpHandler, requests: (id: string) => HttpRequestInit[]];

const list = (user: string, query: Record<string, string> = {}): HttpRequestInit => ({
  method: 'GET',
  params: { user_id: user },
  query,
});

/** Every door by its function's name, with requests that carry the word wherever a text fits, and some where none does. */
const doors: Record<string, Door> = {
  'add-memory': [
    createAddMemoryHandler,
    () => [
      json({ ...add, message_id: label }),
      json({ ...add, message_id: label }),
      json({ ...add, infer: false }),
      json({ user_id: userId, messages: turns }),
      json({ channel, text: words }),
      json({ channel: { type: 'sms', address: canary }, text: words }),
      json({ ...add, [canary]: words, user_id: words, text: [words], at: words }),
      json({ ...add, __proto__: undefined, text: `${words}\0` }),
      { ...json({}), body: { string: `{"text":"${canary}` } },
      { ...json(add), headers: { 'content-type': `text/${canary}` } },
      { ...json(add), headers: { 'content-type': 'application/json', 'x-request-id': `${canary} ${canary}` } },
    ],
  ],
  chat: [
    createChatHandler,
    () => [
      json({ user_id: userId, message: words, conversation_id: label, message_id: label }),
      json({ user_id: userId, message: words, conversation_id: label, message_id: label }),
      json({ user_id: userId, message: `I prefer ${canary}. What do you know about ${canary}?`, personality: 'zen' }),
      json({ user_id: userId, message: words, personality: canary }),
      json({ channel, message: words }),
      json({ sender: channel, participants: [channel], conversation_id: label, message: words }),
    ],
  ],
  conversations: [
    createConversationsHandler,
    () => [
      json(conversation),
      json({ ...conversation, user: { id: canary, phone } }),
      json({ session_id: label, user: { name: label }, messages: turns.map(({ name: _, ...turn }) => turn) }),
      json({ ...conversation, user: { phone: canary } }),
      json({ ...conversation, [canary]: words }),
      ...Object.entries({ phone, name: label, session_id: label }).map(([key, value]) => find({ [key]: value })),
      find({ phone: canary }),
    ],
  ],
  'conversations-batch': [
    createConversationsBatchHandler,
    () => [json({ conversations: [conversation, { ...conversation, user: { phone: canary } }, words] })],
  ],
  search: [
    createSearchHandler,
    () => [
      json({ user_id: userId, query: words }),
      json(search),
      json({ ...search, since: words }),
      json({ channel, query: words }),
    ],
  ],
  'user-memories': [
    createUserMemoriesHandler,
    () => [
      list(userId, { type: label }),
      list(words, { cursor: Buffer.from(`["${canary}"]`).toString('base64url') }),
      list(userId, { cursor: canary }),
    ],
  ],
  memory: [
    createMemoryHandler,
    (id) => [
      { method: 'GET', params: { id } },
      { ...json({ text: words, metadata: labels.metadata }), method: 'PATCH', params: { id } },
      { ...json({ text: words }), method: 'PATCH', params: { id: randomUUID() } },
      { ...json({ text: words }), method: 'PATCH', params: { id: canary } },
      { method: 'DELETE', params: { id } },
    ],
  ],
  'memory-history': [
    createMemoryHistoryHandler,
    (id) => [
      { method: 'GET', params: { id } },
      { method: 'GET', params: { id: canary } },
    ],
  ],
  'brain-facts': [
    createBrainFactsHandler,
    () => [
      { ...json({ memories: [fact] }), ...ofOwner('users', userId), method: 'PUT' },
      { ...json({ memories: [{ ...fact, content: `${words}!` }] }), ...ofOwner('users', userId), method: 'PUT' },
      { ...json({ memories: [fact], user_id: canary }), ...ofOwner('companies', `${canary}-co`), method: 'PUT' },
      { ...json({ memories: [fact, canary] }), ...ofOwner('companies', userId), method: 'PUT' },
      { method: 'GET', ...ofOwner('users', userId) },
      { method: 'GET', ...ofOwner('companies', words), query: { user_id: canary } },
    ],
  ],
  'brain-fact': [
    createBrainFactHandler,
    () => ['GET', 'DELETE', 'DELETE'].map((method) => ({ method, ...ofOwner('users', userId, { slug: canary }) })),
  ],
  'brain-fact-history': [
    createBrainFactHistoryHandler,
    () => [canary, words].map((slug) => ({ method: 'GET', ...ofOwner('users', userId, { slug }) })),
  ],
  leads: [
    createLeadsHandler,
    () => [
      json({ session_id: label, call_id: label, lead_data: lead, transcript_summary: words }),
      json({ session_id: label, lead_data: { ...lead, phone: '+14155550123' } }),
      json({ session_id: label, lead_data: { [canary]: { __proto__: words }, id: `${canary}/` } }),
    ],
  ],
  lead: [createLeadHandler, () => [canary, `${canary}/`].map((id) => ({ method: 'GET', params: { id } }))],
  'session-context': [
    createSessionContextHandler,
    () =>
      [undefined, { phone: '+14155550123' }, { phone: canary }].map((query) => ({
        ...{ method: 'GET', params: { session_id: label }, query },
      })),
  ],
  profile: [
    createProfileHandler,
    () => [
      { ...json({ full_name: label, email: userId, phone, role: words }), method: 'PUT', params: { id: userId } },
      { ...json({ full_name: words, email: words }), method: 'PUT', params: { id: words } },
      ...[userId, words, `${canary}-2`].map((id) => ({ method: 'GET', params: { id } })),
    ],
  ],
  company: [
    createCompanyHandler,
    () => [
      { ...json({ name: label, activity: words, metadata: labels.metadata }), method: 'PUT', params: { id: canary } },
      { ...json({ start_date: words }), method: 'PUT', params: { id: canary } },
      { method: 'GET', params: { id: canary }, query: { as_user: userId } },
    ],
  ],
  'company-session': [
    createCompanySessionHandler,
    () => [
      { ...json({}), method: 'PUT', params: { id: canary, user_id: userId } },
      { ...json({ expires_at: words }), method: 'PUT', params: { id: canary, user_id: words } },
      { method: 'DELETE', params: { id: canary, user_id: `${canary}-2` } },
    ],
  ],
  'company-sessions': [
    createCompanySessionsHandler,
    () => [canary, words].map((id) => ({ method: 'GET', params: { id } })),
  ],
  'brain-load': [
    createBrainLoadHandler,
    () => [
      json({ kind: 'users', id: userId }),
      json({ kind: 'companies', id: canary }),
      json({ kind: 'users', id: `${canary}-2` }),
      json({ kind: canary }),
    ],
  ],
  'brain-onboarding': [
    createBrainOnboardingHandler,
    () => [
      json({ person: { id: userId, full_name: label, goal: words }, company: { id: canary, activity: words } }),
      json({ person: { id: words, email: words } }),
    ],
  ],
  'brain-settings': [
    createBrainSettingsHandler,
    () => [
      json({ kind: 'users', id: userId, before: { goal: words }, after: { goal: label } }),
      json({ kind: 'companies', id: canary, user_id: userId, after: { name: words, goal: null } }),
      json({ kind: canary, id: words, after: {} }),
    ],
  ],
  job: [createJobHandler, () => [randomUUID(), canary].map((id) => ({ method: 'GET', params: { id } }))],
  migrations: [
    createMigrationsHandler,
    () => {
      const order = { source: 'local', target: 'mem0', users: [userId], session_id: label, role: label };
      return [json(order), json({ ...order, dry_run: true }), json({ ...order, users: [words] })];
    },
  ],
  migration: [createMigrationHandler, () => [randomUUID(), canary].map((id) => ({ method: 'GET', params: { id } }))],
  'session-statistics': [
    createSessionStatisticsHandler,
    () =>
      [undefined, { user_id: userId }, { user_id: words }].map((query) => ({
        ...{ method: 'GET', params: { session_id: label }, query },
      })),
  ],
  goals: [createGoalsHandler, () => [list(userId)]],
  goal: [
    createGoalHandler,
    () => [{ ...json({ title: `${canary} title`, status: 'done' }), method: 'PATCH', params: { id: randomUUID() } }],
  ],
  'check-ins': [createCheckInsHandler, () => [list(userId), list(userId, { cursor: canary })]],
  'identities-link': [
    createIdentitiesLinkHandler,
    () => [json({ user_id: userId, channel }), json({ user_id: userId, channel: { type: canary, address: words } })],
  ],
  identity: [createIdentityHandler, () => ['GET', 'DELETE', 'DELETE'].map((method) => ({ method, params: channel }))],
  users: [createUsersHandler, () => [{ method: 'GET' }, { method: 'GET', query: { [canary]: canary } }]],
  health: [
    createHealthHandler,
    () => [
      { method: 'GET', headers: { 'x-functions-key': canary } },
      { method: 'GET', query: { code: canary } },
    ],
  ],
  statistics: [createStatisticsHandler, () => [{ method: 'GET' }]],
  sync: [createSyncHandler, () => [json({ user_id: userId }), json({ full: true }), json({ user_id: words })]],
  'mem0-webhook': [
    createMem0WebhookHandler,
    (id) => {
      const event = json({ event_details: { id, data: { memory: words }, event: canary } });
      return [canary, words].map((secret) => ({ ...event, params: { secret } }));
    },
  ],
  'twilio-webhook': [
    createTwilioWebhookHandler,
    () => [
      twilioRequest({ MessageSid: canary, Body: said }),
      twilioRequest({ MessageSid: canary, Body: said, From: canary }),
      twilioRequest({ MessageSid: canary, Body: said }, { 'x-twilio-signature': canary }),
    ],
  ],
  'whatsapp-webhook': [
    createWhatsAppWebhookHandler,
    () => [
      whatsAppRequest(whatsAppEvent([whatsAppText(canary, said), { [canary]: words }])),
      whatsAppRequest(whatsAppEvent([whatsAppText(canary, said, { from: canary })])),
      whatsAppRequest(canary, { 'x-hub-signature-256': canary }),
      { method: 'GET', query: { 'hub.mode': 'subscribe', 'hub.verify_token': canary } },
    ],
  ],
  'telegram-webhook': [
    createTelegramWebhookHandler,
    () => [
      telegramRequest(telegramUpdate({ text: said })),
      telegramRequest({ [canary]: words }),
      telegramRequest(canary, { 'x-telegram-bot-api-secret-token': canary }),
    ],
  ],
};

const secrets = {
  ...webhookSecrets,
  RETENTION_DAYS_FACT: '1',
  MEM0_WEBHOOK_SECRET: canary,
  WHATSAPP_BASE_URL: 'http://127.0.0.1:1',
};

const queues = { 'sync-people': createSyncPeopleHandler, 'sync-people-poison': createSyncPeoplePoisonHandler };
/** What may lie in a queue. */
const messages = [{ version: 1, run: randomUUID(), people: [canary, `${canary}-2`] }, canary, { people: canary }];
const timers = {
  'sync-memories': createSyncMemoriesHandler,
  reconcile: createReconcileHandler,
  retention: createRetentionHandler,
  'load-brain': createLoadBrainHandler,
  migrate: createMigrateHandler,
};

/** An index whose every method fails with what `toError` makes of the call. */
function failingIndex(toError: (args: unknown[]) => Error): SearchIndex {
  const fail = async (...args: unknown[]) => {
    throw toError(args);
  };
  const methods = [
    'upsert',
    'remove',
    'erase',
    'search',
    'find',
    'nearest',
    'marks',
    'people',
    'olderThan',
    'countByType',
  ] as const;
  return { name: 'embedded', ...Object.fromEntries(methods.map((method) => [method, fail])) } as unknown as SearchIndex;
}

const indexDown = failingIndex(
  (args) => new IndexError('embedded', 'unavailable', { cause: new Error(JSON.stringify(args)) }),
);
const brokenIndex = failingIndex((args) => new TypeError(`${words} ${JSON.stringify(args)}`));

interface Trouble {
  title: string;
  fault: Fault | null;
  index?: SearchIndex;
  env?: NodeJS.ProcessEnv;
  /** What the log has to say of it, so that silence proves nothing. */
  logged: RegExp;
}

const troubles: Trouble[] = [
  { title: 'all is well', fault: null, logged: /"status":201/ },
  { title: 'the provider is down', fault: 'unavailable', logged: /write postponed.*"code":"unavailable"/ },
  { title: 'the provider dies after it stored', fault: 'dies after', logged: /write postponed/ },
  { title: 'the provider slows us down', fault: 'rate limited', logged: /"code":"rate_limited"/ },
  { title: 'the provider refuses', fault: 'refused', logged: /"code":"refused"/ },
  {
    title: 'the provider has a bug that quotes the input',
    fault: 'bug',
    logged: /request failed.*"status":500|write failed/s,
  },
  { title: 'the index is down', fault: null, index: indexDown, logged: /index write failed.*"error":"IndexError"/ },
  {
    title: 'the index has a bug that quotes the input',
    fault: null,
    index: brokenIndex,
    logged: /request failed.*"error":"TypeError"/,
  },
  {
    title: 'the database cannot be reached',
    fault: null,
    env: { DATABASE_URL: nowhere },
    logged: /outbox unreachable/,
  },
  {
    title: 'nothing can be reached',
    fault: 'bug',
    index: brokenIndex,
    env: { DATABASE_URL: nowhere },
    logged: /"status":503/,
  },
];

describe('nothing that a person said is logged', () => {
  const printed: string[] = [];
  const spies: jest.SpyInstance[] = [];
  beforeAll(() => {
    for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
      spies.push(jest.spyOn(console, method).mockImplementation((...args) => printed.push(args.map(String).join(' '))));
    }
  });
  afterAll(() => {
    for (const spy of spies) spy.mockRestore();
  });

  it('is looked at over every function', () => {
    const files = functionFiles(shippedPath('functions')).map((file) => file.replace('.ts', ''));
    // The hook, which is no function.
    expect([...Object.keys(doors), ...Object.keys(timers), ...Object.keys(queues), 'app-start'].sort()).toEqual(
      files.sort(),
    );
  });

  it.each(troubles)('while $title', async ({ fault, index, env, logged }) => {
    const service = createTestService({ env: { ...secrets, ...env }, index });
    const { container, lines, provider, clock } = service;
    try {
      const first = await call(createAddMemoryHandler(container), json({ ...add, infer: false }));
      const { memory_id: id } = first.body as { memory_id?: string };
      provider.fault = () => fault;
      for (const [create, requests] of Object.values(doors)) {
        const handler = create(container);
        for (const request of requests(id ?? randomUUID())) await call(handler, request);
      }
      clock.turn(2 * 86_400_000);
      for (const create of Object.values(timers)) {
        const timer = create(container);
        await Promise.resolve(timer({} as Timer, new InvocationContext())).catch(() => undefined);
      }
      for (const create of Object.values(queues)) {
        const listener = create(container);
        for (const message of messages)
          await Promise.resolve(listener(message, new InvocationContext())).catch(() => undefined);
      }
    } finally {
      await service.close();
    }
    expect(lines.join('\n')).toMatch(logged);
    expect([...lines, ...printed].filter((line) => line.toLowerCase().includes(canary))).toEqual([]);
  });
});

import { functionFiles, loadFunctions } from '../../local/load-functions';
import { shippedPath } from '../../shared/config/shipped-files';

const functions = shippedPath('functions');

/** Every HTTP function; its file has its name. */
const doors: [name: string, methods: string[], route: string, authLevel: string][] = [
  ['add-memory', ['POST'], 'add-memory', 'function'],
  ['brain-fact-history', ['GET'], 'brain/{kind}/{id}/{slug}/history', 'function'],
  ['brain-fact', ['GET', 'DELETE'], 'brain/{kind}/{id}/{slug}', 'function'],
  ['brain-facts', ['PUT', 'GET'], 'brain/{kind}/{id}', 'function'],
  ['brain-load', ['POST'], 'brain/load', 'function'],
  ['brain-onboarding', ['POST'], 'brain/onboarding', 'function'],
  ['brain-settings', ['POST'], 'brain/settings', 'function'],
  ['chat', ['POST'], 'chat', 'function'],
  ['check-ins', ['GET'], 'users/{user_id}/check-ins', 'function'],
  ['company-session', ['PUT', 'DELETE'], 'companies/{id}/sessions/{user_id}', 'function'],
  ['company-sessions', ['GET'], 'companies/{id}/sessions', 'function'],
  ['company', ['GET', 'PUT'], 'companies/{id}', 'function'],
  ['conversations-batch', ['POST'], 'conversations/batch', 'function'],
  ['conversations', ['GET', 'POST'], 'conversations', 'function'],
  ['goal', ['PATCH'], 'goals/{id}', 'function'],
  ['goals', ['GET'], 'users/{user_id}/goals', 'function'],
  ['health', ['GET'], 'health', 'anonymous'],
  ['identities-link', ['POST'], 'identities/link', 'function'],
  ['identity', ['GET', 'DELETE'], 'identities/{type}/{address}', 'function'],
  ['job', ['GET'], 'jobs/{id}', 'function'],
  ['lead', ['GET'], 'leads/{id}', 'function'],
  ['leads', ['POST'], 'leads', 'function'],
  ['mem0-webhook', ['POST'], 'webhooks/mem0/{secret}', 'anonymous'],
  ['memory-history', ['GET'], 'memories/{id}/history', 'function'],
  ['memory', ['GET', 'PATCH', 'DELETE'], 'memories/{id}', 'function'],
  ['migration', ['GET'], 'migrations/{id}', 'function'],
  ['migrations', ['POST'], 'migrations', 'function'],
  ['profile', ['GET', 'PUT'], 'profiles/{id}', 'function'],
  ['search', ['POST'], 'search', 'function'],
  ['session-context', ['GET'], 'sessions/{session_id}/context', 'function'],
  ['session-statistics', ['GET'], 'sessions/{session_id}/statistics', 'function'],
  ['statistics', ['GET'], 'statistics', 'function'],
  ['sync', ['POST'], 'sync', 'function'],
  ['telegram-webhook', ['POST'], 'webhooks/telegram', 'anonymous'],
  ['twilio-webhook', ['POST'], 'webhooks/twilio', 'anonymous'],
  ['user-memories', ['GET'], 'users/{user_id}/memories', 'function'],
  ['users', ['GET'], 'users', 'function'],
  ['whatsapp-webhook', ['GET', 'POST'], 'webhooks/whatsapp', 'anonymous'],
];

/** Every timer, with its NCRONTAB schedule; a setting stands between percent signs. */
const timers: [name: string, schedule: string][] = [
  ['load-brain', '%LOAD_SCHEDULE%'],
  ['migrate', '%MIGRATION_SCHEDULE%'],
  ['reconcile', '%RECONCILE_SCHEDULE%'],
  ['retention', '%RETENTION_SCHEDULE%'],
  ['sync-memories', '%SYNC_SCHEDULE%'],
];

/** Every function with a queue trigger. */
const queues: [name: string, queueName: string][] = [
  ['sync-people-poison', '%SYNC_QUEUE_NAME%-poison'],
  ['sync-people', '%SYNC_QUEUE_NAME%'],
];

describe('registrations', () => {
  process.env.SYNC_QUEUE_NAME = 'sync';
  const registrations = loadFunctions(functions);
  delete process.env.SYNC_QUEUE_NAME;
  const ofType = (type: string) => registrations.filter(({ trigger }) => trigger.type === type);

  it('are these HTTP functions', () => {
    const found = ofType('httpTrigger').map(({ name, trigger }) => [
      name,
      trigger.methods,
      trigger.route,
      trigger.authLevel,
    ]);
    expect(found).toEqual(doors);
  });

  it('are these timers, which do not fire at the start of an instance', () => {
    const found = ofType('timerTrigger').map(({ name, trigger }) => [
      name,
      trigger.schedule,
      trigger.runOnStartup ?? false,
    ]);
    expect(found).toEqual(timers.map((timer) => [...timer, false]));
  });

  it('are these readers of the queue of sync, which the timers send to', () => {
    expect(ofType('queueTrigger').map(({ name, trigger }) => [name, trigger.queueName])).toEqual(queues);
    for (const { name, outputs } of registrations)
      expect(outputs.map(({ queueName }) => queueName)).toEqual(
        ['sync-memories', 'reconcile'].includes(name) ? ['%SYNC_QUEUE_NAME%'] : [],
      );
  });

  it('bind nothing to a queue that no setting names: the host would not load such a function', () => {
    jest.isolateModules(() => {
      const fresh = require('../../local/load-functions').loadFunctions(functions) as typeof registrations;
      expect(fresh.length).toBe(registrations.length - queues.length);
      expect(fresh.flatMap(({ outputs }) => outputs)).toEqual([]);
    });
  });

  it('are one a file, under its name', () => {
    const hooks = ['app-start.ts'];
    const files = functionFiles(functions).filter((file) => !hooks.includes(file));
    expect(registrations.map(({ name }) => `${name}.ts`)).toEqual(files);
  });
});

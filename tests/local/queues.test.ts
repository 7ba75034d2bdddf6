import { randomUUID } from 'node:crypto';
import type { InvocationContext } from '@azure/functions';
import type { Binding, Registration } from '../../local/functions-core';
import { invoke } from '../../local/invoke';
import { startQueues } from '../../local/queues';
import { createStorageQueues } from '../../local/storage-queues';
import { createLogger } from '../../shared/telemetry/logger';
import { startAzurite } from '../support/azurite';
import { until } from '../support/until';

const limits = { maxPollingIntervalMs: 20, visibilityTimeoutMs: 0, maxDequeueCount: 3 };

describe('queues', () => {
  let azurite: Awaited<ReturnType<typeof startAzurite>>;
  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite.stop());

  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    await Promise.all(stops.splice(0).map((stop) => stop()));
  });

  /** A queue of its own for each test, and a host that runs `callback` for its messages. */
  const start = (callback: Registration['callback'], storage: string | undefined = azurite.connection) => {
    const name = `test-${randomUUID()}`;
    const lines: string[] = [];
    const logger = createLogger('debug', (line) => lines.push(line));
    const setting = (asked: string) => ({ QUEUE: name })[asked];
    const binding = (type: string): Binding => ({ type, name: type, queueName: '%QUEUE%' });
    const reader: Registration = { name: 'reader', trigger: binding('queueTrigger'), outputs: [], callback };
    const queues = startQueues([reader], { storage, limits, logger, setting });
    stops.push(queues.stop);
    const send = (value: unknown) => queues.send(binding('queue'), value);
    const poisoned = async () => (await createStorageQueues(azurite.connection)(`${name}-poison`)).receive(9, 60_000);
    return { name, lines, queues, binding, send, poisoned };
  };

  it('give a function each message of a list: JSON as what it says, anything else as it is', async () => {
    const seen: unknown[] = [];
    const { send, queues, name } = start((message) => seen.push(message));
    expect(queues).toMatchObject({ running: [{ name: 'reader', queue: name }], refused: [] });
    await send([{ people: ['ánna'] }, 'not { json']);
    await until(() => seen.length === 2);
    expect(seen).toEqual(expect.arrayContaining([{ people: ['ánna'] }, 'not { json']));
  });

  it('take what another function sets for its output, once it has succeeded', async () => {
    const seen: unknown[] = [];
    const { queues, binding } = start((message) => seen.push(message));
    const writer = (fails: boolean): Registration => ({
      ...{ name: 'writer', trigger: binding('timerTrigger'), outputs: [binding('queue')] },
      callback: (_, context) => {
        (context as InvocationContext).extraOutputs.set('queue', [fails ? 'lost' : 'kept']);
        if (fails) throw new Error('It broke.');
      },
    });
    await expect(invoke(writer(true), 'a', {}, queues.send)).rejects.toThrow('It broke.');
    await invoke(writer(false), 'b', {}, queues.send);
    await until(() => seen.length > 0);
    expect(seen).toEqual(['kept']);
  });

  it('bring a message again that failed, until it succeeds', async () => {
    let attempts = 0;
    const { send, poisoned } = start(() => {
      if (++attempts < 3) throw new Error('It broke.');
    });
    await send('stubborn');
    await until(() => attempts === 3);
    expect(await poisoned()).toEqual([]);
  });

  it('put aside what failed too often, and log neither its words nor those of the error', async () => {
    let attempts = 0;
    const { send, poisoned, lines } = start((message) => {
      attempts++;
      throw new Error(`I cannot read ${message}`);
    });
    await send('somebody said');
    const found: { text: string }[] = [];
    await until(async () => found.push(...(await poisoned())) > 0);
    expect([attempts, found.map(({ text }) => text)]).toEqual([3, ['somebody said']]);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ event: 'queue function failed', function: 'reader' });
    expect(lines.join()).not.toContain('somebody said');
  });

  it('go on with what another process took and did not finish, and put it aside once that has killed too many', async () => {
    const seen: unknown[] = [];
    const { name, poisoned, queues } = start((message) => seen.push(message));
    await queues.stop();
    const queue = await createStorageQueues(azurite.connection)(name);
    await queue.send('deadly');
    const taken = await queue.receive(1, 1_000);
    expect(taken).toMatchObject([{ text: 'deadly', attempts: 1 }]);
    for (let attempt = 1; attempt <= limits.maxDequeueCount; attempt++) {
      const [message] = attempt === 1 ? taken : await queue.receive(1, 1_000);
      if (message) await queue.release(message, 0);
    }
    const setting = () => name;
    const trigger = { type: 'queueTrigger', name: 'message', queueName: '%QUEUE%' };
    const reader = { name: 'reader', trigger, outputs: [], callback: (message: unknown) => seen.push(message) };
    stops.push(
      startQueues([reader], { storage: azurite.connection, limits, logger: createLogger('silent'), setting }).stop,
    );
    const found: { text: string }[] = [];
    await until(async () => found.push(...(await poisoned())) > 0);
    expect([seen, found.map(({ text }) => text)]).toEqual([[], ['deadly']]);
  });

  it('are refused by name without storage, and nothing can be sent', async () => {
    const { queues, send } = start(() => undefined, '');
    expect(queues.running).toEqual([]);
    expect(queues.refused).toEqual([{ name: 'reader', message: expect.stringContaining('AzureWebJobsStorage') }]);
    await expect(send('anything')).rejects.toThrow('AzureWebJobsStorage');
  });

  it('that cannot be reached are tried again, and stop all the same', async () => {
    const nowhere = azurite.connection.replace(/:\d+\//, ':1/');
    const { lines, queues } = start(() => undefined, nowhere);
    await until(() => lines.length > 1);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'warn', event: 'queue not reached' });
    await queues.stop();
  });
});

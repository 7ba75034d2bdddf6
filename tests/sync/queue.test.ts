import { randomUUID } from 'node:crypto';
import { settingNames } from '../../shared/config/settings';
import { createContainer } from '../../shared/container';
import { startAzurite } from '../support/azurite';
import { startChild } from '../support/child';
import { createTestClock } from '../support/clock';
import { freshHome } from '../support/home';
import { createMem0Server, type Mem0Server } from '../support/mem0-server';
import { aDeadline } from '../support/service';
import { bindSyncQueue } from '../support/sync-queue';
import { until } from '../support/until';

const minute = 60_000;

// Messages come back after seconds, and of a busy machine more of them.
jest.setTimeout(90_000);

describe('sync through a queue', () => {
  // Of today: the process that is killed below has no other.
  const clock = createTestClock(new Date());
  const [home, queue] = [freshHome(), `sync-${randomUUID()}`];
  let azurite: Awaited<ReturnType<typeof startAzurite>>;
  let mem0: Mem0Server;
  let service: ReturnType<typeof start>;
  beforeAll(async () => {
    azurite = await startAzurite();
    mem0 = await createMem0Server({ now: clock.now });
    service = start();
  });
  afterAll(async () => {
    await service.container.close();
    await mem0.close();
    await azurite.stop();
  });

  const start = () => {
    const lines: string[] = [];
    const vendor = { MEM0_API_KEY: mem0.apiKey, MEM0_BASE_URL: mem0.url, MEM0_MAX_RETRIES: '0' };
    const env = { ...vendor, KEEPSAKE_HOME: home, SYNC_QUEUE_NAME: queue };
    const container = createContainer({ env, now: clock.now, writeLog: (line) => lines.push(line) });
    return { ...bindSyncQueue(container, { storage: azurite.connection, queue }), container, env, lines };
  };

  let stopWorker = async () => {};
  const startWorker = (callback?: (message: unknown) => unknown) => {
    stopWorker = service.startWorker(callback).stop;
  };
  afterEach(async () => {
    await stopWorker();
    mem0.fault = () => null;
    clock.turn(minute);
    service.lines.length = 0;
  });

  /** Something that Mem0 learnt from somebody else, of each of so many people whom nobody knew. */
  const learn = (count: number) => {
    const group = randomUUID().slice(0, 8);
    const people = Array.from({ length: count }, (_, i) => `person-${group}-${i}`);
    for (const userId of people) learnOf(userId, `I like tea. ${userId}`);
    return people;
  };
  const learnOf = (userId: string, content: string) =>
    mem0.store.keep({ user_id: userId, messages: [] }, [{ role: 'user', content }]);
  const found = async (userId: string) => {
    const { value, memory } = await service.container.memory().recall({ userId, query: 'tea', limit: 9 }, aDeadline());
    expect(memory.source).toBe('index');
    return value?.map((ranked) => ranked.memory.text);
  };
  const expectAll = async (people: string[]) => {
    for (const userId of people) expect(await found(userId)).toEqual([`I like tea. ${userId}`]);
  };
  const health = () => service.container.health();
  const issues = async () => (await health()).issues.filter((issue) => !/omplete sync|never complete/.test(issue));
  /** Whether the run of this moment has got to everybody. */
  const isComplete = async () => (await health()).sync?.lagSeconds === 0;
  const logged = (event: string) =>
    service.lines.map((line) => JSON.parse(line)).filter((line) => line.event === event);

  it('a worker that is killed in the middle of a batch loses nothing: its message comes again, and nobody is synced twice', async () => {
    const people = learn(16);
    await service.tick();
    await service.container.close();
    // It is killed while it waits for Mem0, with some people done and others untouched.
    let lists = 0;
    let isStuck: () => void = () => undefined;
    const stuck = new Promise<void>((resolve) => {
      isStuck = resolve;
    });
    mem0.fault = ({ path }) => {
      if (path !== '/v3/memories/' || ++lists < 9) return null;
      isStuck();
      return { kind: 'silent' };
    };
    const unset = Object.fromEntries(settingNames.map((name) => [name, '']));
    const env = { ...unset, ...service.env, AzureWebJobsStorage: azurite.connection, SYNC_SCHEDULE: '0 0 0 1 1 *' };
    const worker = startChild('tests/support/sync-worker.ts', ['{"hiddenMs":1000}'], { ...env, PORT: '0' });
    await stuck;
    await worker.kill();
    mem0.fault = () => null;

    service = start();
    startWorker();
    // Whom the dead one had claimed are left alone until its claims run out, and are then sent by the timer.
    await until(() => logged('sync batch').some(({ reason }) => reason === 'under_way_elsewhere'));
    clock.turn(2 * minute);
    await service.tick();
    await until(isComplete);
    await expectAll(people);
    const synced = logged('person synced').length;
    expect(synced).toBeGreaterThan(0);
    expect(synced).toBeLessThanOrEqual(people.length - 4);
  }, 60_000);

  it('the timer sends ids, each once, and workers do the rest', async () => {
    const people = learn(6);
    await service.tick();
    const texts = await service.takeAll();
    expect(texts.length).toBe(3);
    expect(texts.flatMap((text) => JSON.parse(text).people).sort()).toEqual([...people].sort());
    expect(texts.join()).not.toContain('tea');
    expect(await found(people[0] ?? '')).toEqual([]);
    expect(await isComplete()).toBe(false);

    // They are on their way: the next tick has nothing to send.
    clock.turn(minute);
    await service.tick();
    expect(await service.takeAll()).toEqual([]);

    await service.send(texts.map((text) => JSON.parse(text)));
    startWorker();
    await until(isComplete);
    await expectAll(people);
    expect(service.lines.join()).not.toMatch(/person-|tea/);
    expect(await issues()).toEqual([]);
  });

  it('who changes later is sent again, and a batch that comes twice does nothing twice', async () => {
    const [ana = ''] = learn(1);
    await service.tick();
    const [text = ''] = await service.takeAll();
    startWorker();
    await service.send([JSON.parse(text), JSON.parse(text)]);
    await until(isComplete);
    clock.turn(minute);
    learnOf(ana, 'I like rain.');
    await service.tick();
    await until(isComplete);
    expect((await found(ana))?.sort()).toEqual(['I like rain.', `I like tea. ${ana}`]);
    expect(logged('person synced').map(({ synced }) => synced)).toEqual([1, 1]);
  });

  it('whose message is lost is found again: nothing counts as synced before it is', async () => {
    const people = learn(3);
    await service.tickInVain();
    startWorker();
    clock.turn(4 * minute);
    await service.tick();
    expect(logged('sync cycle').map((cycle) => cycle.people)).toEqual([3, 0]);
    expect(await isComplete()).toBe(false);
    clock.turn(minute);
    await service.tick();
    await until(isComplete);
    await expectAll(people);
  });

  it('a vendor that fails fails its people, not their batch, and the next tick sends them again', async () => {
    const people = learn(2);
    startWorker();
    mem0.fault = ({ path, body }) =>
      path === '/v3/memories/' && JSON.stringify(body).includes(people[1] ?? '')
        ? { kind: 'status', status: 500 }
        : null;
    await service.tick();
    await until(isComplete);
    await expectAll(people.slice(0, 1));
    mem0.fault = () => null;
    clock.turn(minute);
    await service.tick();
    await until(isComplete);
    await expectAll(people);
  });

  it('the nightly run goes the same way, and tells what had drifted apart', async () => {
    const people = learn(3);
    startWorker();
    await service.tick();
    await until(isComplete);
    // Deleted without a trace.
    const row = mem0.store.rows.findIndex(({ user_id }) => user_id === people[0]);
    mem0.store.rows.splice(row, 1);
    clock.turn(minute);
    await service.reconcile();
    await until(isComplete);
    expect((await health()).sync?.drift).toMatchObject({ missing: 0, changed: 0, orphaned: 1 });
    expect(await found(people[0] ?? '')).toEqual([]);
    await expectAll(people.slice(1));
  });

  it('a batch that fails for good is taken apart; who fails alone is given up, and health says so until they are synced', async () => {
    const people = learn(4);
    const [bad = '', ...good] = people;
    startWorker((message) => {
      if (JSON.stringify(message).includes(`"${bad}"`)) throw new Error('It broke.');
      return service.container.syncBatch(message);
    });
    await service.tick();
    await until(() => logged('sync batch failed for good').length === 1);
    expect(await issues()).toEqual([]);
    clock.turn(minute);
    await service.tick();
    await until(async () => (await issues()).length > 0);
    expect(await issues()).toEqual([expect.stringMatching(/^1 batches of sync failed for good, .*user_id/)]);
    await expectAll(good);

    clock.turn(minute);
    await service.tick();
    expect(logged('sync cycle').at(-1)?.people).toBe(0);
    expect(await service.container.sync({ userId: bad })).toMatchObject({ outcome: 'complete', written: 1 });
    expect(await issues()).toEqual([]);
  });

  it('a message that cannot be read is dropped at once, and health counts it', async () => {
    startWorker();
    await service.send(['somebody said something', { version: 2, run: 1, people: ['ana'] }]);
    await until(() => logged('sync batch dropped').length === 2);
    expect(logged('sync batch dropped')[0]).toMatchObject({ level: 'error', code: 'message_unreadable' });
    expect(await issues()).toEqual([expect.stringMatching(/^2 messages of the sync queue could not be read/)]);
    expect(service.lines.join()).not.toMatch(/somebody|ana/);
  });
});

import { createDatabase } from '../../shared/database/client';
import { createMem0Provider } from '../../shared/memory/mem0';
import { createZepProvider } from '../../shared/memory/zep';
import { loadSettings } from '../../shared/config/settings';
import { createLogger } from '../../shared/telemetry/logger';
import { startChild } from '../support/child';
import { createRandom } from '../support/faults';
import { freshHome } from '../support/home';
import { createMem0Server } from '../support/mem0-server';
import { allOf, contentOf, createStore, createTestMigrator, now } from '../support/migration';
import { compareStores, seedMem0 } from '../support/migration-world';
import { until } from '../support/until';
import { createZepServer } from '../support/zep-server';

const world = { people: 5, messages: 25, memories: 6 };
const items = world.people * (world.messages + world.memories);

/** From vendor to vendor by a process that is killed without warning, and a vendor that answers late, or with a failure. */
describe('a migration that is killed in the middle of its work', () => {
  const home = freshHome();
  const store = createStore();
  let mem0: Awaited<ReturnType<typeof createMem0Server>>;
  let zep: Awaited<ReturnType<typeof createZepServer>>;
  let id: string;
  beforeAll(async () => {
    [mem0, zep] = [await createMem0Server(), await createZepServer()];
    seedMem0(mem0, world);
    const random = createRandom(3);
    zep.fault = () =>
      random() < 0.1 ? { kind: 'status', status: 503, applied: random() < 0.5 } : { kind: 'slow', ms: 15 };
    const vendors = {
      MEM0_API_KEY: mem0.apiKey,
      MEM0_BASE_URL: mem0.url,
      ZEP_API_KEY: zep.apiKey,
      ZEP_BASE_URL: zep.url,
    };
    const env = { ...vendors, KEEPSAKE_HOME: home, DATABASE_URL: '', LOG_LEVEL: 'warn' };
    // The vendor answers within 15 ms: what it was sent before a kill is there after these.
    const step = (what: object) => [JSON.stringify(what), JSON.stringify({ lateMs: 50 })];
    const begin = (what: object) => startChild('tests/support/migration-child.ts', step(what), env);
    let child = begin({ do: 'run', request: { from: 'mem0', to: 'zep', concurrency: 2 } });
    id = (await child.line(/^begun /)).slice('begun '.length);
    for (const share of [0.2, 0.6]) {
      await until(() => zep.store.all().length >= share * items);
      await child.kill();
      // Or it was not in the middle.
      expect(zep.store.all().length).toBeLessThan(items);
      child = begin({ do: 'resume', id });
    }
    await child.line(/^ended /);
    await child.kill();
    zep.fault = () => null;
  }, 120_000);
  afterAll(() => Promise.all([mem0.close(), zep.close(), store.close()]));

  it('has brought everything once, in its order, with its times, and says so', async () => {
    expect(compareStores(mem0, zep)).toEqual({ items, lost: 0, twice: 0, strange: 0, changedTimes: 0, outOfOrder: 0 });
  });

  it('stands the comparison, reports what is so, and brings it all back to where it may come from', async () => {
    const database = createDatabase({ home, url: undefined });
    const { settings } = loadSettings({
      ...{ MEM0_API_KEY: mem0.apiKey, MEM0_BASE_URL: mem0.url, ZEP_API_KEY: zep.apiKey, ZEP_BASE_URL: zep.url },
    });
    const logger = createLogger('silent');
    const statistics = { observe: () => undefined, count: () => undefined };
    const parts = { settings, logger, statistics, now, database };
    const vendors = { mem0: createMem0Provider(parts), zep: createZepProvider(parts) };
    const { migrator } = createTestMigrator(database, { ...vendors, local: store.provider });
    const validation = await migrator.validate(id);
    expect(validation).toMatchObject({ passed: true, people: world.people, items });
    const { json } = await migrator.report(id, validation);
    expect(json).toMatchObject({
      ...{ state: 'done', people: { begun: world.people, done: world.people } },
      items: { planned: items, done: items, open: 0, set_aside: 0 },
      unmapped: { 'type:mood': world.people },
      validation: { passed: true },
    });

    const back = await migrator.run({ from: 'zep', to: 'local' });
    expect(back).toMatchObject({ state: 'done', counts: { done: items } });
    const comparable = (memory: ReturnType<typeof contentOf>) =>
      memory.type === 'EMOTIONAL_STATE' ? { ...memory, type: 'insights' } : memory;
    for (let p = 0; p < world.people; p++) {
      const before = (await allOf(vendors.mem0, `person-${p}`)).map(contentOf);
      const after = (await allOf(store.provider, `person-${p}`)).map(contentOf).map(comparable);
      const byTime = (a: { createdAt: Date }, b: { createdAt: Date }) => a.createdAt.getTime() - b.createdAt.getTime();
      expect(after.sort(byTime)).toEqual(before.sort(byTime));
    }
    await database.close();
  });
});

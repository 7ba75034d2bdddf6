import { and, eq } from 'drizzle-orm';
import * as fc from 'fast-check';
import { loadSettings } from '../../shared/config/settings';
import { shippedPath } from '../../shared/config/shipped-files';
import { type Container, createContainer } from '../../shared/container';
import { createDatabase } from '../../shared/database/client';
import { asTenant } from '../../shared/database/row-security';
import { indexPoints, outbox } from '../../shared/database/schema';
import { userBrain } from '../../shared/database/schema-brain';
import { createMiniLm } from '../../shared/embedding/minilm';
import { createTerms } from '../../shared/embedding/terms';
import { createLocalProvider } from '../../shared/memory/local';
import { createMem0Provider } from '../../shared/memory/mem0';
import type { Memory } from '../../shared/memory/memory';
import { type MemoryProvider, ProviderError } from '../../shared/memory/provider';
import { createLogger } from '../../shared/telemetry/logger';
import { createTestClock } from '../support/clock';
import { createMortal, type Mortal, mortally, stepping } from '../support/crashing';
import type { Fault as HttpFault } from '../support/faults';
import { freshHome } from '../support/home';
import { createMem0Server } from '../support/mem0-server';
import { aDeadline } from '../support/service';

/** What goes wrong with a call of the provider; `applied`: it took effect all the same. */
type Fault = 'fine' | 'rate limited' | 'fails' | 'fails, applied' | 'breaks' | 'breaks, applied';

/** What happens to one person's facts. `dies`: the process is gone after so many steps. */
type Happening =
  | { do: 'save'; values: Record<string, string>; dies: number | null }
  | { do: 'delete'; slug: string; dies: number | null }
  | { do: 'trouble'; faults: Fault[] }
  | { do: 'change there'; slug: string; value: string; isTold: boolean }
  | { do: 'delete there'; slug: string; isTold: boolean }
  | { do: 'tick' | 'reconcile'; dies: number | null }
  | { do: 'wait' };

const slugs = ['user_role', 'user_email', 'user_phone'];
const slug = fc.constantFrom(...slugs);
const value = fc.constantFrom('one', 'two', 'three');
const dies = fc.option(fc.integer({ min: 0, max: 30 }), { freq: 3 });
const fault = fc.constantFrom<Fault>(
  ...(['fine', 'rate limited', 'fails', 'fails, applied', 'breaks', 'breaks, applied'] as const),
);

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('save' as const),
      values: fc.dictionary(slug, value, { minKeys: 1, noNullPrototype: true }),
      dies,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), slug, dies }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('trouble' as const),
      faults: fc.array(fault, { minLength: 1, maxLength: 8 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('change there' as const), slug, value, isTold: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete there' as const), slug, isTold: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('tick' as const, 'reconcile' as const), dies }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
);

const clock = createTestClock();
const database = createDatabase({ home: freshHome(), url: undefined });
/** The model takes longer to load than all the rest: processes share it. */
const embedder = createMiniLm({ modelsPath: shippedPath('models'), terms: createTerms('auto') });
/** What goes wrong with the next calls, in their order. */
let faults: Fault[] = [];

/** A vendor, what Keepsake has of it, and what somebody else has who uses it, too. */
interface Vendor {
  /** For a new process. */
  connect(): MemoryProvider;
  other: MemoryProvider;
}

const soon = () => AbortSignal.timeout(10_000);

/** The local provider; its calls fail as a database does that goes away. */
function createLocal(): Vendor {
  const other = createLocalProvider(database, clock.now);
  const failing = async (call: () => Promise<unknown>) => {
    const next = faults.shift() ?? 'fine';
    if (next === 'fine') return call();
    const outcomeUnknown = next.startsWith('breaks') || next.endsWith('applied');
    if (next.endsWith('applied')) await call();
    const code = next === 'rate limited' ? 'rate_limited' : 'unavailable';
    throw new ProviderError('local', code, { retryable: true, outcomeUnknown });
  };
  const connect = () =>
    Object.fromEntries(
      Object.entries(other).map(([name, call]) =>
        typeof call === 'function' ? [name, (...args: unknown[]) => failing(() => call(...args))] : [name, call],
      ),
    ) as unknown as MemoryProvider;
  return { connect, other };
}

const httpFaults: Record<Fault, HttpFault | null> = {
  fine: null,
  'rate limited': { kind: 'status', status: 429, retryAfterSeconds: 1 },
  fails: { kind: 'status', status: 500 },
  'fails, applied': { kind: 'status', status: 500, applied: true },
  breaks: { kind: 'reset' },
  'breaks, applied': { kind: 'reset', applied: true },
};

/** Mem0 on loopback. */
async function createMem0(): Promise<Vendor & { close(): Promise<void> }> {
  const server = await createMem0Server({ now: clock.now });
  const { settings } = loadSettings({ MEM0_API_KEY: server.apiKey, MEM0_BASE_URL: server.url, MEM0_MAX_RETRIES: '0' });
  const logger = createLogger('silent');
  const statistics = { observe: () => undefined, count: () => undefined };
  const connect = () => createMem0Provider({ settings, statistics, logger, now: clock.now, pollMs: 1 });
  let others = 0;
  server.fault = () => (others > 0 ? null : httpFaults[faults.shift() ?? 'fine']);
  const spared = async (call: () => Promise<unknown>) => {
    others++;
    return call().finally(() => others--);
  };
  const other = Object.fromEntries(
    Object.entries(connect()).map(([name, call]) =>
      typeof call === 'function' ? [name, (...args: unknown[]) => spared(() => call(...args))] : [name, call],
    ),
  ) as unknown as MemoryProvider;
  return { connect, other, close: server.close };
}

/** One person, and what is left of them to know: for each slug what its value may be in the end, null for none. */
class World {
  private container: Container;
  private mortal: Mortal;
  readonly expected = new Map<string, Set<string | null>>(slugs.map((name) => [name, new Set([null])]));
  /** Slugs that the provider says something else of, or nothing, and nobody has told us. */
  private readonly drifted = new Set<string>();

  constructor(
    private readonly vendor: Vendor,
    readonly userId: string,
  ) {
    [this.container, this.mortal] = this.start();
  }

  private start(): [Container, Mortal] {
    const mortal = createMortal();
    const container = createContainer({
      env: { LOG_LEVEL: 'silent' },
      now: clock.now,
      database: mortally(database, mortal),
      embedder,
      provider: stepping(this.vendor.connect(), mortal),
    });
    return [container, mortal];
  }

  restart(): void {
    [this.container, this.mortal] = this.start();
  }

  /** What comes of something, or null where the process died of it. */
  private async live<T>(work: (container: Container) => Promise<T>, diesAfter: number | null): Promise<T | null> {
    this.mortal.diesAfter = diesAfter;
    const { death } = this.mortal;
    const outcome = await Promise.race([work(this.container), death.then(() => null)]);
    this.mortal.diesAfter = null;
    if (outcome === null) this.restart();
    return outcome;
  }

  async rows() {
    const mine = eq(userBrain.ownerId, this.userId);
    return asTenant(await database.open(), { userId: this.userId }, (tx) => tx.select().from(userBrain).where(mine));
  }

  async memories(): Promise<Memory[]> {
    return (await this.vendor.other.list(this.userId, { limit: 100, cursor: null, includeHidden: true }, soon())).items;
  }

  private isNow(name: string, values: (string | null)[], isSure: boolean) {
    this.expected.set(name, new Set([...values, ...(isSure ? [] : (this.expected.get(name) ?? []))]));
  }

  async happen(happening: Happening): Promise<void> {
    switch (happening.do) {
      case 'save': {
        const facts = Object.entries(happening.values).map(([name, content]) => ({
          slug: name,
          category: 'c',
          content,
        }));
        const before = new Map((await this.rows()).map((row) => [row.slug, row.content]));
        const saved = await this.live(
          (container) => container.brain().saveUserMemories(this.userId, facts, aDeadline()),
          happening.dies,
        );
        // What was saved as it was known to be is no write: then what drifted stays, until it is found.
        for (const { slug: name, content } of facts) {
          const isSure = saved !== null && !(this.drifted.has(name) && before.get(name) === content);
          this.isNow(name, [content], isSure);
          if (isSure) this.drifted.delete(name);
        }
        return;
      }
      case 'delete': {
        const owner = { kind: 'users' as const, id: this.userId };
        const deleted = await this.live(
          (container) => container.brain().delete(owner, happening.slug, aDeadline()),
          happening.dies,
        );
        if (deleted !== null) this.drifted.delete(happening.slug);
        return this.isNow(happening.slug, [null], deleted !== null);
      }
      case 'trouble':
        faults = [...happening.faults];
        return;
      case 'change there':
      case 'delete there':
        return this.elsewhere(happening);
      case 'wait':
        clock.turn(700_000);
        return;
      default: {
        const isFull = happening.do === 'reconcile';
        await this.live((container) => container.sync({ userId: this.userId, isFull }), happening.dies);
      }
    }
  }

  /** Somebody else changes a memory at the provider; a webhook may tell of it. */
  private async elsewhere(happening: Extract<Happening, { do: 'change there' | 'delete there' }>): Promise<void> {
    const name = happening.slug;
    await this.container.idle();
    const memory = (await this.memories()).find(({ metadata }) => metadata.slug === name);
    if (!memory) return;
    const row = (await this.rows()).find((each) => each.memoryId === memory.id);
    if (happening.do === 'change there') await this.vendor.other.update(memory.id, { text: happening.value }, soon());
    else await this.vendor.other.delete(memory.id, soon());
    const told = happening.isTold
      ? await this.live(async (container) => (await container.applyHint(memory.id, soon())) ?? 'failed', null)
      : 'failed';
    // A value of ours on its way is newer.
    if (row?.state === 'pending') return;
    // A deletion that nobody told of was a loss.
    const becomes = happening.do === 'change there' ? [happening.value] : told !== 'failed' ? [null] : [];
    this.isNow(name, becomes, row?.state === 'synced' && told !== 'failed' && !this.drifted.has(name));
    if (told === 'failed') this.drifted.add(name);
  }

  /** The trouble is over, and time goes by. */
  async heal(): Promise<void> {
    faults = [];
    this.restart();
    for (let i = 0; i < 3; i++) {
      clock.turn(700_000);
      await this.container.sync({ userId: this.userId, isFull: true });
    }
    await this.container.idle();
  }

  async check(): Promise<void> {
    const db = await database.open();
    const waiting = await db.select().from(outbox).where(eq(outbox.userId, this.userId));
    expect(waiting.map(({ write, state, lastError }) => ({ kind: write.kind, state, lastError }))).toEqual([]);
    const rows = await this.rows();
    expect(rows.filter(({ state }) => state !== 'synced')).toEqual([]);
    const there = (await this.memories()).map(({ id, text, metadata }) => [metadata.slug, text, id]);
    expect(rows.map(({ slug: name, content, memoryId }) => [name, content, memoryId]).sort()).toEqual(there.sort());
    const mine = and(eq(indexPoints.userId, this.userId), eq(indexPoints.deleted, false));
    const points = await db.select({ id: indexPoints.id, text: indexPoints.text }).from(indexPoints).where(mine);
    expect(points.map(({ id, text }) => [text, id]).sort()).toEqual(there.map(([, text, id]) => [text, id]).sort());
    for (const [name, values] of this.expected) {
      const found = rows.find((row) => row.slug === name)?.content ?? null;
      if (!values.has(found)) throw new Error(`${name} is ${found}, not ${[...values].join(' or ')}`);
    }
  }
}

/** Runs of each; BRAIN_RUNS asks for more, BRAIN_SEED for others. */
const numRuns = Number(process.env.BRAIN_RUNS ?? 6);
const seed = Number(process.env.BRAIN_SEED ?? 20_261_122);

describe('facts and the memories of them', () => {
  let people = 0;
  let close = (): Promise<void> => Promise.resolve();
  afterAll(async () => {
    await close();
    await database.close();
  });

  const holds = async (vendor: Vendor) => {
    const property = fc.asyncProperty(fc.array(happening, { minLength: 2, maxLength: 14 }), async (happenings) => {
      faults = [];
      const world = new World(vendor, `person-${people++}`);
      for (const each of happenings) await world.happen(each);
      await world.heal();
      await world.check();
    });
    await fc.assert(property, { numRuns, seed, interruptAfterTimeLimit: 600_000 });
  };

  it('are one to one in the end, each with its last value, whatever happens: over the local provider', async () => {
    await holds(createLocal());
  }, 700_000);

  it('are one to one in the end, each with its last value, whatever happens: over Mem0', async () => {
    const vendor = await createMem0();
    close = vendor.close;
    await holds(vendor);
  }, 700_000);
});

import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { loadSettings } from '../../shared/config/settings';
import { pagesOf } from '../../shared/memory/cursor';
import type { Memory } from '../../shared/memory/memory';
import { type NewMemory, ProviderError } from '../../shared/memory/provider';
import { createZepProvider, type ZepProvider } from '../../shared/memory/zep';
import { createKeptWords } from '../../shared/retention/kept-words';
import { createTestClock } from '../support/clock';
import type { Fault, LoopbackRequest } from '../support/faults';
import { aNewMemory } from '../support/memories';
import { createTestZep } from '../support/zep-provider';
import { describeProvider } from './provider-contract';

const signal = new AbortController().signal;
const clock = createTestClock();
const { now } = clock;
const aTurn = (changes: Parameters<typeof aNewMemory>[0] = {}) => aNewMemory({ type: 'conversation', ...changes });
const over = () => ({ sentAt: now(), arrivesUntil: now(), eventId: null });
const underWay = () => ({ ...over(), arrivesUntil: new Date(now().getTime() + 60_000) });

describe('the Zep provider', () => {
  let zep: Awaited<ReturnType<typeof createTestZep>>;
  let provider: ZepProvider;
  beforeAll(async () => {
    zep = await createTestZep(now);
    provider = zep.provider;
  });
  afterAll(() => zep.close());
  beforeEach(() => {
    zep.server.fault = () => null;
    zep.server.store.settleMs = 0;
    zep.server.requests.length = 0;
  });

  describeProvider(() => provider, now);

  const add = async (memory: NewMemory, by = provider): Promise<Memory> => {
    const receipt = await by.add(memory, signal);
    const [made] = receipt.status === 'stored' ? receipt.memories : [];
    if (!made) throw new Error('Nothing was stored.');
    return made;
  };
  const all = async (userId: string, by = provider) => {
    const found: Memory[] = [];
    const list = (cursor: string | null) => by.list(userId, { limit: 20, cursor, includeHidden: true }, signal);
    for await (const page of pagesOf(list)) found.push(...page);
    return found;
  };
  const atZep = (userId: string) => zep.server.store.all().filter((held) => held.userId === userId);
  /** Meets the first request that `isMeant` with a fault. */
  const failOnce = (isMeant: (request: LoopbackRequest) => boolean, fault: Fault) => {
    let isLeft = true;
    zep.server.fault = (request) => {
      if (!isLeft || !isMeant(request)) return null;
      isLeft = false;
      return fault;
    };
  };
  const isAdd = ({ method, path }: LoopbackRequest) => method === 'POST' && /^\/graph$|\/messages$/.test(path);
  const failureOf = (call: Promise<unknown>): Promise<ProviderError> =>
    call.then(
      () => Promise.reject(new Error('It went well.')),
      (error) => (error instanceof ProviderError ? error : Promise.reject(error)),
    );

  describe('a text', () => {
    const unit = fc.constantFrom('a', ' ', '\n', 'ñ', '😀', '👩‍🚀', '日', '"', '\\', '{}');
    const lengths = [1, 4_095, 4_096, 4_097, 9_999, 10_000, 10_001, 20_001];

    it('comes back as it was, whatever its length and wherever it is cut', async () => {
      const userId = randomUUID();
      const awkward = fc.record({
        length: fc.constantFrom(...lengths),
        units: fc.array(unit, { minLength: 1, maxLength: 5 }),
        type: fc.constantFrom('conversation', 'fact'),
      });
      await fc.assert(
        fc.asyncProperty(awkward, async ({ length, units, type }) => {
          const text = units.join('').repeat(length).slice(0, length).toWellFormed().replaceAll('\ufffd', 'x');
          const made = await add(aNewMemory({ userId, text, type }));
          expect(made.text === text).toBe(true);
          expect((await provider.get(made.id, signal))?.text === text).toBe(true);
        }),
        { numRuns: 12, seed: 7 },
      );
      const listed = await all(userId);
      expect(listed).toHaveLength(12);
      for (const { episode } of atZep(userId)) {
        expect(episode.content.length).toBeLessThanOrEqual(episode.thread_id ? 4_096 : 10_000);
        expect(episode.content.isWellFormed()).toBe(true);
      }
    });

    it('loses what no database keeps: NUL, and halves of characters', async () => {
      const made = await add(aNewMemory({ userId: randomUUID(), text: 'a\0b\ud83d' }));
      expect(made.text).toBe('ab\ufffd');
      expect((await provider.get(made.id, signal))?.text).toBe('ab\ufffd');
      const nothing = await provider.add(aNewMemory({ userId: randomUUID(), text: '\0' }), signal);
      expect(nothing).toEqual({ status: 'stored', memories: [] });
    });

    it('takes its metadata along, those too long for Zep in our own database', async () => {
      const metadata = { long: 'x'.repeat(5_000), nested: [{ deep: null }] };
      const made = await add(aTurn({ userId: randomUUID(), metadata }));
      expect((await provider.get(made.id, signal))?.metadata).toEqual(metadata);
      const [held] = atZep(made.userId);
      expect(JSON.stringify(held?.episode.metadata).length).toBeLessThan(1_000);
      expect((await provider.update(made.id, { metadata: { a: 1 } }, signal))?.metadata).toEqual({ a: 1 });
      expect((await provider.get(made.id, signal))?.metadata).toEqual({ a: 1 });
    });
  });

  describe('a conversation', () => {
    it('goes to a thread of its person, 30 messages a call, in its order, with the times at which it was said', async () => {
      const userId = randomUUID();
      const at = (i: number) => new Date(Date.UTC(2026, 0, 1, 0, i));
      const turns = Array.from({ length: 35 }, (_, i) => {
        const role = i % 2 ? ('assistant' as const) : ('user' as const);
        return aTurn({ userId, utterances: [{ role, name: null, content: `Turn ${i}.`, at: null }], at: at(i) });
      });
      const receipts = await provider.addAll(turns, signal);
      expect(receipts.map((receipt) => receipt.status === 'stored' && receipt.memories[0]?.text)).toEqual(
        turns.map((_, i) => `Turn ${i}.`),
      );
      const sizes = zep.server.requests.filter(isAdd).map(({ body }) => body.messages.length);
      expect(sizes).toEqual([30, 5]);
      const [thread] = [...zep.server.store.threads.values()].filter((known) => known.userId === userId);
      expect(thread?.messages.map(({ content, role, created_at }) => [content, role, created_at])).toEqual(
        turns.map(({ utterances: [said], at: saidAt }) => [said?.content, said?.role, saidAt.toISOString()]),
      );
      const others = await add(aTurn({ userId: randomUUID() }));
      expect(others.sessionId).toBe('session-1');
      expect(thread?.messages).toHaveLength(35);
    });

    it('is read from its thread while Zep has not worked on it', async () => {
      const userId = randomUUID();
      zep.server.store.settleMs = 60_000;
      const made = await add(aTurn({ userId, text: 'Just said.' }));
      expect(await provider.get(made.id, signal)).toEqual(made);
      expect(await all(userId)).toEqual([made]);
      const changed = await provider.update(made.id, { supersededBy: randomUUID() }, signal);
      expect(await provider.get(made.id, signal)).toEqual(changed);
    });

    it('is gone with its thread once its last message is deleted', async () => {
      const userId = randomUUID();
      const [first, second] = [await add(aTurn({ userId })), await add(aTurn({ userId }))];
      const threads = () => [...zep.server.store.threads.values()].filter((known) => known.userId === userId);
      expect(await provider.delete(first.id, signal)).toBe(true);
      expect(threads()).toHaveLength(1);
      expect(await provider.delete(second.id, signal)).toBe(true);
      expect([threads(), atZep(userId)]).toEqual([[], []]);
      expect(await provider.delete(second.id, signal)).toBe(false);
      await add(aTurn({ userId }));
      expect(threads()).toHaveLength(1);
    });
  });

  describe('a write whose answer is lost', () => {
    it.each([aTurn, aNewMemory])('is found, and stored once however often it is sent (%#)', async (aWrite) => {
      const write = aWrite({ userId: randomUUID(), text: 'x'.repeat(10_001) });
      failOnce(isAdd, { kind: 'reset', applied: true });
      const error = await failureOf(provider.add(write, signal));
      expect(error.options).toMatchObject({ retryable: true, outcomeUnknown: true });
      // A part of it may still be on its way.
      const found = await provider.find(write.userId, write.operationId, underWay(), signal);
      const isWhole = atZep(write.userId).length === 3;
      expect(found?.status).toBe(isWhole ? 'stored' : 'pending');
      if (!isWhole) expect(await provider.find(write.userId, write.operationId, over(), signal)).toBeNull();
      for (let i = 0; i < 2; i++) expect((await add(write)).text).toHaveLength(10_001);
      expect(atZep(write.userId)).toHaveLength(aWrite === aTurn ? 3 : 2);
      const stored = await provider.find(write.userId, write.operationId, over(), signal);
      expect(stored).toMatchObject({ status: 'stored', memories: [{ id: write.operationId }] });
    });

    it('and that never arrived is waited for, and then known not to be there', async () => {
      const write = aTurn({ userId: randomUUID() });
      failOnce(isAdd, { kind: 'reset' });
      await failureOf(provider.add(write, signal));
      const find = (attempt: ReturnType<typeof over>) =>
        provider.find(write.userId, write.operationId, attempt, signal);
      expect(await find(underWay())).toEqual({ status: 'pending', eventId: null });
      expect(await find(over())).toBeNull();
      expect(await provider.get(write.operationId, signal)).toBeNull();
      expect(await add(write)).toMatchObject({ id: write.operationId });
      expect(await provider.history(write.operationId, signal)).toHaveLength(1);
    });

    it('keeps what of several had been stored before it', async () => {
      const userId = randomUUID();
      const writes = Array.from({ length: 3 }, (_, i) => aNewMemory({ userId, text: `Fact ${i}.` }));
      let adds = 0;
      zep.server.fault = (request) => (isAdd(request) && ++adds === 2 ? { kind: 'status', status: 503 } : null);
      const { options } = await failureOf(provider.addAll(writes, signal));
      expect(options.receipts).toMatchObject([{ status: 'stored', memories: [{ text: 'Fact 0.' }] }]);
      expect((await all(userId)).map(({ text }) => text)).toEqual(['Fact 0.']);
      zep.server.requests.length = 0;
      await provider.addAll(writes, signal);
      // What was never sent is not looked for.
      const looked = zep.server.requests.flatMap(({ body }) => body?.episode_metadata_filters?.filters ?? []);
      expect(looked.map((filter) => filter.property_value)).toEqual([writes[1]?.operationId]);
      expect(atZep(userId).map(({ episode }) => episode.content)).toEqual(['Fact 0.', 'Fact 1.', 'Fact 2.']);
    });
  });

  describe('writes of several people', () => {
    it('go to their own graphs and threads each, in the order in which they came', async () => {
      const people = [randomUUID(), randomUUID()];
      const writes = [0, 1, 0, 1].map((who, i) => {
        const aWrite = i < 2 ? aTurn : aNewMemory;
        return aWrite({ userId: people[who] ?? '', text: `Said by ${who}.` });
      });
      let adds = 0;
      zep.server.fault = (request) => (isAdd(request) && ++adds === 4 ? { kind: 'status', status: 503 } : null);
      const { options } = await failureOf(provider.addAll(writes, signal));
      expect(options.receipts).toHaveLength(3);
      const receipts = await provider.addAll(writes, signal);
      expect(receipts.map((receipt) => receipt.status === 'stored' && receipt.memories[0]?.userId)).toEqual(
        writes.map(({ userId }) => userId),
      );
      for (const [i, userId] of people.entries())
        expect(atZep(userId).map(({ episode }) => episode.content)).toEqual([`Said by ${i}.`, `Said by ${i}.`]);
    });
  });

  describe('a change of the text', () => {
    it.each([aTurn, aNewMemory])(
      'takes the place of the old one, at its time and under its id (%#)',
      async (aWrite) => {
        const made = await add(aWrite({ userId: randomUUID(), text: 'x'.repeat(10_001) }));
        const changed = await provider.update(made.id, { text: 'Short.' }, signal);
        expect(changed).toEqual({ ...made, text: 'Short.', updatedAt: now() });
        expect(await all(made.userId)).toEqual([changed]);
        expect(atZep(made.userId).map(({ episode }) => [episode.content, episode.created_at])).toEqual([
          ['Short.', made.createdAt.toISOString()],
        ]);
        expect(await provider.search(made.userId, 'short', 5, signal)).toEqual([changed]);
      },
    );

    it('is made once, also where its answer is lost', async () => {
      const made = await add(aNewMemory({ userId: randomUUID() }));
      failOnce(isAdd, { kind: 'reset', applied: true });
      await failureOf(provider.update(made.id, { text: 'Changed.' }, signal));
      const changed = await provider.update(made.id, { text: 'Changed.' }, signal);
      expect(changed?.text).toBe('Changed.');
      expect(await all(made.userId)).toEqual([changed]);
      expect(await provider.delete(made.id, signal)).toBe(true);
      expect(await all(made.userId)).toEqual([]);
    });
  });

  describe('what our own database does not know', () => {
    it('is found again at Zep, under the same ids, when the map is lost', async () => {
      const userId = randomUUID();
      const made = [await add(aTurn({ userId, text: 'y'.repeat(9_000) })), await add(aNewMemory({ userId }))];
      await zep.database.open().then((db) => db.execute('delete from zep_ids'));
      const found = await all(userId);
      expect(new Map(found.map((memory) => [memory.id, memory]))).toEqual(
        new Map(made.map((memory) => [memory.id, memory])),
      );
      expect(await provider.delete(made[0]?.id ?? '', signal)).toBe(true);
      expect(await all(userId)).toHaveLength(1);
    });

    it('is shown where others put it there', async () => {
      const userId = randomUUID();
      const { store } = zep.server;
      store.addUser(userId);
      const source = { role: null, role_type: null, thread_id: null, source: 'text' as const };
      const said = {
        content: 'From elsewhere.',
        metadata: { type: 'note', their: 1 },
        created_at: '2025-01-01T00:00:00Z',
      };
      const { uuid } = store.addEpisode(userId, { ...source, ...said });
      const [memory] = (await provider.list(userId, { limit: 5, cursor: null }, signal)).items;
      expect(memory).toMatchObject({ id: uuid, text: 'From elsewhere.', type: 'note', metadata: said.metadata });
      expect(memory?.createdAt).toEqual(new Date('2025-01-01T00:00:00Z'));
      const changed = await provider.update(uuid, { expiresAt: new Date('2027-01-01T00:00:00Z') }, signal);
      expect(await provider.get(uuid, signal)).toEqual(changed);
      expect(changed?.metadata).toEqual(said.metadata);
      expect(await provider.delete(uuid, signal)).toBe(true);
      expect(atZep(userId)).toEqual([]);
    });
  });

  it('knows which memories are over: Zep sees to nothing of it', async () => {
    const expiresAt = new Date(now().getTime() - 1);
    const made = await add(aTurn({ userId: randomUUID(), text: 'z'.repeat(9_000), expiresAt }));
    const kept = await add(aTurn({ userId: made.userId }));
    const expired = async () => {
      const found = [];
      for await (const page of createKeptWords(zep.database).expired('zep', now())) found.push(...page);
      return found.filter(({ userId }) => userId === made.userId).map(({ id }) => id);
    };
    expect(await expired()).toEqual([made.id]);
    await provider.update(kept.id, { expiresAt }, signal);
    expect(new Set(await expired())).toEqual(new Set([made.id, kept.id]));
    await provider.delete(made.id, signal);
    expect(await expired()).toEqual([kept.id]);
  });

  describe('a person', () => {
    it('whom Zep has lost is made anew', async () => {
      const userId = `ana@example.com+${randomUUID()}`;
      await add(aTurn({ userId }));
      zep.server.store.removeUser(userId);
      expect(await add(aTurn({ userId, text: 'Back again.' }))).toMatchObject({ userId });
      expect((await all(userId)).map(({ text }) => text)).toEqual(['Back again.']);
    });

    it.each(['.', '..'])('who is called %s is refused, and reaches nothing else', async (userId) => {
      const error = await failureOf(provider.add(aNewMemory({ userId }), signal));
      expect(error).toMatchObject({ code: 'refused', options: { retryable: false } });
      expect(zep.server.requests).toEqual([]);
    });
  });

  describe('an upstream failure', () => {
    const faults: [Fault, ProviderError['code'], boolean, number | undefined][] = [
      [{ kind: 'status', status: 400 }, 'refused', false, undefined],
      [{ kind: 'status', status: 401 }, 'refused', true, 60_000],
      [{ kind: 'status', status: 402 }, 'quota', true, 600_000],
      [{ kind: 'status', status: 429, retryAfterSeconds: 7 }, 'rate_limited', true, 7_000],
      [{ kind: 'status', status: 503, retryAfterSeconds: 9 }, 'unavailable', true, 9_000],
      [{ kind: 'nonsense' }, 'unavailable', true, undefined],
      [{ kind: 'reset' }, 'unavailable', true, undefined],
      [{ kind: 'silent' }, 'timeout', true, undefined],
      [{ kind: 'stalled' }, 'timeout', true, undefined],
    ];

    it.each(faults)(
      '%j says what may be done about it, and nothing of what was said',
      async (fault, code, retryable, ms) => {
        const made = await add(aNewMemory({ userId: randomUUID() }));
        const isSlow = fault.kind === 'silent' || fault.kind === 'stalled';
        const by = zep.create(isSlow ? { attemptMs: 400 } : {});
        await add(aNewMemory({ userId: made.userId }), by);
        zep.lines.length = 0;
        zep.server.requests.length = 0;
        zep.server.fault = () => fault;
        const write = aNewMemory({ userId: made.userId, text: 'My secret is 4711.' });
        const errors = [
          await failureOf(by.get(made.id, signal)),
          await failureOf(by.search(made.userId, 'secret 4711', 5, signal)),
          await failureOf(by.list(made.userId, { limit: 5, cursor: null }, signal)),
          await failureOf(by.delete(made.id, signal)),
          await failureOf(by.add(write, signal)),
        ];
        for (const [i, error] of errors.entries()) {
          // A deletion begins with a look; an add is sent.
          const options = { retryable, outcomeUnknown: retryable && i === 4, ...(ms && { retryAfterMs: ms }) };
          expect({ code: error.code, ...error.options }).toMatchObject({ code, ...options });
        }
        const told = errors.flatMap((error) => [error.message, error.stack, error.options.cause]);
        expect(`${told.map(String).join()} ${zep.lines.join()}`).not.toContain('4711');
        expect(zep.server.requests).toHaveLength(5);
      },
    );

    it('is tried again where that does no harm, and costs nothing once the circuit is open', async () => {
      const made = await add(aNewMemory({ userId: randomUUID() }));
      const patient = zep.create({ maxRetries: 1 });
      failOnce(() => true, { kind: 'status', status: 429, retryAfterSeconds: 0 });
      expect(await patient.get(made.id, signal)).toEqual(made);
      zep.server.fault = () => ({ kind: 'status', status: 503 });
      for (let i = 0; i < 3; i++) await failureOf(patient.get(made.id, signal));
      expect(patient.circuit()).toBe('open');
      zep.server.requests.length = 0;
      const error = await failureOf(patient.add(aNewMemory(), signal));
      expect(error.options).toMatchObject({ retryable: true, outcomeUnknown: false });
      expect(zep.server.requests).toEqual([]);
    });

    it('is every call without a key, and with a database that cannot be reached', async () => {
      const { settings } = loadSettings({});
      const parts = { statistics: { observe: () => undefined, count: () => undefined }, now, database: zep.database };
      const lines: unknown[] = [];
      const logger = { warn: (...line: unknown[]) => lines.push(line) } as never;
      const off = createZepProvider({ settings, logger, ...parts });
      expect(lines).toEqual([['zep is off', { setting: 'ZEP_API_KEY' }]]);
      expect(off.circuit()).toBe('open');
      expect(await failureOf(off.get(randomUUID(), signal))).toMatchObject({ code: 'unavailable' });
      const database = { ...zep.database, open: () => Promise.reject(new Error('connect ECONNREFUSED')) };
      const { provider: lost } = { provider: createZepProvider({ settings, logger, ...parts, database }) };
      expect(await failureOf(lost.add(aNewMemory(), signal))).toMatchObject({
        code: 'unavailable',
        options: { retryable: true, outcomeUnknown: false },
      });
    });
  });
});

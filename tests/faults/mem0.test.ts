import { randomUUID } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import { createContainer } from '../../shared/container';
import { createDatabase } from '../../shared/database/client';
import { processedMessages } from '../../shared/database/schema';
import type { AddRequest, AddResult } from '../../shared/memory/memory-contract';
import { createTombstones } from '../../shared/memory/tombstones';
import { createTestClock } from '../support/clock';
import { freshHome } from '../support/home';
import { createMem0Server, type Mem0Server } from '../support/mem0-server';
import { aDeadline, nowhere } from '../support/service';

/** Keepsake whole over a loopback Mem0, both on one clock. */
describe('over Mem0', () => {
  const clock = createTestClock();
  const home = freshHome();
  let mem0: Mem0Server;
  let container: ReturnType<typeof createContainer>;
  const open = (env: NodeJS.ProcessEnv = {}) =>
    createContainer({
      env: {
        ...{ KEEPSAKE_HOME: home, LOG_LEVEL: 'silent', MEM0_MAX_RETRIES: '0', MEM0_TIMEOUT: '1' },
        ...{ MEM0_API_KEY: mem0.apiKey, MEM0_BASE_URL: mem0.url, ...env },
      },
      now: clock.now,
    });
  beforeAll(async () => {
    mem0 = await createMem0Server({ now: clock.now });
    container = open();
    await container.warmUp();
    // The first call of all loads Mem0's package.
    await container.memory().get(randomUUID(), aDeadline());
  }, 60_000);
  afterAll(async () => {
    await container.close();
    await mem0.close();
  });
  let ana: string;
  beforeEach(() => {
    ana = `ana-${randomUUID()}`;
    mem0.fault = () => null;
    mem0.store.laterMs = 0;
    mem0.requests.length = 0;
  });

  const text = 'My locker is number 12.';
  const add = (changes: Partial<AddRequest> = {}, { memory } = container): Promise<AddResult> => {
    const utterances = [{ role: 'user' as const, name: 'Ana', content: text, at: null }];
    return memory().add({ userId: ana, utterances, infer: false, ...changes }, aDeadline());
  };
  const update = (id: string, change: { text?: string; metadata?: Record<string, unknown> }) =>
    container.memory().update(id, change, aDeadline());
  const remove = (id: string) => container.memory().delete(id, aDeadline());
  /** What Mem0 has of her, and what the index shows. */
  const rows = () => mem0.store.rows.filter(({ user_id }) => user_id === ana);
  const kept = () => rows().map(({ memory }) => memory);
  const shown = async () => {
    const { value } = await container.memory().recall({ userId: ana, query: 'locker', limit: 100 }, aDeadline());
    return value?.map(({ memory }) => memory) ?? null;
  };
  const shownTexts = async () => (await shown())?.map((memory) => memory.text);
  const loseInMem0 = () => {
    for (const row of rows()) mem0.store.remove(row);
  };
  const drain = async () => {
    for (let ticks = 0; ticks < 20; ticks++) {
      clock.turn(60_000);
      const { people, failed } = (await container.sync({})).outbox;
      expect(failed).toBe(0);
      if (people === 0) return;
    }
    throw new Error('The outbox did not empty.');
  };
  const whileDown = async (work: () => Promise<unknown>) => {
    mem0.fault = () => ({ kind: 'status', status: 503 });
    await work();
    mem0.fault = () => null;
  };

  describe('a memory that Mem0 lost', () => {
    const at = new Date('2026-01-05T10:00:00.250Z');
    const whole = { type: 'goal', tags: ['gym'], metadata: { Source: 'x' }, sessionId: 's-1', at };

    it('is made anew by a change, with all that was known of it', async () => {
      const { memoryId } = await add(whole);
      const [before] = (await shown()) ?? [];
      loseInMem0();
      const { status, memory } = await update(memoryId ?? '', { text: 'My locker is number 13.' });
      expect(status).toBe('stored');
      expect(memory?.id).not.toBe(memoryId);
      const text = 'My locker is number 13.';
      // What it is about is told by its text.
      const { id, topic } = memory ?? {};
      expect(memory).toEqual({ ...before, id, text, topic, updatedAt: clock.now() });
      expect(kept()).toEqual([text]);
      expect(await shown()).toEqual([memory]);
    });

    it('is made anew once, however often it was changed and whatever came of the first attempt', async () => {
      const id = (await add()).memoryId ?? '';
      loseInMem0();
      await whileDown(async () => {
        expect(await update(id, { text: 'My locker is number 13.' })).toMatchObject({ status: 'queued' });
        expect(await update(id, { metadata: { floor: 2 } })).toMatchObject({ status: 'queued' });
      });
      mem0.fault = ({ path }) => (path === '/v3/memories/add/' ? { kind: 'reset', applied: true } : null);
      clock.turn(60_000);
      await container.sync({});
      expect(kept()).toEqual(['My locker is number 13.']);
      mem0.fault = () => null;
      await drain();
      expect(await shown()).toMatchObject([
        { id: rows()[0]?.id, text: 'My locker is number 13.', metadata: { floor: 2 } },
      ]);
      expect(kept()).toEqual(['My locker is number 13.']);
    });

    it('stays lost where the person deleted it, too', async () => {
      const id = (await add()).memoryId ?? '';
      await whileDown(async () => {
        await update(id, { text: 'My locker is number 13.' });
        await remove(id);
      });
      loseInMem0();
      await drain();
      expect(kept()).toEqual([]);
      expect(await shown()).toEqual([]);
    });

    it('is missing to a delete, and goes from the index', async () => {
      const id = (await add()).memoryId ?? '';
      loseInMem0();
      expect(await remove(id)).toEqual({ status: 'missing', memory: null });
      expect(await shown()).toEqual([]);
      expect(await update(id, { text: 'Anything.' })).toEqual({ status: 'missing', memory: null });
    });

    it('is not taken for lost where Mem0 knows nothing at all', async () => {
      const id = (await add()).memoryId ?? '';
      mem0.fault = () => ({ kind: 'status', status: 404 });
      expect(await update(id, { text: 'My locker is number 13.' })).toMatchObject({ status: 'queued' });
      mem0.fault = () => null;
      await drain();
      expect(rows()).toMatchObject([{ id, memory: 'My locker is number 13.' }]);
      expect(await shown()).toMatchObject([{ id }]);
    });
  });

  describe('a memory that Mem0 has not yet', () => {
    /** As the index shows it; Mem0 will call it something else. */
    const addProvisional = async (): Promise<string> => {
      await whileDown(() => add());
      return (await shown())?.[0]?.id ?? '';
    };

    it('is changed once Mem0 has it', async () => {
      const id = await addProvisional();
      expect(await update(id, { text: 'My locker is number 13.' })).toMatchObject({ status: 'queued' });
      await drain();
      expect(kept()).toEqual(['My locker is number 13.']);
      expect(await shown()).toMatchObject([{ id: rows()[0]?.id, text: 'My locker is number 13.' }]);
    });

    it('is deleted once Mem0 has it', async () => {
      const id = await addProvisional();
      expect(await remove(id)).toMatchObject({ status: 'queued' });
      expect(await shown()).toEqual([]);
      await drain();
      expect(kept()).toEqual([]);
      expect(await shown()).toEqual([]);
    });

    it('is changed after Mem0 is done with it, as one where it made several of it', async () => {
      mem0.store.laterMs = 5_000;
      const say = (content: string) => ({ role: 'user' as const, name: null, content, at: null });
      await add({ infer: true, utterances: [say('I live in Cusco.'), say('My dog is called Ox.')] });
      const id = (await shown())?.[0]?.id ?? '';
      expect(await update(id, { text: 'I live in Cusco with Ox.' })).toMatchObject({ status: 'queued' });
      expect(kept()).toEqual([]);
      await drain();
      expect(kept()).toEqual(['I live in Cusco with Ox.']);
      expect(await shownTexts()).toEqual(['I live in Cusco with Ox.']);
    });
  });

  it('a deletion leaves a stone before its point goes, also where it has to wait', async () => {
    const stones = createDatabase({ home, url: undefined });
    const ids = [(await add()).memoryId ?? '', (await add({ messageId: 'm-1' })).memoryId ?? ''];
    const [one = '', two = ''] = ids;
    expect(await remove(one)).toMatchObject({ status: 'stored' });
    await whileDown(async () => expect(await remove(two)).toMatchObject({ status: 'queued' }));
    await container.close();
    expect(await createTombstones(stones, clock.now).among(ana, ids)).toEqual(expect.arrayContaining(ids));
    await stones.close();
    container = open();
    await drain();
    expect(await shown()).toEqual([]);
  });

  it('a message that comes again after its write was done, and the answer lost, is stored once', async () => {
    const first = await add({ messageId: 'm-1' });
    const restarted = createDatabase({ home, url: undefined });
    await container.close();
    // As a crash between the two leaves it.
    const db = await restarted.open();
    const { userId, door } = processedMessages;
    await db.delete(processedMessages).where(and(eq(userId, ana), eq(door, 'add-memory')));
    await restarted.close();
    container = open();
    expect(first.status).toBe('stored');
    expect(await add({ messageId: 'm-1' })).toMatchObject({ status: 'queued' });
    await drain();
    expect(kept()).toEqual([text]);
    expect(await shown()).toMatchObject([{ id: first.memoryId }]);
  });

  it('the same message twice at once is stored once, and has one answer', async () => {
    const [one, two] = await Promise.all([add({ messageId: 'm-1' }), add({ messageId: 'm-1' })]);
    expect(one).toMatchObject({ status: 'stored' });
    expect(two).toEqual(one);
    await drain();
    expect(kept()).toEqual([text]);
    expect(await shown()).toMatchObject([{ id: one.memoryId }]);
  });

  describe('without a database', () => {
    let bare: ReturnType<typeof createContainer>;
    beforeAll(async () => {
      bare = open({ DATABASE_URL: nowhere });
      await bare.memory().get(randomUUID(), aDeadline());
    });
    afterAll(() => bare.close());

    it('what Mem0 took to work on is taken', async () => {
      expect(await add({ infer: true }, bare)).toEqual({
        ...{ status: 'pending', memoryId: null, memoryIds: [], storage: 'mem0', reason: 'provider_pending' },
      });
      mem0.store.settle();
      expect(kept()).toEqual([text]);
    });

    it('what Mem0 did not take is a 503', async () => {
      await whileDown(() => expect(add({ infer: true }, bare)).rejects.toMatchObject({ status: 503 }));
      expect(kept()).toEqual([]);
    });
  });
});

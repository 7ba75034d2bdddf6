import { randomUUID } from 'node:crypto';
import type { OutboxWrite } from '../../shared/database/schema';
import { backoffMs, createOutbox } from '../../shared/memory/outbox';
import type { Outbox } from '../../shared/memory/outbox-contract';
import type { NewMemory } from '../../shared/memory/provider';
import { createTestClock } from '../support/clock';
import { overEachEngine } from '../support/databases';
import { aNewMemory } from '../support/memories';
import { aMemory } from '../support/points';

describe('the outbox', () => {
  overEachEngine((database) => {
    const clock = createTestClock();
    let outbox: Outbox;
    beforeAll(() => {
      outbox = createOutbox(database(), clock.now);
    });

    /** Accepts one write for each text, in their order. */
    const accept = async (userId: string, ...texts: string[]) => {
      const ids: string[] = [];
      for (const text of texts) {
        const memory = aNewMemory({ userId, text });
        await outbox.accept(userId, memory.operationId, { kind: 'add', memory });
        ids.push(memory.operationId);
      }
      return ids;
    };
    const take = async (userId: string) => {
      const taken = await outbox.take(userId);
      if (!taken) throw new Error('Nothing is due.');
      return taken;
    };
    const unavailable = { code: 'unavailable', delayMs: 1_000, outcomeUnknown: false };

    it('gives a write back as it was accepted, dates as dates', async () => {
      const memory = aNewMemory({ userId: 'whole', expiresAt: new Date('2027-05-06T07:08:09.100Z') });
      const utterance = {
        role: 'user' as const,
        name: null,
        content: 'ñ 🎈',
        at: new Date('2026-01-02T03:04:05.006Z'),
      };
      const add = { kind: 'add' as const, memory: { ...memory, utterances: [utterance] } };
      await outbox.accept('whole', memory.operationId, add);
      const taken = await take('whole');
      expect(taken).toMatchObject({ operationId: memory.operationId, userId: 'whole', attempts: 1, found: 'waiting' });
      expect(taken.write).toEqual(add);
      await outbox.finish([taken]);

      const expiresAt = new Date('2028-01-01T00:00:00Z');
      const changed = aMemory('whole', 'My locker is number 12.', { expiresAt });
      const update = { kind: 'update' as const, memoryId: changed.id, change: { expiresAt }, changed };
      await outbox.accept('whole', randomUUID(), update);
      expect((await take('whole')).write).toEqual(update);
    });

    /** Accepts adds of a room for each text, in their order. */
    const acceptTogether = async (userId: string, ...texts: string[]) => {
      const adds = texts.map((text) => {
        const memory = aNewMemory({ userId, text });
        const write = { kind: 'add' as const, memory, origin: 'exchange' as const };
        return { userId, operationId: memory.operationId, write };
      });
      await outbox.acceptWith(adds, async () => undefined);
      return adds.map(({ operationId }) => operationId);
    };

    it('keeps the adds of a room in their order, or none of them where its rows cannot be kept', async () => {
      const ids = await acceptTogether('room', ...Array.from({ length: 20 }, (_, i) => `Number ${i}`));
      const failing = outbox.acceptWith(
        [{ userId: 'room', operationId: randomUUID(), write: (await take('room')).write }],
        () => Promise.reject(new Error('no rows')),
      );
      await expect(failing).rejects.toThrow('no rows');
      const adds = (await outbox.unsent('room')).map((write) => write.kind === 'add' && write.memory.operationId);
      expect(adds).toEqual(ids);
    });

    it('gives along with an add of a room those that were never sent, each to one taker', async () => {
      const [first, ...others] = await acceptTogether('along', 'One.', 'Two.', 'Three.', 'Four.');
      const [single] = await accept('along', 'Alone.');
      const taken = await take('along');
      expect(taken).toMatchObject({ operationId: first, hasMore: true });
      const [some, more] = await Promise.all([outbox.takeAlong('along', 2), outbox.takeAlong('along', 2)]);
      const along = [...some, ...more];
      expect(along.map(({ operationId }) => operationId).sort()).toEqual(others.sort());
      expect(along).toEqual(along.map((each) => ({ ...each, found: 'waiting', attempts: 1, userId: 'along' })));
      expect(await outbox.takeAlong('along', 9)).toEqual([]);
      // What is not of a room waits until everything before it was sent.
      expect(await outbox.take('along')).toBeNull();
      await outbox.finish([taken, ...along]);
      expect(await take('along')).toMatchObject({ operationId: single, hasMore: false });
    });

    it('looks at what went along before it is sent again', async () => {
      await acceptTogether('along unknown', 'One.', 'Two.');
      const taken = await take('along unknown');
      const [along] = await outbox.takeAlong('along unknown', 9);
      for (const each of [taken, along ?? taken]) await outbox.retry(each, { ...unavailable, outcomeUnknown: true });
      clock.turn(1_000);
      expect(await outbox.takeAlong('along unknown', 9)).toEqual([]);
      expect(await take('along unknown')).toMatchObject({ found: 'sending', attempts: 2 });
    });

    it('keeps an operation once', async () => {
      const memory = aNewMemory({ userId: 'once' });
      const accepting = () => outbox.accept('once', memory.operationId, { kind: 'add', memory });
      await Promise.all([accepting(), accepting()]);
      await outbox.finish([await take('once')]);
      expect(await outbox.take('once')).toBeNull();
    });

    it('keeps an operation that comes from a message once, also after it is done', async () => {
      const accepting = (memory: NewMemory, once: boolean) =>
        outbox.accept('again', memory.operationId, { kind: 'add', memory, once });
      const memory = aNewMemory({ userId: 'again' });
      for (const attempts of [1, 2]) {
        await Promise.all([accepting(memory, true), accepting(memory, true)]);
        if (attempts === 1) await outbox.finish([await take('again')]);
        expect(await outbox.take('again')).toBeNull();
        expect(await outbox.stateOf(memory.operationId)).toBeNull();
      }
      const other = aNewMemory({ userId: 'again' });
      for (const _ of [1, 2]) {
        await accepting(other, false);
        await outbox.finish([await take('again')]);
      }
    });

    it('lets the writes of one person leave in their order, one at a time', async () => {
      const [first, second] = await accept('line', 'one', 'two');
      const taken = await take('line');
      expect(taken.operationId).toBe(first);
      expect(await outbox.take('line')).toBeNull();
      await outbox.finish([taken]);
      expect((await take('line')).operationId).toBe(second);
    });

    it('gives a write to one of many that ask at once', async () => {
      await accept('crowd', 'one', 'two');
      const taken = await Promise.all(Array.from({ length: 8 }, () => outbox.take('crowd')));
      expect(taken.filter((write) => write !== null)).toHaveLength(1);
    });

    it('holds a failed write, and those behind it, until its time has come', async () => {
      const [first] = await accept('patient', 'one', 'two');
      await outbox.retry(await take('patient'), unavailable);
      clock.turn(999);
      expect(await outbox.take('patient')).toBeNull();
      clock.turn(1);
      expect(await take('patient')).toMatchObject({ operationId: first, attempts: 2, found: 'waiting' });
    });

    it('tells of an attempt whose outcome is unknown', async () => {
      await accept('unknown', 'one');
      await outbox.retry(await take('unknown'), { ...unavailable, outcomeUnknown: true });
      clock.turn(1_000);
      expect(await take('unknown')).toMatchObject({ attempts: 2, found: 'sending' });
    });

    it('sends something else where it is told to', async () => {
      await accept('instead', 'one');
      const taken = await take('instead');
      await outbox.retry(taken, { ...unavailable, write: { ...taken.write, failures: 2 } as OutboxWrite });
      clock.turn(1_000);
      expect((await take('instead')).write).toEqual({ ...taken.write, failures: 2 });
    });

    it('lets later writes pass one that the provider is at work on, and not one that may have to be sent again', async () => {
      const [first, second] = await accept('at work', 'one', 'two', 'three');
      const eventId = randomUUID();
      await outbox.pending(await take('at work'), { eventId, delayMs: 2_000 });
      await outbox.pending(await take('at work'), { eventId: null, delayMs: 2_000 });
      expect(await outbox.take('at work')).toBeNull();
      clock.turn(2_000);
      expect(await take('at work')).toMatchObject({
        ...{ operationId: first, found: 'pending', attempts: 1, attempt: { eventId } },
      });
      // Nobody knows of an attempt whose process died for as long as that may be on its way.
      expect(await outbox.take('at work')).toBeNull();
      clock.turn(58_000);
      expect(await take('at work')).toMatchObject({
        ...{ operationId: second, found: 'sending', attempts: 1, attempt: { eventId: null } },
      });
    });

    it('gives a write that nobody brought back to the next one after a minute', async () => {
      const [first] = await accept('lost', 'one');
      await take('lost');
      clock.turn(59_999);
      expect(await outbox.take('lost')).toBeNull();
      clock.turn(1);
      expect(await take('lost')).toMatchObject({ operationId: first, found: 'sending' });
    });

    it('gives back at once what an earlier process had taken, where there is one process at a time', async () => {
      const [first] = await accept('restarted', 'one');
      await take('restarted');
      const taken = await createOutbox(database(), clock.now).take('restarted');
      expect(taken?.operationId).toBe(database().engine === 'pglite' ? first : undefined);
    });

    it('lets later writes pass one that only the index lacks, and one that was refused for good', async () => {
      const [first, second, third] = await accept('passing', 'one', 'two', 'three');
      await outbox.stored(await take('passing'), { code: 'index_unreachable', delayMs: 5_000 });
      await outbox.bury(await take('passing'), 'refused');
      expect((await take('passing')).operationId).toBe(third);
      const states = await Promise.all([first, second, third, randomUUID()].map((id = '') => outbox.stateOf(id)));
      expect(states).toEqual(['stored', 'dead', 'sending', null]);
      expect((await outbox.unsent('passing')).map((write) => write.kind === 'add' && write.memory.operationId)).toEqual(
        [third],
      );
    });

    it('names people with something due, the longest waiting first', async () => {
      await accept('late-1', 'one');
      await accept('late-2', 'one');
      await accept('late-1', 'two');
      await accept('not-due', 'one');
      await outbox.retry(await take('not-due'), unavailable);
      const due = (await outbox.duePeople(100)).filter((userId) => /^(late|not)-/.test(userId));
      expect(due).toEqual(['late-1', 'late-2']);
      expect(await outbox.duePeople(1)).toHaveLength(1);
    });

    it('counts what waits, what is dead and how long the oldest has waited', async () => {
      for (const userId of await outbox.duePeople(100)) {
        for (let taken = await outbox.take(userId); taken; taken = await outbox.take(userId))
          await outbox.finish([taken]);
      }
      const before = await outbox.status();
      await accept('counted', 'one', 'two');
      clock.turn(90_000);
      await outbox.bury(await take('counted'), 'refused');
      const after = await outbox.status();
      expect(after.dead - before.dead).toBe(1);
      expect(after.waiting - before.waiting).toBe(1);
      expect(after.oldestSeconds).toBeGreaterThanOrEqual(90);
    });
  });

  it.each([
    [1, 1_000],
    [2, 2_000],
    [5, 16_000],
    [11, 600_000],
    [5_000, 600_000],
  ])('waits after attempt %d for %d ms', (attempts, milliseconds) => {
    expect(backoffMs(attempts)).toBe(milliseconds);
  });
});

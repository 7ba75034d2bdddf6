import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MemoryProvider } from '../../shared/memory/provider';
import { verifyManifest } from '../../shared/migration/manifest';
import { faultsAtRandom } from '../support/faults';
import { createFaultyProvider } from '../support/faulty-provider';
import { createTestMem0 } from '../support/mem0-provider';
import { aNewMemory } from '../support/memories';
import { aLife, allOf, contentOf, createStore, createTestMigrator, fill, now, signal } from '../support/migration';
import { createTestZep } from '../support/zep-provider';

const request = { from: 'mem0', to: 'local' } as const;
const textsOf = async (provider: MemoryProvider, userId: string) =>
  (await allOf(provider, userId)).map(({ text }) => text);

describe('a migration between providers', () => {
  const source = createStore();
  const target = createFaultyProvider(now);
  const own = createStore();
  const { migrator, lines } = createTestMigrator(own.database, { mem0: source.provider, local: target });
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-migrator-'));
  afterEach(() => {
    target.fault = () => null;
  });
  afterAll(async () => {
    await Promise.all([source.close(), target.close(), own.close()]);
    rmSync(folder, { recursive: true });
  });
  const give = async (userId: string, count: number) => fill(source.provider, aLife(userId, count));

  it('counts in a dry run what it would bring, and writes nothing', async () => {
    await give('ana', 40);
    const mapping = join(folder, 'prices.json');
    writeFileSync(mapping, '{"usd_per_1000_items":{"local":2}}');
    const status = await migrator.run({ ...request, dryRun: true, mapping });
    expect(status.counts).toMatchObject({ people: 1, planned: 40, messages: 26, memories: 14, calls: 40, cost: 0.08 });
    expect(await allOf(target, 'ana')).toEqual([]);
    expect(await migrator.status()).toBeNull();
  });

  it('brings everything of everybody as it was, oldest first, and nothing twice when it runs again', async () => {
    await give('ben', 31);
    const status = await migrator.run({ ...request, batchSize: 1 });
    expect(status).toMatchObject({ state: 'done', lastError: null, counts: { planned: 71, done: 71, peopleDone: 2 } });
    for (const userId of ['ana', 'ben']) {
      const before = (await allOf(source.provider, userId)).map(contentOf);
      expect((await allOf(target, userId)).map(contentOf)).toEqual(before);
    }
    const added = target.done
      .filter(({ method }) => method === 'addAll')
      .flatMap(({ args }) => args[0] as { at: Date }[]);
    const times = added.slice(0, 40).map(({ at }) => at.getTime());
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(await migrator.validate(status.id)).toMatchObject({ passed: true, people: 2, items: 71 });
    const again = await migrator.run(request);
    expect(again.counts).toMatchObject({ planned: 71, done: 0, present: 71 });
    expect(await allOf(target, 'ana')).toHaveLength(40);
    expect((await migrator.rollback(again.id)).counts).toMatchObject({ present: 71, rolledBack: 0 });
    expect(await allOf(target, 'ana')).toHaveLength(40);
  });

  it('brings what was changed since, to the memory that it had become', async () => {
    const since = new Date();
    const [first] = await allOf(source.provider, 'ana');
    await source.provider.update(first?.id ?? '', { text: 'It is at the door.' }, signal);
    const status = await migrator.run({ ...request, since });
    expect(status.counts).toMatchObject({ planned: 1, present: 1, done: 0 });
    expect((await textsOf(target, 'ana'))[0]).toBe('It is at the door.');
    expect(await allOf(target, 'ana')).toHaveLength(40);
  });

  it('names what superseded a memory by its id at the target', async () => {
    const userId = 'superseded';
    const [old, newer] = [aNewMemory({ userId, at: new Date(1) }), aNewMemory({ userId, at: new Date(2), text: 'B' })];
    await fill(source.provider, [{ ...old, supersededBy: newer.operationId }, newer]);
    const status = await migrator.run({ ...request, users: [userId] });
    const [before, after] = await allOf(target, userId);
    expect(before?.supersededBy).toBe(after?.id);
    expect(status.counts.done).toBe(2);
    expect((await migrator.validate(status.id)).passed).toBe(true);
  });

  it('sends once what nobody heard of again, and waits for who asks it to', async () => {
    await give('unheard', 30);
    let calls = 0;
    target.fault = (method) => {
      if (method !== 'addAll') return null;
      return (['dies after', 'dies before', 'unavailable', null] as const)[calls++ % 4] ?? null;
    };
    const status = await migrator.run({ ...request, users: ['unheard'] });
    expect(status).toMatchObject({ state: 'done', counts: { done: 30 } });
    expect(await textsOf(target, 'unheard')).toEqual(await textsOf(source.provider, 'unheard'));
  });

  it('sets aside what is refused for good, stops over its budget, and tries it again when it goes on', async () => {
    await give('refused', 12);
    target.fault = (_, args) => (JSON.stringify(args).includes('parcel 7 ') ? 'refused' : null);
    const status = await migrator.run({ ...request, users: ['refused'], errorBudget: 0.05 });
    expect(status).toMatchObject({ state: 'paused', lastError: 'error_budget' });
    expect(status.counts).toMatchObject({ done: 11, poison: { target_refused: 1 } });
    const validation = await migrator.validate(status.id);
    const counts = validation.checks.find(({ name }) => name === 'counts_equal');
    expect(counts).toMatchObject({ passed: false, expected: 12, found: 11 });
    const { markdown, json } = await migrator.report(status.id, validation);
    expect(json).toMatchObject({ items: { planned: 12, done: 11, set_aside: 1 }, validation: { passed: false } });
    expect(markdown).toContain('| `target_refused` | 1 |');
    target.fault = () => null;
    expect(await migrator.resume(status.id)).toMatchObject({ state: 'done', counts: { done: 12, poison: {} } });
    expect(await textsOf(target, 'refused')).toEqual(await textsOf(source.provider, 'refused'));
  });

  it('stops at a gate where the target does not have what it said it took', async () => {
    await give('forgotten', 5);
    target.fault = (method) => {
      if (method === 'list') void target.delete(lost, signal);
      return null;
    };
    const operations = target.done.length;
    let lost = '';
    const add = target.addAll?.bind(target);
    target.addAll = async (memories, within) => {
      const receipts = (await add?.(memories, within)) ?? [];
      const [first] = receipts;
      lost = first?.status === 'stored' ? (first.memories[0]?.id ?? '') : '';
      await target.delete(lost, within);
      return receipts;
    };
    const status = await migrator.run({ ...request, users: ['forgotten'] });
    target.addAll = add;
    expect(status).toMatchObject({ state: 'paused', lastError: 'validation_failed' });
    expect(target.done.length).toBeGreaterThan(operations);
  });

  it('pauses where the target is away for long, and where it is told to, and goes on from there', async () => {
    await give('away', 8);
    target.fault = (method) => (method === 'addAll' ? 'unavailable' : null);
    const { migrator: hasty } = createTestMigrator(
      own.database,
      { mem0: source.provider, local: target },
      { timing: { outageMs: 30 } },
    );
    const status = await hasty.run({ ...request, users: ['away'] });
    expect(status).toMatchObject({ state: 'paused', lastError: 'local_unavailable', counts: { done: 0 } });
    target.fault = () => null;
    const stop = new AbortController();
    stop.abort();
    expect(await migrator.resume(status.id, undefined, stop.signal)).toMatchObject({
      state: 'paused',
      lastError: 'stopped',
    });
    expect(await migrator.resume(status.id)).toMatchObject({ state: 'done', counts: { done: 8 } });
  });

  it('is at one run with one process at a time', async () => {
    await give('held', 3);
    target.fault = (method) => (method === 'addAll' ? 'hangs' : null);
    const id = await migrator.plan({ ...request, users: ['held'] });
    expect(await migrator.unfinished()).toContain(id);
    const timing = { leaseMs: 150 };
    const { migrator: held } = createTestMigrator(own.database, { mem0: source.provider, local: target }, { timing });
    const running = held.resume(id);
    while (!target.calls.at(-1)?.method.startsWith('addAll')) await new Promise(setImmediate);
    await expect(held.resume(id)).rejects.toMatchObject({ code: 'busy' });
    expect(await migrator.unfinished()).not.toContain(id);
    target.release();
    target.fault = () => null;
    expect(await running).toMatchObject({ state: 'done', counts: { done: 3 } });
    await expect(migrator.resume(randomUUID())).rejects.toMatchObject({ code: 'unknown_run' });
  });

  it('carries what has no mapping as it is, and says so; roles become speakers and metadata', async () => {
    const userId = 'mapped';
    const at = new Date('2026-03-01T10:00:00Z');
    const late = new Date('2026-04-01T10:00:00Z');
    await fill(source.provider, [aNewMemory({ userId, type: 'insights' }), aNewMemory({ userId, type: 'mood', at })]);
    const status = await migrator.migrateUser(userId, 'user', request);
    expect(status.counts).toMatchObject({ planned: 3, done: 3, metadata: 1, unmapped: { 'type:mood': 1 } });
    const said = ['user', 'ai', 'therapist', 'nurse'].map((role, i) => ({ role, content: role, at: new Date(i) }));
    const to = { userId, to: 'local' } as const;
    for (const _ of [1, 2]) await migrator.migrateConversation('session-9', said, to);
    const snapshot = await migrator.migrateSnapshot('session-9', 'summary', 'All is well.', { ...to, at: late });
    const [role, ...others] = (await allOf(target, userId)).sort(
      (a, b) => Number(b.type === 'metadata') - Number(a.type === 'metadata'),
    );
    expect(role).toMatchObject({ text: 'role: patient', metadata: { role: 'patient' } });
    expect(others.map(({ text, type, speaker }) => [text, type, speaker])).toEqual([
      ['user', 'CONVERSATION', null],
      ['ai', 'CONVERSATION', 'assistant'],
      ['therapist', 'CONVERSATION', 'therapist'],
      ['nurse', 'CONVERSATION', 'nurse'],
      ['My locker is number 12.', 'EMOTIONAL_STATE', 'Ana'],
      ['My locker is number 12.', 'mood', 'Ana'],
      ['All is well.', 'SESSION_SUMMARY', null],
    ]);
    expect(await migrator.validate(snapshot.id)).toMatchObject({ passed: true, items: 1 });
    await expect(migrator.resume(snapshot.id)).resolves.toMatchObject({ state: 'done' });
  });

  it('takes another mapping from a file, and says what is wrong with one', async () => {
    const mapping = join(folder, 'mapping.json');
    writeFileSync(mapping, '{"memory_types":{"mood":"EMOTIONAL_STATE"}}');
    expect((await migrator.run({ ...request, users: ['mapped'], dryRun: true, mapping })).counts.unmapped).toEqual({});
    writeFileSync(mapping, '{"message_roles":{"ai":"robot"},"types":{}}');
    await expect(migrator.run({ ...request, dryRun: true, mapping })).rejects.toThrow(/message_roles\.ai.*types/s);
    await expect(migrator.run({ ...request, to: 'mem0' })).rejects.toThrow('Source and target are the same');
    const wrong = { ...request, concurrency: 0 };
    await expect(migrator.run(wrong)).rejects.toThrow('concurrency');
  });

  it('shows in its validation what somebody changed, doubled or took away', async () => {
    const userId = 'tampered';
    await give(userId, 9);
    const { id } = await migrator.run({ ...request, users: [userId] });
    const memories = await allOf(target, userId);
    const [one, two, three] = memories;
    await target.update(one?.id ?? '', { text: 'Another text.' }, signal);
    await target.update(two?.id ?? '', { metadata: {} }, signal);
    await target.delete(three?.id ?? '', signal);
    await target.add(aNewMemory({ ...aLife(userId, 9)[5], operationId: randomUUID() }), signal);
    const { passed, checks } = await migrator.validate(id);
    const numbers = Object.fromEntries(
      checks.map((check) => [check.name, [check.passed, check.expected, check.found]]),
    );
    expect(passed).toBe(false);
    expect(numbers).toMatchObject({
      ...{ person_exists: [true, 1, 1], counts_equal: [false, 9, 9], hashes_equal: [false, 8, 6] },
      ...{ metadata_intact: [false, 8, 7], timestamps_kept: [true, 8, 8], order_kept: [true, 8, 8] },
    });
  });

  it('takes out again what it put there, and brings it anew after that', async () => {
    const userId = 'back';
    await give(userId, 6);
    const { id } = await migrator.run({ ...request, users: [userId] });
    await target.add(aNewMemory({ userId, text: 'Said since then.' }), signal);
    const status = await migrator.rollback(id);
    expect(status).toMatchObject({ state: 'rolled_back', counts: { rolledBack: 6, done: 0 } });
    expect(await textsOf(target, userId)).toEqual(['Said since then.']);
    await expect(migrator.resume(id)).rejects.toMatchObject({ code: 'not_resumable' });
    const again = await migrator.run({ ...request, users: [userId] });
    expect(again.counts).toMatchObject({ done: 6, present: 0 });
    expect(await allOf(target, userId)).toHaveLength(7);
  });

  it('archives what is done with a signed manifest, and only with a key', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const { id } = await migrator.run({ ...request, users: ['ben'] });
    const to = { days: 30, file: join(folder, 'manifest.json') } as const;
    await expect(migrator.archive(id, to)).rejects.toThrow('MIGRATION_SIGNING_KEY is not set');
    const stores = { mem0: source.provider, local: target };
    const withKey = (signingKey: string) => createTestMigrator(own.database, stores, { signingKey }).migrator;
    const wrong = withKey('-----BEGIN PRIVATE KEY-----').archive(id, to);
    await expect(wrong).rejects.toMatchObject({ code: 'signing_key', message: expect.not.stringContaining('BEGIN') });
    const { items, sha256, keepUntil } = await withKey(pem).archive(id, to);
    expect(items).toBe(31);
    expect((await migrator.report(id)).json).toMatchObject({ sha256, keep_source_until: keepUntil.toISOString() });
    const key = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    expect(await verifyManifest(to.file, key)).toBe(true);
    const text = readFileSync(to.file, 'utf8');
    expect(text).not.toContain('parcel');
    writeFileSync(to.file, text.replace(/("user_id":"ben","source_id":")./, '$1x'));
    expect(await verifyManifest(to.file, key)).toBe(false);
    writeFileSync(to.file, text.replace(/"from":"mem0"/, '"from":"zep"'));
    expect(await verifyManifest(to.file, key)).toBe(false);
    const open = await migrator.plan(request);
    await expect(withKey(pem).archive(open, to)).rejects.toMatchObject({ code: 'not_done' });
  });

  it('logs nobody and nothing that was said', () => {
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join('\n')).not.toMatch(/parcel|locker|ana|refused person|session-/i);
  });
});

describe('a migration to a vendor that takes one at a time, and fails at every fifth request', () => {
  it('loses nothing, stores nothing twice, and keeps the order', async () => {
    const source = createStore();
    const own = createStore();
    const { server, provider } = await createTestMem0(now);
    await fill(source.provider, [...aLife('ana', 25), ...aLife('ben', 25)]);
    const faults = [
      { kind: 'status', status: 503 },
      { kind: 'status', status: 503, applied: true },
      { kind: 'status', status: 429, retryAfterSeconds: 0 },
      { kind: 'reset', applied: true },
    ] as const;
    server.fault = faultsAtRandom([...faults], 0.2, 11);
    const { migrator } = createTestMigrator(own.database, { local: source.provider, mem0: provider });
    const status = await migrator.run({ from: 'local', to: 'mem0' });
    expect(status).toMatchObject({ state: 'done', counts: { done: 50 } });
    for (const userId of ['ana', 'ben']) {
      const rows = server.store.rows.filter((row) => row.user_id === userId).map(({ memory }) => memory);
      expect(rows).toEqual(await textsOf(source.provider, userId));
    }
    server.fault = () => null;
    expect((await migrator.validate(status.id)).passed).toBe(true);
    await Promise.all([source.close(), own.close(), server.close()]);
  });
});

describe('a migration to Zep and back', () => {
  it('ends as it began', async () => {
    const [start, end, own] = [createStore(), createStore(), createStore()];
    const zep = await createTestZep(now);
    const long = `${'A parcel goes on and on, 🚚 '.repeat(700)}and stops.`;
    const awkward = [
      { text: long, type: 'conversation', sessionId: 'session-long' },
      { text: long, expiresAt: new Date('2099-01-01T00:00:00Z'), tags: ['one', 'two'] },
      { text: 'Is "quoted",\nand has { two: lines }', metadata: { deep: { list: [1, null, { a: 'ñ' }] } } },
    ].map((changes, i) => aNewMemory({ userId: 'ana', at: new Date(Date.UTC(2025, 0, 1 + i)), ...changes }));
    await fill(start.provider, [...awkward, ...aLife('ana', 20), ...aLife('ben', 20)]);

    const there = createTestMigrator(own.database, { local: start.provider, zep: zep.provider }).migrator;
    expect(await there.run({ from: 'local', to: 'zep' })).toMatchObject({ state: 'done', counts: { done: 43 } });
    const back = createTestMigrator(own.database, { zep: zep.provider, local: end.provider }).migrator;
    expect(await back.run({ from: 'zep', to: 'local' })).toMatchObject({ state: 'done', counts: { done: 43 } });

    for (const userId of ['ana', 'ben']) {
      const before = (await allOf(start.provider, userId)).map(contentOf);
      expect(before.length).toBeGreaterThan(0);
      expect((await allOf(end.provider, userId)).map(contentOf)).toEqual(before);
    }
    await Promise.all([start.close(), end.close(), own.close(), zep.close()]);
  });
});

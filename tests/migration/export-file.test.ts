import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { aLife, allOf, contentOf, createStore, createTestMigrator, fill } from '../support/migration';

const row = (id: string, changes: object = {}) => ({
  ...{ id, user_id: 'ana', text: `Parcel ${id} is at the depot.`, created_at: '2026-01-02T03:04:05.678Z', ...changes },
});
const mem0Row = (id: string, changes: object = {}) => ({
  ...{ id, user_id: 'ben', memory: `Locker ${id} is his.`, metadata: { type: 'preferences', floor: 2 } },
  ...{ categories: ['sport'], created_at: '2026-01-02T03:04:05.678901-07:00', updated_at: null, ...changes },
});
/** One record a line, as exports are written. */
const exported = (...lines: (object | string)[]) => {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join(',\n');
  return `{"format":"keepsake-export","version":1,"memories":[\n${text}\n],"count":${lines.length}}\n`;
};

describe('a migration from an export file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-export-'));
  const source = createStore();
  const target = createStore();
  const { migrator } = createTestMigrator(target.database, { mem0: source.provider, local: target.provider });
  afterAll(async () => {
    await Promise.all([source.close(), target.close()]);
    rmSync(folder, { recursive: true });
  });

  const bring = (content: string | Buffer, more: object = {}) => {
    const file = join(folder, 'given.json');
    writeFileSync(file, content);
    return migrator.run({ from: { file }, to: 'local', ...more });
  };
  const dry = (content: string | Buffer) => bring(content, { dryRun: true });
  const textsOf = async (userId: string) => (await allOf(target.provider, userId)).map(({ text }) => text);

  it('brings back what was exported, as it was', async () => {
    await fill(source.provider, aLife('eva', 20));
    const file = join(folder, 'export.json');
    const written = await migrator.run({ from: 'mem0', to: { file } });
    expect(written.counts).toMatchObject({ people: 1, done: 20, messages: 13, memories: 7 });
    expect(readFileSync(file, 'utf8').split('\n')).toHaveLength(23);
    const status = await migrator.run({ from: { file }, to: 'local' });
    expect(status).toMatchObject({ state: 'done', problems: [], counts: { done: 20 } });
    const before = (await allOf(source.provider, 'eva')).map(contentOf);
    expect((await allOf(target.provider, 'eva')).map(contentOf)).toEqual(before);
    expect((await migrator.validate(status.id)).passed).toBe(true);
  });

  it("takes Mem0's rows, in a list or as its API pages them, oldest first", async () => {
    const rows = [mem0Row('m-2', { created_at: '2026-01-03' }), mem0Row('m-1', { user_id: 'ben', run_id: 'call-1' })];
    const status = await bring(JSON.stringify({ count: 2, next: null, results: rows }, null, 2));
    expect(status).toMatchObject({ state: 'done', problems: [], counts: { done: 2, metadata: 2, unmapped: {} } });
    const [first, second] = await allOf(target.provider, 'ben');
    expect(first).toMatchObject({ text: 'Locker m-1 is his.', type: 'metadata', sessionId: 'call-1', tags: ['sport'] });
    expect(first?.createdAt).toEqual(new Date('2026-01-02T10:04:05.678Z'));
    expect(first?.metadata).toEqual({ type: 'preferences', floor: 2 });
    expect(second?.text).toBe('Locker m-2 is his.');
    expect((await dry(JSON.stringify(rows))).counts.planned).toBe(2);
  });

  it('names line and path of every record that it cannot use, and brings the others', async () => {
    const status = await bring(
      exported(
        row('1', { user_id: 'ida' }),
        row('2', { user_id: 'ida', created_at: 'yesterday' }),
        row('3', { user_id: 'ida', metadata: 'none' }),
        row('1', { user_id: 'ida', text: 'Something else.' }),
        '{"id":"4","user_id":"ida","text":"a line\nthat breaks"}',
        '{"id":"5","user_id":"ida", "text":"no end"',
        row('6', { user_id: 'ida', text: 7 }),
        row('7', { user_id: 'a person' }),
        row('8', { user_id: 'ida' }),
      ),
    );
    expect(status).toMatchObject({ state: 'done', counts: { done: 2, planned: 2 } });
    expect(status.problems.map(({ code, line, path }) => [code, line, path])).toEqual([
      ['wrong_type', 3, '$.memories[1].created_at'],
      ['wrong_type', 4, '$.memories[2].metadata'],
      ['duplicate_id', 5, '$.memories[3].id'],
      ['not_json', 6, '$.memories[4]'],
      ['not_json', 8, '$.memories[5]'],
      ['wrong_type', 9, '$.memories[6].text'],
      ['wrong_type', 10, '$.memories[7].user_id'],
    ]);
    expect(status.counts.problems).toEqual({ wrong_type: 4, duplicate_id: 1, not_json: 2 });
    expect(JSON.stringify(status.problems)).not.toMatch(/yesterday|a person|breaks|no end/);
    expect(await textsOf('ida')).toEqual(['Parcel 1 is at the depot.', 'Parcel 8 is at the depot.']);
    expect((await migrator.status(status.id))?.counts.problems).toEqual(status.counts.problems);
  });

  it('brings what there is of a file that ends too early, and says where it ends', async () => {
    const whole = exported(row('1', { user_id: 'leo' }), row('2', { user_id: 'leo' }), row('3', { user_id: 'leo' }));
    const status = await bring(whole.slice(0, whole.indexOf('"3"') + 20));
    expect(status.problems).toEqual([
      { code: 'truncated', line: 4, path: '$.memories[2]', message: expect.stringContaining('ends') },
    ]);
    expect(await textsOf('leo')).toHaveLength(2);
    const fewer = await dry(whole.replace('"count":3', '"count":4'));
    expect(fewer.problems).toMatchObject([{ code: 'truncated', line: 5, path: '$.count' }]);
  });

  it('names bytes that are no UTF-8, and refuses what is no export at all', async () => {
    const latin = Buffer.from(exported(row('1'), row('2', { text: 'Se\u00f1or' })), 'latin1');
    const status = await dry(latin);
    expect(status.problems).toMatchObject([{ code: 'wrong_encoding', line: 3, path: '$.memories[1]' }]);
    expect((await dry(`\ufeff${exported(row('1'))}`)).counts.planned).toBe(1);
    await expect(dry(Buffer.from(exported(row('1')), 'utf16le'))).rejects.toThrow('no text; it must be JSON in UTF-8');
    await expect(dry('memories: none')).rejects.toThrow('The file is no JSON');
    await expect(migrator.run({ from: { file: join(folder, 'none') }, to: 'local' })).rejects.toThrow('ENOENT');
    // A run that could not even begin is none.
    expect(await migrator.status()).toMatchObject({ state: 'done', lastError: null });
  });

  it('masks what comes from outside', async () => {
    await bring(exported(row('card', { user_id: 'mia', text: 'My card is 4111 1111 1111 1111.' })));
    expect((await textsOf('mia'))[0]).not.toContain('4111');
  });

  it('leaves the file that was there where a new one cannot be written whole', async () => {
    const file = join(folder, 'kept.json');
    writeFileSync(file, 'as it was');
    const stop = new AbortController();
    stop.abort();
    await expect(migrator.run({ from: 'mem0', to: { file } }, undefined, stop.signal)).rejects.toThrow();
    expect(readFileSync(file, 'utf8')).toBe('as it was');
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
    const nowhere = { from: 'mem0', to: { file: join(folder, 'none', 'x.json') } } as const;
    await expect(migrator.run(nowhere)).rejects.toThrow('cannot be written (ENOENT)');
  });
});

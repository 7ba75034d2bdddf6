import { join } from 'node:path';
import { PlanningPGlite } from '../../shared/database/planning-pglite';
import { freshHome } from '../support/home';

describe('the embedded database that plans a statement once', () => {
  let client: PlanningPGlite;
  const planned = async () =>
    (await client.query<{ statement: string }>('select statement from pg_prepared_statements')).rows.map(
      ({ statement }) => statement,
    );
  const insert = 'insert into notes (id, words, told) values ($1, $2, $3)';
  const find = 'select words from notes where id = $1';

  beforeAll(async () => {
    client = new PlanningPGlite(join(freshHome(), 'postgres'));
    await client.exec('create table notes (id int primary key, words text, told jsonb, at timestamptz)');
  });
  afterAll(() => client.close());
  beforeEach(async () => {
    await client.exec('truncate notes');
  });

  it('makes one plan for a text, and gives each call its own values', async () => {
    for (const id of [1, 2, 3]) await client.query(insert, [id, `note ${id}`, { id }]);
    const found = await Promise.all([1, 2, 3, 4].map((id) => client.query(find, [id])));
    expect(found.map(({ rows }) => rows)).toEqual([
      [{ words: 'note 1' }],
      [{ words: 'note 2' }],
      [{ words: 'note 3' }],
      [],
    ]);
    expect((await planned()).filter((text) => text === find)).toHaveLength(1);
  });

  it('tells of rows, columns and changes as PGlite does', async () => {
    await client.query(insert, [1, null, { likes: ['tea'] }]);
    const { rows, fields } = await client.query('select id, words, told from notes', [], { rowMode: 'array' });
    expect(rows).toEqual([[1, null, { likes: ['tea'] }]]);
    expect(fields.map(({ name }) => name)).toEqual(['id', 'words', 'told']);
    expect((await client.query('update notes set words = $1', ['x'])).affectedRows).toBe(1);
    expect((await client.query('update notes set words = $1 where id = any($2)', ['x', [7, 8]])).affectedRows).toBe(0);
  });

  it('gives an error with its code, and the next call its answer', async () => {
    await client.query(insert, [1, 'first', null]);
    await expect(client.query(insert, [1, 'again', null])).rejects.toMatchObject({ code: '23505' });
    await expect(client.query('select nothing from nowhere')).rejects.toMatchObject({ code: '42P01' });
    expect((await client.query(find, [1])).rows).toEqual([{ words: 'first' }]);
  });

  it('takes a transaction back whole, and lets nobody in between', async () => {
    const failing = client.transaction(async (transaction) => {
      await transaction.query(insert, [1, 'inside', null]);
      await transaction.query(insert, [1, 'twice', null]);
    });
    const beside = client.query('select count(*)::int as count from notes');
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    expect((await beside).rows).toEqual([{ count: 0 }]);
    expect((await client.query(find, [1])).rows).toEqual([]);
  });

  it('refuses a transaction that is over', async () => {
    const over = await client.transaction(async (transaction) => transaction);
    await expect((async () => over.query(find, [1]))()).rejects.toThrow('closed');
  });

  it('follows a table that changes under a planned statement', async () => {
    await client.query(insert, [1, 'first', null]);
    await client.query(find, [1]);
    await client.exec('create index on notes (words); alter table notes add column more int');
    expect((await client.query(find, [1])).rows).toEqual([{ words: 'first' }]);
  });

  it('keeps a bounded number of plans', async () => {
    for (let i = 0; i < 250; i++) await client.query(`select ${i}::int as i, $1::int as given`, [i]);
    expect((await planned()).length).toBeLessThanOrEqual(101);
    expect((await client.query('select 3::int as i, $1::int as given', [4])).rows).toEqual([{ i: 3, given: 4 }]);
  });
});

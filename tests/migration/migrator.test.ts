import { aLife, allOf, contentOf, createStore, createTestMigrator, fill } from '../support/migration';

const people = ['ana', 'ben', 'eva'];

describe('a migration between providers', () => {
  const source = createStore();
  const target = createStore();
  const { migrator } = createTestMigrator(target.database, { mem0: source.provider, local: target.provider });
  const request = { from: 'mem0', to: 'local' } as const;
  beforeAll(async () => {
    for (const userId of people) await fill(source.provider, aLife(userId, 40));
  });
  afterAll(() => Promise.all([source.close(), target.close()]));

  it('counts in a dry run what it would bring, and writes nothing', async () => {
    const status = await migrator.run({ ...request, dryRun: true });
    expect(status.counts).toMatchObject({ people: 3, planned: 120, messages: 78, memories: 42, calls: 6, done: 0 });
    expect(await allOf(target.provider, 'ana')).toEqual([]);
    expect(await migrator.status()).toBeNull();
  });

  it('brings everything of everybody as it was, oldest first', async () => {
    const status = await migrator.run(request);
    expect(status).toMatchObject({
      state: 'done',
      lastError: null,
      counts: { planned: 120, done: 120, peopleDone: 3 },
    });
    for (const userId of people) {
      const before = (await allOf(source.provider, userId)).map(contentOf);
      expect((await allOf(target.provider, userId)).map(contentOf)).toEqual(before);
    }
    const validation = await migrator.validate(status.id);
    expect(validation).toMatchObject({ passed: true, people: 3, items: 120 });
  });

  it('brings nothing twice when it runs again', async () => {
    const status = await migrator.run(request);
    expect(status.counts).toMatchObject({ planned: 120, done: 0, present: 120 });
    expect(await allOf(target.provider, 'ana')).toHaveLength(40);
  });
});

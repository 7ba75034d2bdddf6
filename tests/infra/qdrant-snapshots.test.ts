import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedPath } from '../../shared/config/shipped-files';
import { type AzureVm, createAzureVm } from '../support/azure-vm';
import { describeWith, run } from '../support/shell';

describeWith(['curl', 'jq'], 'snapshots of Qdrant', () => {
  let vm: AzureVm;
  /** Three blocks of the size below, the last one not full, of every byte there is. */
  const content = randomBytes(10_000);

  const script = (name: string, ...args: string[]) =>
    run(shippedPath('infra/qdrant', name), args, { ...vm.env, BLOCK_BYTES: '4096', SECRETS: '/nonexistent' });
  const snapshot = () => script('snapshot');
  const restore = (...args: string[]) => script('restore', ...args);

  beforeEach(async () => {
    vm = await createAzureVm();
    vm.collections.set('memories', content);
  });

  afterEach(() => vm.close());

  it('go to blob storage block by block, one of each collection, and leave nothing on the disk', async () => {
    vm.collections.set('others', Buffer.from('few'));

    const { code, output } = await snapshot();

    expect(code).toBe(0);
    expect(output).toMatch(/^snapshot: memories is kept as memories\/\S+Z\.snapshot\.\nsnapshot: others is kept/);
    expect([...vm.blobs.keys()]).toEqual([
      expect.stringMatching(/^memories\/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.snapshot$/),
      expect.stringMatching(/^others\//),
    ]);
    expect([...vm.blobs.values()].map((blob) => blob.content)).toEqual([content, Buffer.from('few')]);
    expect(
      vm.requests.filter(({ query, path }) => query.get('comp') === 'block' && path.includes('memories')),
    ).toHaveLength(3);
    expect(vm.snapshots.size).toBe(0);
  });

  it('are none where there is no collection yet', async () => {
    vm.collections.clear();

    expect(await snapshot()).toMatchObject({ code: 0, output: expect.stringContaining('nothing to keep') });
  });

  it.each([
    ['a block', 'block'],
    ['the list of blocks', 'blocklist'],
  ])('leave no half blob when %s does not arrive, and no copy on the disk', async (_what, part) => {
    vm.fails = ({ query }) => query.get('comp') === part && query.get('blockid') !== 'MDAwMDAw';

    const { code, output } = await snapshot();

    expect(code).toBe(1);
    expect(output).toContain('did not reach blob storage, and nothing of it is kept');
    expect(vm.requests.some(({ query }) => query.get('comp') === 'blocklist')).toBe(part === 'blocklist');
    expect(vm.blobs.size).toBe(0);
    expect(vm.snapshots.size).toBe(0);
  });

  it.each([
    ['Qdrant is down', (path: string) => path.startsWith('/collections'), 'Qdrant does not answer'],
    ['Qdrant cannot make one', (path: string) => path.endsWith('/snapshots'), 'made no snapshot of memories'],
    ['Qdrant does not give it out', (path: string) => path.endsWith('.snapshot'), 'did not reach blob storage'],
    ['there is no token', (path: string) => path.includes('oauth2'), 'No token for https://storage.azure.com/'],
  ])('fail and say so when %s', async (_what, isDown, message) => {
    vm.fails = ({ path }) => isDown(path) && !path.startsWith('/container');

    const { code, output } = await snapshot();

    expect(code).toBe(1);
    expect(output).toContain(message);
    expect(output).not.toContain(vm.env.QDRANT__SERVICE__API_KEY);
    expect(vm.blobs.size).toBe(0);
  });

  it('are listed, and the newest or the one that is named is put back', async () => {
    await snapshot();
    const [made] = vm.blobs.keys();
    const kept = vm.blobs.get(made ?? '');
    if (!kept) throw new Error('No snapshot was kept');
    vm.blobs.set('memories/2020-01-01T00-00-00Z.snapshot', kept);
    vm.collections.set('memories', Buffer.from('spoilt'));

    expect((await restore()).output).toBe(`memories/2020-01-01T00-00-00Z.snapshot\n${made}\n`);

    expect(await restore('memories')).toMatchObject({ code: 0, output: expect.stringContaining(`from ${made}.`) });
    expect(vm.collections.get('memories')).toEqual(content);

    vm.collections.delete('memories');
    expect(await restore('memories', '2020-01-01T00-00-00Z')).toMatchObject({ code: 0 });
    expect(vm.collections.get('memories')).toEqual(content);
  });

  it('are put back by hand, too, where no unit has read the settings', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'qdrant-settings-'));
    const lines = (isSecret: boolean) =>
      Object.entries(vm.env).flatMap(([name, value]) =>
        name.endsWith('API_KEY') === isSecret ? `${name}=${value}\n` : [],
      );
    await writeFile(join(folder, 'vm.env'), lines(false).join(''));
    await writeFile(join(folder, 'qdrant.env'), lines(true).join(''));
    await snapshot();
    vm.collections.clear();

    const settings = { SETTINGS: join(folder, 'vm.env'), SECRETS: folder, METADATA_URL: vm.env.METADATA_URL };
    const program = shippedPath('infra/qdrant/restore');
    expect(await run(program, ['memories'], { ...settings, QDRANT_ADDRESS: vm.url })).toMatchObject({ code: 0 });
    expect(vm.collections.get('memories')).toEqual(content);
    await rm(folder, { recursive: true });
  });

  it('replace nothing when they have changed on the way', async () => {
    const changed = { content: content.subarray(1), headers: { 'x-ms-meta-sha256': '0'.repeat(64) } };
    vm.blobs.set('memories/2020-01-01T00-00-00Z.snapshot', changed);
    vm.collections.set('memories', Buffer.from('what there is'));

    const { code, output } = await restore('memories');

    expect(code).toBe(1);
    expect(output).toContain('Qdrant did not take memories/');
    expect(vm.collections.get('memories')).toEqual(Buffer.from('what there is'));
  });

  it.each([
    [['nobody'], 'has no snapshot of nobody'],
    [['memories', '2020-01-01T00-00-00Z'], 'There is no memories/2020-01-01T00-00-00Z.snapshot'],
  ])('are said to be missing: restore %j', async (args, message) => {
    expect(await restore(...args)).toMatchObject({ code: 1, output: expect.stringContaining(message) });
  });
});

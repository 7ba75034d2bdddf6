import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { shippedPath } from '../../shared/config/shipped-files';
import { describeWith, run, writeProgram } from '../support/shell';

const folder = shippedPath('infra/qdrant');
const scripts = ['prepare-disk', 'install-qdrant', 'fetch-secrets', 'start-qdrant', 'snapshot', 'restore'];
const units = ['qdrant', 'qdrant-prepare', 'qdrant-snapshot'];

interface WrittenFile {
  path: string;
  permissions?: string;
  content: string;
}

const addresses: Record<string, string> = {
  vaultUri: 'https://vault.example/',
  identityClientId: '00000000-0000-0000-0000-000000000001',
  snapshotContainerUrl: 'https://storage.example/qdrant-snapshots',
};

/** cloud-init.yaml as qdrant-vm.bicep renders it: the names, and what stands for them, are read from there. */
async function renderCloudInit(): Promise<string> {
  const bicep = await readFile(shippedPath('infra/modules/qdrant-vm.bicep'), 'utf8');
  const settings = [...bicep.matchAll(/^ {2}([A-Z_]+): (\w+)$/gm)].reduce(
    (text, [, name, parameter = '']) =>
      text.replaceAll(`@@${name}@@`, addresses[parameter] ?? `no parameter ${parameter}`),
    await readFile(join(folder, 'vm.env'), 'utf8'),
  );
  const loaded = [...bicep.matchAll(/^ {2}'?([\w.-]+)'?: loadFileAsBase64\('\.\.\/qdrant\/([\w.-]+)'\)$/gm)];
  const files = await Promise.all(
    loaded.map(async ([, name, file = '']) => [name, await readFile(join(folder, file), 'base64')] as const),
  );
  return [...files, ['vm.env', Buffer.from(settings).toString('base64')] as const].reduce(
    (text, [name, content]) => text.replaceAll(`@@${name}@@`, content),
    await readFile(join(folder, 'cloud-init.yaml'), 'utf8'),
  );
}

async function writtenFiles(): Promise<WrittenFile[]> {
  const files: WrittenFile[] = parse(await renderCloudInit()).write_files;
  return files.map((file) => ({ ...file, content: Buffer.from(file.content, 'base64').toString() }));
}

describe('what cloud-init puts on the VM', () => {
  it('is every file of the folder, with nothing left to fill in', async () => {
    const rendered = await renderCloudInit();
    const files = await writtenFiles();

    expect(rendered.replaceAll('names between @@', '')).not.toContain('@@');
    expect(files.filter(({ content }) => content.includes('@@'))).toEqual([]);
    const notShipped = ['README.md', 'cloud-init.yaml'];
    const names = (await readdir(folder)).filter((name) => !notShipped.includes(name));
    expect(files.map(({ path }) => path.split('/').at(-1)).sort()).toEqual(names.sort());
    expect(files.filter(({ permissions }) => permissions === '0755').map(({ path }) => path)).toEqual(
      scripts.map((name) => `/opt/qdrant/${name}`),
    );
  });

  it('is small enough for customData, which holds 64 KB', async () => {
    expect((await renderCloudInit()).length).toBeLessThan(65_535);
  });

  it('knows the vault, the identity and the container, and no secret', async () => {
    const settings = (await writtenFiles()).find(({ path }) => path === '/etc/qdrant/vm.env')?.content ?? '';

    expect(settings).toMatch(/^QDRANT_SHA256=[0-9a-f]{64}$/m);
    for (const address of Object.values(addresses)) expect(settings).toContain(`=${address}\n`);
    expect(settings).not.toMatch(/API_KEY|SECRET|PASSWORD|TOKEN/);
  });

  it('configures Qdrant with TLS, and without telemetry, browsers, gRPC and addresses to fetch from', async () => {
    const config = (await writtenFiles()).find(({ path }) => path === '/etc/qdrant/config.yaml')?.content ?? '';

    expect(parse(config)).toMatchObject({
      telemetry_disabled: true,
      service: { enable_tls: true, enable_cors: false, grpc_port: null, enable_snapshot_url_recovery: false },
    });
    expect(config).not.toMatch(/^\s*(api_key|read_only_api_key)/m);
  });
});

describeWith(['cloud-init'], 'cloud-init', () => {
  it('accepts the rendered file by its schema, and would refuse another', async () => {
    const root = await mkdtemp(join(tmpdir(), 'qdrant-cloud-init-'));
    const check = async (name: string, text: string) => {
      await writeFile(join(root, name), text);
      return run('cloud-init', ['schema', '--config-file', join(root, name)]);
    };
    const rendered = await renderCloudInit();

    const [good, bad] = await Promise.all([
      check('good', rendered),
      check('bad', rendered.replace('packages: [jq]', 'packages: jq')),
    ]);

    expect(good).toMatchObject({ code: 0, output: expect.stringContaining('Valid') });
    expect(bad.code).toBe(1);
    await rm(root, { recursive: true });
  });
});

describeWith(['shellcheck'], 'the scripts', () => {
  it('pass shellcheck', async () => {
    const files = scripts.map((name) => join(folder, name));
    expect(await run('shellcheck', ['--external-sources', ...files])).toEqual({ code: 0, output: '' });
  });
});

describeWith(['systemd-analyze'], 'the units', () => {
  let root: string;

  /** The files as they lie on the VM, under a folder of our own: units are verified with the programs that they start. */
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'qdrant-units-'));
    for (const { path, permissions, content } of await writtenFiles()) {
      await mkdir(join(root, dirname(path)), { recursive: true });
      await writeFile(join(root, path), content.replaceAll('=/opt/', `=${root}/opt/`));
      await chmod(join(root, path), Number.parseInt(permissions ?? '644', 8));
    }
    await mkdir(join(root, 'opt/qdrant/bin'));
    await writeProgram(join(root, 'opt/qdrant/bin/qdrant'), 'exit 0');
  });

  afterAll(() => rm(root, { recursive: true }));

  const unit = (name: string) => join(root, 'etc/systemd/system', name);

  it('are understood by systemd, which finds all that they start', async () => {
    const names = [...units.map((name) => `${name}.service`), 'qdrant-prepare.timer', 'qdrant-snapshot.timer'];
    const verify = (files: string[]) => run('systemd-analyze', ['verify', '--man=no', ...files]);

    const { code, output } = await verify(names.map(unit));
    // What it says of units of this machine is not about ours.
    expect(output.split('\n').filter((line) => line.includes(root) || line.includes('qdrant'))).toEqual([]);
    expect(code).toBe(0);

    await writeFile(unit('broken.service'), '[Service]\nExecStart=/opt/nowhere\n');
    expect((await verify([unit('broken.service')])).code).not.toBe(0);
  });

  it.each(['qdrant', 'qdrant-snapshot'])('keep %s to what it needs: an exposure of 3.0 at most', async (name) => {
    const { output } = await run('systemd-analyze', [
      'security',
      '--offline=true',
      '--no-pager',
      unit(`${name}.service`),
    ]);

    const exposure = /Overall exposure level for \S+: ([\d.]+)/.exec(output)?.[1];
    expect(Number(exposure)).toBeGreaterThan(0);
    expect(Number(exposure)).toBeLessThanOrEqual(3);
  });
});

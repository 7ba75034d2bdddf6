import { X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { shippedPath } from '../../shared/config/shipped-files';
import { type AzureVm, createAzureVm } from '../support/azure-vm';
import { describeWith, run, writeProgram } from '../support/shell';

describeWith(['curl', 'jq', 'openssl', 'sha256sum'], 'the secrets of Qdrant', () => {
  let vm: AzureVm;
  let folder: string;
  let secrets: string;

  const script = (name: string, settings: NodeJS.ProcessEnv = {}) =>
    run(shippedPath('infra/qdrant', name), [], {
      ...vm.env,
      PATH: folder,
      SECRETS: secrets,
      PROGRAM: join(folder, 'program'),
      CONFIG: join(folder, 'config.yaml'),
      ...settings,
    });
  const fetchSecrets = (settings?: NodeJS.ProcessEnv) => script('fetch-secrets', settings);
  const read = (name: string) => readFile(join(secrets, name), 'utf8');
  const writes = () => vm.requests.filter(({ method }) => method === 'PUT').map(({ path }) => path);

  beforeEach(async () => {
    vm = await createAzureVm();
    folder = await mkdtemp(join(tmpdir(), 'qdrant-secrets-'));
    secrets = join(folder, 'run');
  });

  afterEach(async () => {
    await vm.close();
    await rm(folder, { recursive: true });
  });

  it('come from Key Vault at the first boot, with a certificate made for this VM and kept in the vault', async () => {
    const { code, output } = await fetchSecrets();

    expect(code).toBe(0);
    expect(await readdir(secrets)).toEqual(['certificate.pem', 'key.pem', 'qdrant.env']);
    expect(await read('qdrant.env')).toBe(`QDRANT__SERVICE__API_KEY=${vm.secrets.get('qdrant-api-key')}\n`);
    const modes = await Promise.all(
      ['key.pem', 'qdrant.env'].map(async (name) => (await stat(join(secrets, name))).mode),
    );
    expect(modes.map((mode) => mode & 0o777)).toEqual([0o600, 0o600]);

    expect(vm.secrets.get('qdrant-ca-certificate')).toBe((await read('certificate.pem')).trim());
    expect(vm.secrets.get('qdrant-tls-key')).toContain(vm.secrets.get('qdrant-ca-certificate'));
    expect(vm.secrets.get('qdrant-tls-key')).toContain('PRIVATE KEY');
    const certificate = new X509Certificate(await read('certificate.pem'));
    expect(certificate.checkIP('10.20.3.4')).toBe('10.20.3.4');
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.ca).toBe(false);

    for (const secret of [vm.secrets.get('qdrant-api-key') ?? '', 'PRIVATE KEY', 'token for']) {
      expect(output).not.toContain(secret);
    }

    // A client that has the certificate from the vault trusts Qdrant by it, and no other does.
    const server = createServer({ key: await read('key.pem'), cert: await read('certificate.pem') });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const shake = (options: { ca?: string; servername: string }) =>
      new Promise<string>((resolve) => {
        const socket = connect({ port, host: '127.0.0.1', ...options }, () =>
          resolve(socket.end().getProtocol() ?? ''),
        );
        socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? ''));
      });

    const ca = vm.secrets.get('qdrant-ca-certificate');
    expect(await shake({ ca, servername: 'localhost' })).toBe('TLSv1.3');
    expect(await shake({ ca, servername: 'elsewhere' })).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await shake({ servername: 'localhost' })).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
    server.close();
  });

  it('are the same at the next boot, and Qdrant starts anew only when one of them has changed', async () => {
    await writeProgram(join(folder, 'systemctl'), `echo "$@" >>${folder}/calls`);
    await writeFile(join(folder, 'program'), 'a program');
    await writeFile(join(folder, 'config.yaml'), 'a: setting');
    const start = async () => {
      expect(await script('start-qdrant')).toMatchObject({ code: 0 });
      return (await readFile(join(folder, 'calls'), 'utf8')).trim().split('\n').at(-1);
    };
    const certificate = async () => [await read('key.pem'), await read('certificate.pem')];
    await fetchSecrets();
    const first = await certificate();
    vm.requests.length = 0;
    expect(await start()).toBe('restart qdrant.service');
    expect(await start()).toBe('start qdrant.service');

    vm.secrets.set('qdrant-api-key', 'another-key-of-the-operator');
    await fetchSecrets();

    expect(await certificate()).toEqual(first);
    expect(writes()).toEqual([]);
    expect(await read('qdrant.env')).toBe('QDRANT__SERVICE__API_KEY=another-key-of-the-operator\n');
    expect(await start()).toBe('restart qdrant.service');
    expect(await start()).toBe('start qdrant.service');
  });

  it.each([
    ['ends within 30 days', '29', '10.20.3.4'],
    ['is for another address', '300', '10.20.3.5'],
  ])('are made anew when the certificate %s', async (_why, days, address) => {
    const names = ['-keyout', join(folder, 'old.key'), '-out', join(folder, 'old.crt')];
    const subject = ['-subj', '/CN=old', '-addext', `subjectAltName=IP:${address}`];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
    expect(await run('openssl', ['req', '-x509', ...key, '-days', days, ...subject, ...names])).toMatchObject({
      code: 0,
    });
    const old = (await readFile(join(folder, 'old.crt'), 'utf8')).trim();
    vm.secrets.set('qdrant-tls-key', (await readFile(join(folder, 'old.key'), 'utf8')) + old);
    vm.secrets.set('qdrant-ca-certificate', old);

    expect(await fetchSecrets()).toMatchObject({ code: 0, output: expect.stringContaining('made one') });

    expect(writes()).toEqual(['/vault/secrets/qdrant-tls-key', '/vault/secrets/qdrant-ca-certificate']);
    const made = new X509Certificate(vm.secrets.get('qdrant-ca-certificate') ?? '');
    expect(made.checkIP('10.20.3.4')).toBe('10.20.3.4');
    expect(Date.parse(made.validTo) - Date.now()).toBeGreaterThan(390 * 86_400_000);
  });

  it('reach the clients after a boot that broke off between key and certificate', async () => {
    vm.fails = ({ method, path }) => method === 'PUT' && path.endsWith('qdrant-ca-certificate');
    expect(await fetchSecrets()).toMatchObject({
      code: 1,
      output: expect.stringContaining('did not take qdrant-ca-certificate'),
    });
    const made = vm.secrets.get('qdrant-tls-key');
    vm.fails = () => false;

    expect(await fetchSecrets()).toMatchObject({ code: 0 });

    expect(vm.secrets.get('qdrant-tls-key')).toBe(made);
    expect(made).toContain(vm.secrets.get('qdrant-ca-certificate'));
  });

  it('are asked for again when the vault does not answer', async () => {
    let asked = 0;
    vm.fails = ({ path }) => path.endsWith('qdrant-api-key') && ++asked === 1;
    vm.secrets.set('qdrant-api-key', 'none');

    // It ends at what the second answer says.
    expect((await fetchSecrets({ RETRIES: '1' })).output).toContain('qdrant-api-key is no key');
    expect(asked).toBe(2);
  });

  it.each([
    ['the vault is down', (path: string) => path.startsWith('/vault'), 'Key Vault did not give qdrant-api-key'],
    ['there is no token', (path: string) => path.includes('oauth2'), 'No token for https://vault.azure.net'],
  ])('are not written at all when %s', async (_what, isDown, message) => {
    vm.fails = ({ path }) => isDown(path);

    const { code, output } = await fetchSecrets();

    expect(code).toBe(1);
    expect(output).toContain(message);
    expect(await readdir(secrets)).toEqual([]);
  });

  it.each(['none', 'has spaces in it and a\nsecond line'])('are not written when the key is %j', async (key) => {
    vm.secrets.set('qdrant-api-key', key);

    const { code, output } = await fetchSecrets();

    expect(code).toBe(1);
    expect(output).toContain('qdrant-api-key is no key');
    expect(await readdir(secrets)).toEqual([]);
  });
});

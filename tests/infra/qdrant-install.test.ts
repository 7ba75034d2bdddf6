import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedPath } from '../../shared/config/shipped-files';
import { describeWith, run, writeProgram } from '../support/shell';

describeWith(['curl', 'tar', 'gzip', 'sha256sum'], 'the release of Qdrant', () => {
  let folder: string;
  let sha256: string;
  const program = () => join(folder, 'bin/qdrant');

  const install = (settings: NodeJS.ProcessEnv = {}) =>
    run(shippedPath('infra/qdrant/install-qdrant'), [], {
      PROGRAM: program(),
      QDRANT_RELEASES: `file://${folder}`,
      QDRANT_VERSION: '1.18.3',
      QDRANT_SHA256: sha256,
      RETRIES: '0',
      ...settings,
    });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'qdrant-install-'));
    await mkdir(join(folder, 'v1.18.3'));
    await writeProgram(join(folder, 'qdrant'), 'echo qdrant 1.18.3');
    const archive = join(folder, 'v1.18.3/qdrant-x86_64-unknown-linux-musl.tar.gz');
    await run('tar', ['--create', '--gzip', '--file', archive, '--directory', folder, 'qdrant']);
    sha256 = createHash('sha256')
      .update(await readFile(archive))
      .digest('hex');
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('is installed once', async () => {
    expect(await install()).toMatchObject({ code: 0, output: 'install-qdrant: Qdrant 1.18.3 is installed.\n' });
    expect((await run(program(), ['--version'])).output).toBe('qdrant 1.18.3\n');
    expect(await readdir(join(folder, 'bin'))).toEqual(['qdrant']);

    expect((await install({ QDRANT_RELEASES: 'file:///nowhere' })).output).toContain('installed already');
  });

  it('is refused when its SHA-256 is another', async () => {
    const wrong = sha256.replace(/^./, (first) => (first === '0' ? '1' : '0'));

    const { code, output } = await install({ QDRANT_SHA256: wrong });

    expect(code).toBe(1);
    expect(output).toContain(`is ${sha256}, not ${wrong}. Nothing was installed.`);
    await expect(readdir(join(folder, 'bin'))).rejects.toThrow('ENOENT');
  });

  it('is said to be out of reach when it cannot be fetched', async () => {
    const { code, output } = await install({ QDRANT_VERSION: '1.19.0' });

    expect(code).toBe(1);
    expect(output).toContain('/v1.19.0/qdrant-x86_64-unknown-linux-musl.tar.gz could not be fetched');
  });
});

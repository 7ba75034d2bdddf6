import { mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedPath } from '../../shared/config/shipped-files';
import { describeWith, run, writeProgram } from '../support/shell';

const prepareDisk = shippedPath('infra/qdrant/prepare-disk');

describeWith(['wipefs', 'blkid', 'mkfs.ext4', 'debugfs', 'mkswap', 'mountpoint'], 'the data disk', () => {
  let folder: string;
  let disk: string;
  let fstab: string;

  /** Only the mounting is left out: it is written down instead. */
  async function prepare() {
    return run(prepareDisk, [], { PATH: folder, DISK: disk, FSTAB: fstab, MOUNT_POINT: join(folder, 'data') });
  }

  async function writeAt(position: number, text: string) {
    const file = await open(disk, 'r+');
    await file.write(text, position);
    await file.close();
  }

  const uuid = async () =>
    (await run('blkid', ['--probe', '--match-tag', 'UUID', '--output', 'value', disk])).output.trim();
  const calls = () => readFile(join(folder, 'calls'), 'utf8').catch(() => '');

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'qdrant-disk-'));
    disk = join(folder, 'disk');
    fstab = join(folder, 'fstab');
    await writeFile(disk, '');
    await truncate(disk, 16 * 1024 * 1024);
    await writeFile(fstab, 'UUID=1234 / ext4 defaults 0 1\n');
    for (const program of ['mount', 'systemctl']) {
      await writeProgram(join(folder, program), `echo ${program} "$@" >>${folder}/calls`);
    }
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('is formatted when it is blank, and mounted by its UUID', async () => {
    expect(await prepare()).toMatchObject({ code: 0, output: expect.stringContaining('blank: formatting') });

    expect(await uuid()).toMatch(/^[0-9a-f-]{36}$/);
    const [before, line, ...rest] = (await readFile(fstab, 'utf8')).split('\n');
    expect([before, rest]).toEqual(['UUID=1234 / ext4 defaults 0 1', ['']]);
    expect(line).toMatch(new RegExp(`^UUID=${await uuid()} ${folder}/data ext4 .*nofail`));
    expect(await calls()).toBe(`systemctl daemon-reload\nmount ${folder}/data\n`);
  });

  it('is left as it is by a second run', async () => {
    await prepare();
    const [id, table] = [await uuid(), await readFile(fstab, 'utf8')];

    expect(await prepare()).toMatchObject({ code: 0, output: expect.not.stringContaining('formatting') });

    expect(await uuid()).toBe(id);
    expect(await readFile(fstab, 'utf8')).toBe(table);
  });

  it('keeps its files when another VM gets it', async () => {
    await prepare();
    await run('debugfs', ['-w', '-R', `write ${fstab} memories`, disk]);
    const id = await uuid();
    await writeFile(fstab, `UUID=of-a-disk-before ${folder}/data ext4 defaults 0 2\n`);

    expect(await prepare()).toMatchObject({ code: 0 });

    expect(await uuid()).toBe(id);
    expect((await run('debugfs', ['-R', 'cat memories', disk])).output).toContain('UUID=1234 / ext4');
    expect(await readFile(fstab, 'utf8')).toMatch(new RegExp(`^UUID=${id} [^\n]*\n$`));
  });

  it.each([
    ['the first byte', 0],
    ['the last of the first MiB', 1024 * 1024 - 1],
  ])('is not formatted when anything stands in %s', async (_where, position) => {
    await writeAt(position, 'x');

    const { code, output } = await prepare();

    expect(code).toBe(1);
    expect(output).toContain('not formatted');
    expect(output).toContain('run this again');
    expect([await uuid(), await calls()]).toEqual(['', '']);
  });

  it('is not touched when it has another file system', async () => {
    await run('mkswap', [disk]);

    const { code, output } = await prepare();

    expect(code).toBe(1);
    expect(output).toContain('holds swap and not ext4');
    expect(await calls()).toBe('');
  });

  it('is said to be missing where there is none', async () => {
    disk = join(folder, 'no-disk');

    const { code, output } = await prepare();

    expect(code).toBe(1);
    expect(output).toContain('no disk at LUN 0');
  });
});

import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createContainer } from '../../shared/container';
import { keepsake } from '../support/cli';
import { freshHome } from '../support/home';
import { createTestClock } from '../support/clock';
import { createMem0Server, type Mem0Server } from '../support/mem0-server';
import { aDeadline } from '../support/service';

const { privateKey } = generateKeyPairSync('ed25519');
const folder = mkdtempSync(path.join(tmpdir(), 'keepsake-cli-'));
const file = (name: string) => path.join(folder, name);

describe('keepsake migrate, export and import', () => {
  let mem0: Mem0Server;
  let services: ReturnType<typeof createContainer>;
  const call = (...args: string[]) => keepsake(args, { services });
  const fromMem0 = ['migrate', 'run', '--from', 'mem0', '--to', 'local'];
  const idIn = (text: string) => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(text)?.[0] ?? '';

  beforeAll(async () => {
    const clock = createTestClock();
    mem0 = await createMem0Server({ now: clock.now });
    for (const user_id of ['ana', 'ben', 'eva'])
      for (const number of [1, 2, 3]) {
        const messages = [{ role: 'user', content: `${user_id} has locker number ${number}.` }];
        mem0.store.keep({ user_id, messages }, messages);
        clock.turn(1_000);
      }
    services = createContainer({
      env: {
        ...{ KEEPSAKE_HOME: freshHome(), LOG_LEVEL: 'silent', MEMORY_BACKEND: 'local' },
        ...{ MEM0_API_KEY: mem0.apiKey, MEM0_BASE_URL: mem0.url, MEM0_MAX_RETRIES: '0' },
        MIGRATION_SIGNING_KEY: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
      },
    });
  });
  afterAll(async () => {
    await services.close();
    await mem0.close();
    rmSync(folder, { recursive: true });
  });
  afterEach(() => {
    mem0.fault = () => null;
  });

  it('counts first, and leaves nothing behind', async () => {
    const { code, stdout } = await call(...fromMem0, '--all', '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/mem0 → local \(dry run: nothing is written\)/);
    expect(stdout).toMatch(/items +0 messages, 9 memories/);
    expect((await call('migrate', 'status')).stdout).toBe(
      'No run yet; keepsake migrate run --help tells how to begin.\n',
    );
    expect(await call('migrate', 'validate')).toMatchObject({ code: 2, stderr: expect.stringContaining('no run yet') });
  });

  it('moves one person, then everybody, nothing twice', async () => {
    const one = await call(...fromMem0, '--user', 'ana', '--batch-size', '1', '--concurrency', '2');
    expect(one).toMatchObject({ code: 0, stdout: expect.stringMatching(/moved +3 of 3\n/) });
    expect(one.stderr).toContain(`Run ${idIn(one.stdout)}`);
    const all = await call(...fromMem0, '--all', '--error-budget', '0%', '--json');
    const status = JSON.parse(all.stdout);
    expect(status).toMatchObject({
      ...{ source: 'mem0', target: 'local', state: 'done', dry_run: false, progress: { done: 9, total: 9 } },
      counts: { people: 3, people_done: 3, memories: 9, done: 6, present: 3, set_aside: [], unmapped: [] },
    });
    expect((await call('migrate', 'status')).stdout.match(/mem0 → local +done/g)).toHaveLength(2);
    expect((await call('migrate', 'status', status.id)).stdout).toMatch(/moved +6 of 9; 3 were there before/);
  });

  it('shows every check with its numbers, and a report to sign', async () => {
    const checked = await call('migrate', 'validate');
    expect(checked).toMatchObject({ code: 0, stdout: expect.stringContaining('All checks passed.') });
    expect(checked.stdout).toMatch(/passed {2}counts equal +9 +9\n/);
    const { code, stdout } = await call('migrate', 'report', '--validate', '--out', file('report.md'));
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^Run .*: report written.\n$/) });
    expect(readFileSync(file('report.md'), 'utf8')).toMatch(/# Migration from mem0 to local[\s\S]*Signature:/);
  });

  it('signs what was moved, and takes it out again when it is told to twice', async () => {
    const id = idIn((await call('migrate', 'validate')).stdout);
    const archived = await call('migrate', 'archive', id, '--days', '90', '--out', file('manifest.json'));
    expect(archived).toMatchObject({ code: 0, stdout: expect.stringMatching(/^9 items in .*\nsha256 [0-9a-f]{64}\n/) });
    expect(existsSync(file('manifest.json'))).toBe(true);

    const unasked = await call('migrate', 'rollback', id);
    expect(unasked).toMatchObject({ code: 2, stderr: expect.stringContaining('Nothing was rolled back.') });
    const asked = await keepsake(['migrate', 'rollback', id], { services, isTerminal: true, typed: 'no\n' });
    expect(asked).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`Take 6 items of run ${id} out of local?`),
    });
    const yes = await keepsake(['migrate', 'rollback', id], { services, isTerminal: true, typed: 'yes\n' });
    expect(yes).toMatchObject({ code: 0, stdout: expect.stringMatching(/rolled back +6\n/) });
    const left = JSON.parse((await call('export', '--out', file('left.json'), '--json')).stdout);
    expect(left).toMatchObject({ people: 1, memories: 3 });
  });

  it('stops at Ctrl-C, says how to go on, and goes on', async () => {
    const stop = new AbortController();
    mem0.fault = ({ path: asked, body }) => {
      if (asked === '/v3/memories/' && JSON.stringify(body).includes('ben')) stop.abort();
      return null;
    };
    const stopped = await keepsake([...fromMem0, '--all', '--batch-size', '1'], { services, stopping: stop.signal });
    const id = idIn(stopped.stdout);
    expect(stopped).toMatchObject({ code: 130, stdout: expect.stringContaining(`keepsake migrate resume ${id}`) });
    const resumed = await call('migrate', 'resume', id);
    expect(resumed).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/moved +\d+ of 9; \d+ were there before/),
    });
    expect((await call('migrate', 'validate', id)).code).toBe(0);
  });

  it('fails where something is missing at the target, and says what', async () => {
    const { stdout } = await call(...fromMem0, '--all');
    const listed = await services.memory().list('ben', { limit: 1, cursor: null }, aDeadline());
    await services.memory().delete(listed.value?.items[0]?.id ?? '', aDeadline());
    const checked = await call('migrate', 'validate', idIn(stdout), '--json');
    const { passed, checks } = JSON.parse(checked.stdout);
    expect({ code: checked.code, passed }).toEqual({ code: 1, passed: false });
    const counts = { name: 'counts_equal', passed: false, expected: 9, found: 8 };
    expect(checks).toContainEqual(expect.objectContaining(counts));
    const one = await call('migrate', 'validate', idIn(stdout), '--user', 'ana');
    expect(one.code).toBe(0);
    expect((await call('migrate', 'report', idIn(stdout), '--validate')).code).toBe(1);
  });

  it('writes a file that comes back as it was', async () => {
    const written = await call('export', '--user', 'ana', '--out', file('ana.json'));
    expect(written).toMatchObject({ code: 0, stdout: `3 memories of 1 people in ${file('ana.json')}\n` });
    expect(await call('export', '--out', file('ana.json'))).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('is there already') },
    });
    const elsewhere = createContainer({ env: { KEEPSAKE_HOME: freshHome(), LOG_LEVEL: 'silent' } });
    const imported = await keepsake(['import', file('ana.json')], { services: elsewhere });
    expect(imported).toMatchObject({ code: 0, stdout: expect.stringMatching(/file → local\n[\s\S]*moved +3 of 3\n/) });
    await keepsake(['export', '--out', file('again.json')], { services: elsewhere });
    await elsewhere.close();
    const contents = (name: string) =>
      JSON.parse(readFileSync(file(name), 'utf8')).memories.map(
        ({ id: _, updated_at: __, ...content }: Record<string, unknown>) => content,
      );
    expect(contents('again.json')).toEqual(contents('ana.json'));
  });

  it('moves what is good in a damaged file, and names what is not by line and path', async () => {
    const good = { id: 'a', user_id: 'kim', text: 'Kim has a dog.', created_at: '2026-01-01T08:00:00Z' };
    const rows = [good, { ...good, id: 'b', created_at: 'yesterday' }, good];
    writeFileSync(file('bad.json'), `{"memories":[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]}`);
    const { code, stdout } = await call('migrate', 'run', '--to', 'local', '--file', file('bad.json'));
    expect(code).toBe(1);
    expect(stdout).toMatch(/moved +1 of 1\nunusable +2 records/);
    expect(stdout).toContain('line 3, $.memories[1].created_at: must be a time');
    expect(stdout).toMatch(/line 4, \$\.memories\[2\]/);
  });

  it.each([
    [
      ['run', '--to', 'local', '--from', 'mem0'],
      'Whose memories: --all, --user <id>, --new-people, or --file <export>?',
    ],
    [['run', '--to', 'local', '--from', 'mem0', '--all', '--new-people'], '--all and --new-people do not go together.'],
    [
      ['run', '--to', 'mem0', '--from', 'local', '--new-people'],
      'New people go from a provider to the first one, local.',
    ],
    [['run', '--to', 'local', '--from', 'mem0', '--all', '--user', 'ana'], '--user and --all do not go together.'],
    [['run', '--to', 'local', '--all'], 'Where are they: --from mem0, zep or local?'],
    [['run', '--to', 'local', '--from', 'local', '--all'], '--from and --to are the same.'],
    [['run', '--to', 'local', '--from', 'mem0', '--all', '--session', 's'], '--session goes with --user.'],
    [['run', '--from', 'mem0', '--all'], "required option '--to <provider>' not specified"],
    [['run', '--to', 'paper', '--from', 'mem0', '--all'], 'Allowed choices are mem0, zep, local'],
    [['run', '--to', 'zep', '--from', 'mem0', '--all'], 'zep is not set up: set ZEP_API_KEY.'],
    [['run', '--to', 'local', '--file', 'nowhere.json'], 'The file cannot be read (ENOENT).'],
    [
      ['run', '--to', 'local', '--from', 'mem0', '--all', '--mapping', 'nowhere.json'],
      'The mapping file cannot be read (ENOENT).',
    ],
    [['run', '--to', 'local', '--all', '--batch-size', '0'], 'It must be a whole number from 1 to 10000.'],
    [['run', '--to', 'local', '--all', '--error-budget', '2'], 'It must be a share from 0 to 1'],
    [['run', '--to', 'local', '--all', '--since', '2026-13-01'], 'It must be a day or a moment'],
    [['resume', 'no-id'], 'It must be the id of a run'],
    [['status', '7d3c7a52-3f0e-4c55-9d0b-0f7d1c9b8a11'], 'There is no run 7d3c7a52'],
    [['rollback', '7d3c7a52-3f0e-4c55-9d0b-0f7d1c9b8a11', '--yes'], 'There is no run 7d3c7a52'],
  ])('answers migrate %j with 2 and what is wrong, and notes no run', async (args, message) => {
    const before = (await services.migrator().runs(20)).length;
    const { code, stdout, stderr } = await call('migrate', ...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(await services.migrator().runs(20)).toHaveLength(before);
  });
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepsake } from '../support/cli';
import { createTestService } from '../support/service';

describe('keepsake load', () => {
  const { container, close } = createTestService();
  afterAll(close);
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-load-'));
  const call = (...args: string[]) => keepsake(['load', ...args], { services: container });
  const fileOf = (...lines: (object | string)[]) => {
    const file = join(folder, `${Math.random()}.jsonl`);
    writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
    return file;
  };

  it('keeps the good lines, and says of the wrong ones what is wrong, and nothing of what they say', async () => {
    const file = fileOf(
      '\uFEFF{"id":"ana","full_name":"Ana Rojas","email":""}',
      { id: 'ben', email: 'no address' },
      '',
      'secret, not JSON',
      { id: 'eva', nickname: 'Eva' },
      { id: 'not an id' },
      { id: 'ida', full_name: 'Ida', metadata: { Source: 'crm' } },
      '[]',
    );
    const { code, stdout, stderr } = await call('profiles', file);
    expect(code).toBe(1);
    expect(stdout).toBe('2 of 8 records kept, 5 wrong.\n');
    expect(stderr.split('\n')).toEqual(
      expect.arrayContaining([
        'line 2: email must be an e-mail address',
        'line 4: is not JSON',
        'line 5: nickname is not a field of this request',
        expect.stringMatching(/^line 6: id may contain letters/),
        expect.stringMatching(/^line 8: /),
        'kept: 8 of 8',
      ]),
    );
    expect(stderr).not.toContain('secret');
    expect(await container.profiles().get('ana')).toMatchObject({ fullName: 'Ana Rojas', email: null });
    expect(await container.profiles().get('ida')).toMatchObject({ metadata: { Source: 'crm' } });
    expect(await container.profiles().get('ben')).toBeNull();
  });

  it('loads the brain at once with --load, and prints one document with --json', async () => {
    const file = fileOf({ id: 'acme', name: 'Acme', tax_regime: 'ProPyme General', start_date: '2020-01-31' });
    const { code, stdout } = await call('companies', file, '--load', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ...{ lines: 1, kept: 1, wrong: 0, errors: [] },
      job: { kind: 'companies', state: 'done', total: 1, loaded: 1, memories_created: 2 },
    });
    expect(await container.brain().list({ kind: 'companies', id: 'acme' })).toHaveLength(2);
  });

  it('says what cannot be read, and how it is called', async () => {
    const missing = await call('profiles', join(folder, 'none.jsonl'));
    expect(missing).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('cannot be read (ENOENT)') });
    expect(await call('people', 'x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('profiles, companies'),
    });
  });
});

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { shippedPath } from '../../shared/config/shipped-files';

describe('the tools of infra', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keepsake-infra-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** A program in the folder that writes down what it was called with, and does `then`. */
  const program = (name: string, then = '') => {
    writeFileSync(join(folder, name), `#!/bin/sh\nprintf '%s\\n' "$*" >> '${join(folder, 'calls')}'\n${then}\n`);
    chmodSync(join(folder, name), 0o755);
  };
  const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
  const run = (script: string, args: string[] = [], env: Record<string, string> = {}) =>
    spawnSync(process.execPath, [shippedPath('infra', ...script.split('/')), ...args], {
      encoding: 'utf8',
      env: { PATH: [folder, dirname('/bin/sh')].join(delimiter), ...env },
    });

  describe('infra:check', () => {
    it('builds and lints with bicep where it is', () => {
      program('bicep');
      const { status, stdout } = run('check.mjs');
      expect({ status, stdout }).toEqual({ status: 0, stdout: 'bicep build: ok\nbicep lint: ok\n' });
      expect(calls()).toEqual([
        '--version',
        expect.stringMatching(/^build .*main\.bicep --stdout$/),
        expect.stringMatching(/^lint /),
      ]);
    });

    it('takes that of the Azure CLI else', () => {
      program('az');
      expect(run('check.mjs').stdout).toBe('az bicep build: ok\naz bicep lint: ok\n');
      expect(calls()).toEqual([
        'bicep version',
        expect.stringMatching(/^bicep build --file /),
        expect.stringMatching(/^bicep lint --file /),
      ]);
    });

    it.each(['Warning no-unused-vars', 'Error BCP057'])('fails with a %s', (said) => {
      program('bicep', `echo '/infra/main.bicep(1,1) : ${said}: it is so' >&2`);
      const { status, stdout } = run('check.mjs');
      expect(status).toBe(1);
      expect(stdout).toContain(`${said}: it is so`);
    });

    it('says so where there is neither, and fails only where it is required', () => {
      expect(run('check.mjs')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Nothing checked: /) });
      expect(run('check.mjs', ['--required']).status).toBe(1);
    });
  });

  describe('the SSH key of the VM', () => {
    it('is made before anything is provisioned, in SSH’s own format', () => {
      program('azd');
      expect(run('hooks/ssh-key.mjs').status).toBe(0);
      const [, name, key = ''] = /^env set (\w+) (ssh-rsa \S+ keepsake)$/.exec(calls()[0] ?? '') ?? [];
      expect(name).toBe('QDRANT_SSH_PUBLIC_KEY');
      const bytes = Buffer.from(key.split(' ')[1] ?? '', 'base64');
      const fields: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += 4 + bytes.readUInt32BE(at)) {
        fields.push(bytes.subarray(at + 4, at + 4 + bytes.readUInt32BE(at)));
      }
      expect(fields[0]?.toString()).toBe('ssh-rsa');
      expect(fields[1]).toEqual(Buffer.from([1, 0, 1]));
      // 3,072 bits, and a zero before them: the number is positive.
      expect(fields[2]).toHaveLength(385);
      expect(fields[2]?.[0]).toBe(0);
      expect(fields).toHaveLength(3);
    });

    it('stays where there is one, and is not needed with a Qdrant of one’s own', () => {
      program('azd');
      expect(run('hooks/ssh-key.mjs', [], { QDRANT_SSH_PUBLIC_KEY: 'ssh-rsa AAAA mine' }).status).toBe(0);
      expect(run('hooks/ssh-key.mjs', [], { QDRANT_URL: 'https://qdrant.example.com:6333' }).status).toBe(0);
      expect(calls).toThrow(/ENOENT/);
    });

    it('ends the deployment where azd does not take it', () => {
      program('azd', 'exit 3');
      expect(run('hooks/ssh-key.mjs').status).not.toBe(0);
    });
  });
});

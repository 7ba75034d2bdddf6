import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from 'commander';
import type { Cli } from '../../cli/cli';
import { commands } from '../../cli/commands';
import { createProgram } from '../../cli/keepsake';
import { createOutput } from '../../cli/output';
import { shippedPath } from '../../shared/config/shipped-files';
import { lockHome } from '../../shared/database/home-lock';
import { keepsake } from '../support/cli';
import { freshHome } from '../support/home';
import { nowhere } from '../support/service';

/** The command as a shell runs it, from a clean clone. */
async function shell(args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, [shippedPath('cli', 'bin.mjs'), ...args], {
    cwd: freshHome(),
    env: { PATH: process.env.PATH, ...env },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

/** Every command that does something, by how it is called. */
function leaves(program: Command, name = ''): { name: string; command: Command }[] {
  return program.commands.flatMap((command) => {
    const path = `${name} ${command.name()}`.trim();
    return command.commands.length > 0 ? leaves(command, path) : [{ name: path, command }];
  });
}

const options: Record<string, string[]> = {
  'migrate run': [
    ...['--from', '--to', '--all', '--new-people', '--user', '--session', '--file', '--dry-run', '--since', '--role'],
    ...['--mapping', '--batch-size', '--concurrency', '--error-budget'],
  ],
  'migrate resume': [],
  'migrate status': [],
  'migrate validate': ['--user', '--session'],
  'migrate report': ['--validate', '--out'],
  'migrate archive': ['--days', '--out'],
  'migrate rollback': ['--yes'],
  'migrate compare': ['--since'],
  export: ['--user', '--out', '--since', '--from'],
  import: ['--user', '--since', '--mapping', '--dry-run', '--to'],
  sync: ['--user', '--full'],
  reconcile: ['--user'],
  load: ['--load'],
  doctor: [],
};

describe('the keepsake command', () => {
  it('runs from a clean clone, works on the home of this folder, and prints one document with --json', async () => {
    const { code, stdout, stderr } = await shell(['sync', '--json'], { KEEPSAKE_HOME: freshHome() });
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'changed', outcome: 'complete', errors: 0 });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('says what to do while npm start has the home', async () => {
    const home = freshHome();
    const release = lockHome(home);
    const { code, stdout, stderr } = await shell(['sync'], { KEEPSAKE_HOME: home });
    release();
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain(`process ${process.pid}`);
    expect(stderr).toContain('KEEPSAKE_HOME');
    expect(stderr).toContain('POST /api/sync');
  });

  it('has help for every command and every option of it', async () => {
    const output = createOutput({ stdout: process.stdout, stderr: process.stderr, env: {} }, false);
    const cli = { output, action: () => async () => undefined } as unknown as Cli;
    const all = leaves(createProgram(commands, cli));
    expect(all.map(({ name }) => name).sort()).toEqual(Object.keys(options).sort());
    for (const { name, command } of all) {
      const { code, stdout } = await keepsake([...name.split(' '), '--help']);
      expect({ name, code }).toEqual({ name, code: 0 });
      const documented = command.options.filter(({ description }) => description !== '').map(({ long }) => long);
      expect({ name, documented }).toEqual({ name, documented: options[name] });
      for (const long of options[name] ?? []) expect(stdout).toContain(long);
      expect(command.summary()).not.toBe('');
    }
  });

  it.each([
    [['snyc'], 'Did you mean sync'],
    [['sync', '--bogus'], "unknown option '--bogus'"],
    [['sync', '--user'], 'argument missing'],
    [[], 'Usage: keepsake'],
  ])('answers %j with 2 and what is wrong', async (args, message) => {
    const { code, stdout, stderr } = await keepsake(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('puts what went wrong into the document, too', async () => {
    const wrong = await keepsake(['sync', '--bogus', '--json']);
    expect(JSON.parse(wrong.stdout)).toEqual({ error: { message: "error: unknown option '--bogus'", next: null } });
    const unreachable = await keepsake(['sync', '--json'], { env: { DATABASE_URL: nowhere } });
    expect(JSON.parse(unreachable.stdout).error.message).toBe('The database cannot be reached (ECONNREFUSED).');
    expect(unreachable.code).toBe(3);
  });
});

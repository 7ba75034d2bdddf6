/**
 * Builds and lints infra/ with the Bicep CLI, by itself or as part of the Azure CLI, whichever is here. A warning fails, too.
 * Where neither is here it says so and ends well, unless called with --required.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = join(dirname(fileURLToPath(import.meta.url)), 'main.bicep');
// On Windows both are scripts, which only a shell starts.
const run = ([program, ...before], args) =>
  spawnSync(program, [...before, ...args], {
    encoding: 'utf8',
    shell: process.platform === 'win32',
    maxBuffer: 2 ** 27,
  });
const isHere = ([program, ...before]) =>
  before.length === 0
    ? run([program], ['--version']).status === 0
    : run([program, ...before], ['version']).status === 0;

const cli = [['bicep'], ['az', 'bicep']].find(isHere);
if (cli === undefined) {
  process.stdout.write('Nothing checked: neither bicep nor az bicep is installed on this machine.\n');
  process.exitCode = process.argv.includes('--required') ? 1 : 0;
} else {
  for (const command of ['build', 'lint']) {
    // `az bicep` takes the file by an option, `bicep` by its place; of the build only what is said about it counts.
    const file = cli.length === 1 ? [main] : ['--file', main];
    const { status, stdout, stderr } = run(cli, [command, ...file, ...(command === 'build' ? ['--stdout'] : [])]);
    const said = command === 'build' ? stderr : stdout + stderr;
    const failed = status !== 0 || /\) : (Warning|Error) /.test(said);
    process.stdout.write(`${said}${cli.join(' ')} ${command}: ${failed ? 'failed' : 'ok'}\n`);
    if (failed) process.exitCode = 1;
  }
}

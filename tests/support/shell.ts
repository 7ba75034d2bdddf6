import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Debian keeps the tools of disks where only root's PATH looks. */
const path = [process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter);

export interface Ended {
  code: number | null;
  /** All that it printed, errors too. */
  output: string;
}

/** Runs a program to its end; its environment is `env`, and of ours only what finds programs. */
export function run(program: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const environment = { ...env, PATH: [env.PATH, path].filter(Boolean).join(delimiter), LC_ALL: 'C' };
    const child = spawn(program, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

function isThere(program: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A suite that needs programs of Linux; where one is missing it shows as skipped, and says which. .ci/run installs them all. */
export function describeWith(programs: string[], name: string, suite: () => void): void {
  const missing = process.platform === 'linux' ? programs.filter((program) => !isThere(program)) : ['Linux'];
  if (missing.length === 0) describe(name, suite);
  else describe.skip(`${name} (skipped: this machine has no ${missing.join(', ')})`, suite);
}

/** Puts a program into a folder: a line of shell that stands for what only a whole machine has. */
export async function writeProgram(file: string, script: string): Promise<void> {
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedPath } from '../../shared/config/shipped-files';

/** A folder that holds an empty, migrated database; its name changes with the migrations. */
export function templateHome(): string {
  const folder = shippedPath('shared', 'database', 'migrations');
  const hash = createHash('sha256');
  for (const file of readdirSync(folder)
    .sort()
    .filter((name) => name.endsWith('.sql')))
    hash.update(readFileSync(join(folder, file)));
  return join(tmpdir(), `keepsake-test-${hash.digest('hex').slice(0, 12)}`);
}

const homes: string[] = [];

/** A new KEEPSAKE_HOME with an empty, migrated database; removed when the test file's process ends. */
export function freshHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'keepsake-home-'));
  cpSync(templateHome(), home, { recursive: true });
  if (homes.push(home) === 1)
    process.once('exit', () => {
      for (const folder of homes) rmSync(folder, { recursive: true, force: true });
    });
  return home;
}

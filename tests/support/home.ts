import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { shippedPath } from '../../shared/config/shipped-files';

/** So many databases are made that their disk is a third of the tests' time: they lie in memory where there is plenty of it. */
function folderOfHomes(): string {
  const inMemory = '/dev/shm';
  const plenty = 8 * 2 ** 30;
  try {
    const { bavail, bsize } = statfsSync(inMemory);
    return bavail * bsize > plenty ? inMemory : tmpdir();
  } catch {
    return tmpdir();
  }
}
const homesFolder = folderOfHomes();

/** A folder that holds an empty, migrated database; its name changes with the migrations. */
export function templateHome(): string {
  const folder = shippedPath('shared', 'database', 'migrations');
  const hash = createHash('sha256');
  // The journal says which of them a database has.
  for (const file of [
    'meta/_journal.json',
    ...readdirSync(folder)
      .sort()
      .filter((name) => name.endsWith('.sql')),
  ])
    hash.update(readFileSync(join(folder, file)));
  return join(homesFolder, `keepsake-test-${hash.digest('hex').slice(0, 12)}`);
}

/** Postgres's own templates for new databases: half of the files, and nothing here is made from them. */
const templateDatabases = /\bbase[/\\][14]$/;

/** A new KEEPSAKE_HOME with an empty, migrated database; the test environment removes it with the last test of the file. */
export function freshHome(): string {
  const home = mkdtempSync(join(homesFolder, 'keepsake-home-'));
  cpSync(templateHome(), home, { recursive: true, filter: (path) => !templateDatabases.test(path) });
  (globalThis as { homes?: string[] }).homes?.push(home);
  return home;
}

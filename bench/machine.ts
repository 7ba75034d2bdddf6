import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

/** What a figure was measured on, and with which versions of what decides it. */
export function describeMachine(): Record<string, string | number> {
  const versionOf = (name: string): string =>
    JSON.parse(readFileSync(join(__dirname, '..', name, 'package.json'), 'utf8')).version;
  const modules = ['@xenova/transformers', '@electric-sql/pglite', 'drizzle-orm'];
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    keepsake: versionOf('.'),
    ...Object.fromEntries(modules.map((name) => [name, versionOf(join('node_modules', name))])),
  };
}

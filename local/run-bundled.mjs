import { mkdirSync, renameSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..');

/**
 * Bundles a file of this project into dist/<name>.js and runs the bundle. A loader that translates TypeScript while it runs would do
 * the same to every package it meets, for twice the memory and the time.
 */
export async function runBundled(file, name) {
  const bundle = path.join(root, 'dist', `${name}.js`);
  const written = `${bundle}.${process.pid}`;
  mkdirSync(path.dirname(bundle), { recursive: true });
  await build({
    entryPoints: [path.join(root, file)],
    outfile: written,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
  // Moved into place whole: another start may be reading it.
  renameSync(written, bundle);
  createRequire(import.meta.url)(bundle);
}

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { shippedPath } from '../shared/config/shipped-files';
import { bundleFunctions } from './bundle';

/** What the bundle finds beside itself at run time, but for the code of packages. */
const shipped = ['host.json', 'LICENSE', 'shared/database/migrations', 'models'];

/** Node's half of ONNX, for where functions run: Linux on x64. The GPU libraries and other machines' are four fifths of it. */
const packages = [
  ...['package.json', 'dist', 'bin/napi-v6/linux/x64'].map((part) => `node_modules/onnxruntime-node/${part}`),
  ...['package.json', 'dist/cjs'].map((part) => `node_modules/onnxruntime-common/${part}`),
];

/** What only people read, and the vectors that tests compare with. */
const isLeftOut = (file: string) => /\.(map|md|d\.ts)$|reference-embeddings\.json$/.test(file);

/**
 * Makes the folder that is deployed to Azure, anew: one bundle, what it finds beside itself, and no package manager's work left to do.
 * The database in process is not in it: an instance's disk is nobody's memory.
 */
export async function makePackage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const { name, version, license, main } = JSON.parse(readFileSync(shippedPath('package.json'), 'utf8'));
  mkdirSync(folder, { recursive: true });
  for (const part of [...shipped, ...packages]) {
    cpSync(shippedPath(part), path.join(folder, part), { recursive: true, filter: (file) => !isLeftOut(file) });
  }
  writeFileSync(
    path.join(folder, 'package.json'),
    `${JSON.stringify({ name, version, private: true, license, main }, null, 2)}\n`,
  );
  // Where there is no such file, deployment tools leave out node_modules.
  writeFileSync(path.join(folder, '.funcignore'), '# All of this ships.\n');
  await bundleFunctions(shippedPath('functions'), path.join(folder, main), { isPackage: true });
}

/** The files of a folder and their sizes in bytes, by their paths in it, with slashes. */
export function filesIn(folder: string): Map<string, number> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    files.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(folder, file).replaceAll(path.sep, '/'), statSync(file).size];
    }),
  );
}

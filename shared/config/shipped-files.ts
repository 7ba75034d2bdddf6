import { existsSync } from 'node:fs';
import path from 'node:path';

let root: string | undefined;

/**
 * Absolute path of something that ships beside the code, for example `shippedPath('models')`. The project's root is the
 * nearest folder above this file that holds package.json and host.json, so one call serves the sources and the bundle
 * in dist/. Does not look whether the path itself exists. Throws where no such root is found.
 */
export function shippedPath(...segments: string[]): string {
  root ??= findRoot(__dirname);
  return path.join(root, ...segments);
}

function findRoot(start: string): string {
  for (let folder = start; ; folder = path.dirname(folder)) {
    if (['package.json', 'host.json'].every((name) => existsSync(path.join(folder, name)))) return folder;
    if (folder === path.dirname(folder)) throw new Error(`No package.json and host.json above ${start}`);
  }
}

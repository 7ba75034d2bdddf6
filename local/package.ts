import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Zippable, zipSync } from 'fflate';
import { shippedPath } from '../shared/config/shipped-files';
import { coldImportMs } from './cold-import';
import { filesIn, makePackage } from './package-folder';

const megabyte = 1_000_000;
/** What an instance has to fetch and unpack before its first answer. */
const limits = { unpacked: 100 * megabyte, zipped: 40 * megabyte };

const inMegabytes = (bytes: number) => `${(bytes / megabyte).toFixed(1)} MB`;

/** `npm run package`: build/package, which is deployed, and the same as build/keepsake.zip. Fails where it has grown too large. */
async function main(): Promise<void> {
  const folder = shippedPath('build', 'package');
  await makePackage(folder);
  const files = filesIn(folder);
  const contents: Zippable = Object.fromEntries(
    [...files.keys()].map((file) => [file, readFileSync(path.join(folder, file))]),
  );
  const zip = zipSync(contents, { level: 9 });
  writeFileSync(`${shippedPath('build', 'keepsake')}.zip`, zip);

  const unpacked = [...files.values()].reduce((sum, size) => sum + size, 0);
  const largest = [...files].sort(([, a], [, b]) => b - a).slice(0, 5);
  for (const [file, size] of largest) console.log(`  ${inMegabytes(size).padStart(8)}  ${file}`);
  const importMs = await coldImportMs(folder);
  console.log(`unpacked   ${inMegabytes(unpacked)} in ${files.size} files (at most ${inMegabytes(limits.unpacked)})`);
  console.log(`zipped     ${inMegabytes(zip.length)} (at most ${inMegabytes(limits.zipped)})`);
  console.log(`cold start ${importMs.map(Math.round).join(', ')} ms to import it (aimed at: 400)`);
  if (unpacked > limits.unpacked || zip.length > limits.zipped) {
    console.error('The package is too large: see what it holds in build/package.');
    process.exitCode = 1;
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { MigrationError } from './migration-contract';

export type Write = (text: string) => Promise<void>;

/**
 * Writes a file beside its place and puts it there when it is complete: what fails or is killed half-way leaves an earlier file as it was.
 * Only its owner may read it. Rejects as `fill` does, and with `MigrationError` where the disk does.
 */
export async function writeWhole(file: string, fill: (write: Write) => Promise<void>): Promise<void> {
  const partial = `${file}.${process.pid}.partial`;
  const stream = createWriteStream(partial, { mode: 0o600, flush: true });
  let failed: NodeJS.ErrnoException | null = null;
  const failure = once(stream, 'error').then(([error]) => {
    failed = error;
  });
  const check = () => {
    if (failed) throw new MigrationError('file', `The file cannot be written (${failed.code}).`, { cause: failed });
  };
  const write: Write = async (text) => {
    check();
    if (!stream.write(text)) await Promise.race([once(stream, 'drain'), failure]);
  };
  try {
    await fill(write);
    stream.end();
    await Promise.race([once(stream, 'close'), failure]);
    check();
    await rename(partial, file);
  } catch (error) {
    stream.destroy();
    await rm(partial, { force: true });
    check();
    throw error;
  }
}

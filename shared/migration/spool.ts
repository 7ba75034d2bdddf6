import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Texts of people, kept outside of memory: in memory are 24 bytes a text. */
export interface Spool {
  add(userId: string, at: Date, text: string): void;
  people(): string[];
  /** One person's, oldest first, some at a time. */
  textsOf(userId: string): Generator<string[]>;
  close(): void;
}

const bufferedAtMost = 1_048_576;
const together = 500;

/** A file that nobody else sees: it has no name any more once it is open, so that even a process that is killed leaves nothing behind. */
export function createSpool(): Spool {
  const folder = mkdtempSync(join(tmpdir(), 'keepsake-'));
  const file = openSync(join(folder, 'spool'), 'wx+', 0o600);
  rmSync(folder, { recursive: true, force: true });
  /** By person: when, where and how long, text after text. */
  const index = new Map<string, number[]>();
  let buffered: Buffer[] = [];
  let bufferedBytes = 0;
  let end = 0;

  const flush = () => {
    if (bufferedBytes > 0) writeSync(file, Buffer.concat(buffered), 0, bufferedBytes, end - bufferedBytes);
    buffered = [];
    bufferedBytes = 0;
  };

  return {
    add: (userId, at, text) => {
      const bytes = Buffer.from(text);
      const known = index.get(userId);
      if (known) known.push(at.getTime(), end, bytes.length);
      else index.set(userId, [at.getTime(), end, bytes.length]);
      buffered.push(bytes);
      bufferedBytes += bytes.length;
      end += bytes.length;
      if (bufferedBytes >= bufferedAtMost) flush();
    },
    people: () => [...index.keys()],
    textsOf: function* (userId) {
      flush();
      const entries = index.get(userId) ?? [];
      const at = (entry: number, part: 0 | 1 | 2) => entries[3 * entry + part] ?? 0;
      const order = Uint32Array.from({ length: entries.length / 3 }, (_, i) => i);
      order.sort((a, b) => at(a, 0) - at(b, 0) || a - b);
      for (let from = 0; from < order.length; from += together) {
        const texts = Array.from(order.subarray(from, from + together), (entry) => {
          const bytes = Buffer.alloc(at(entry, 2));
          readSync(file, bytes, 0, bytes.length, at(entry, 1));
          return bytes.toString();
        });
        yield texts;
      }
    },
    close: () => closeSync(file),
  };
}

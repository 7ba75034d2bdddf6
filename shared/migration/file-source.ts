import { createReadStream } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import type { Redaction } from '../redaction/redaction';
import { readRecord, toLine } from './export-record';
import { createIdSet } from './id-set';
import { createJsonElements, type JsonElement } from './json-elements';
import type { SourceRecord } from './mapping';
import { MigrationError, type Progress, type SourceProblem } from './migration-contract';
import { isSelected, type Selection, type Source } from './source';
import { createSpool } from './spool';

export interface FileSourceOptions {
  file: string;
  selection: Selection;
  /** What comes from outside is masked before it is stored; null where nothing is stored. */
  redaction: Redaction | null;
  onProgress: Progress;
}

const problemsAtMost = 100;
const utf8 = new TextDecoder('utf-8', { fatal: true });
const chunkBytes = 262_144;

const sentences: Record<NonNullable<JsonElement['damage']>, string> = {
  truncated: 'The file ends in the middle: what follows is missing.',
  not_json: 'What stands here is no JSON.',
  too_large: 'The record is larger than 1 MiB.',
};

/** Files that begin like this are no UTF-8. */
const encodings: [string, string][] = [
  ['fffe', 'UTF-16'],
  ['feff', 'UTF-16'],
  ['1f8b', 'compressed by gzip'],
  ['504b0304', 'a ZIP archive'],
];
const byteOrderMark = 'efbbbf';

const unreadable = (error: unknown) => {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  return new MigrationError('file', `The file cannot be read (${code}).`, { cause: error });
};

/** Rejects with `MigrationError` where there is no such file, or it may not be read. */
export async function assertReadable(file: string): Promise<void> {
  await access(file, constants.R_OK).catch((error) => {
    throw unreadable(error);
  });
}

/** The file's bytes without a byte order mark. Throws `MigrationError` where they are no text in UTF-8 to begin with. */
async function* bytesOf(file: string): AsyncGenerator<Buffer> {
  let isFirst = true;
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
      const start = isFirst ? chunk.toString('hex', 0, 4) : '';
      const [, encoding] = encodings.find(([mark]) => start.startsWith(mark)) ?? [];
      if (encoding || (isFirst && chunk.subarray(0, 4).includes(0)))
        throw new MigrationError('file', `The file is ${encoding ?? 'no text'}; it must be JSON in UTF-8.`);
      yield start.startsWith(byteOrderMark) ? chunk.subarray(3) : chunk;
      isFirst = false;
    }
  } catch (error) {
    if (error instanceof MigrationError) throw error;
    throw unreadable(error);
  }
}

/**
 * Reads an export, ours or Mem0's, from end to end, and keeps its records outside of memory, by person. A record that cannot be used is a
 * problem with its line and path, and the others are read all the same. Rejects with `MigrationError` for a file that is no export.
 */
export async function openFileSource({ file, selection, redaction, onProgress }: FileSourceOptions): Promise<Source> {
  const spool = createSpool();
  const ids = createIdSet();
  const masking = redaction?.();
  const counts: Record<string, number> = {};
  const first: SourceProblem[] = [];
  let isOurs = false;
  let records = 0;
  let read = 0;

  const note = (code: SourceProblem['code'], { line, path }: Pick<JsonElement, 'line' | 'path'>, message: string) => {
    counts[code] = (counts[code] ?? 0) + 1;
    if (first.length < problemsAtMost) first.push({ code, line, path, message });
  };

  const parse = (element: JsonElement): unknown => {
    let text: string;
    try {
      text = utf8.decode(element.bytes);
    } catch {
      return note('wrong_encoding', element, 'These bytes are no UTF-8.');
    }
    try {
      return JSON.parse(text);
    } catch {
      return note('not_json', element, sentences.not_json);
    }
  };

  const keep = (record: SourceRecord) => {
    const { text, metadata } = record;
    const masked = masking ? { ...record, text: masking.text(text), metadata: masking.deep(metadata) } : record;
    spool.add(record.userId, record.createdAt, toLine(masked));
  };

  const take = (element: JsonElement) => {
    const { damage, path } = element;
    if (damage) return note(damage, element, sentences[damage]);
    const value = parse(element);
    if (value === undefined) return;
    const isElement = path.endsWith(']');
    if (!isElement) return heed(value, element);
    const result = readRecord(value);
    if ('message' in result) return note('wrong_type', { ...element, path: `${path}${result.field}` }, result.message);
    records++;
    const { record } = result;
    if (!ids.add(record.id))
      return note('duplicate_id', { ...element, path: `${path}.id` }, 'An earlier record has this id.');
    const isWanted = selection.users === undefined || selection.users.includes(record.userId);
    if (isWanted && isSelected(selection, record)) keep(record);
  };
  /** Our own export says what it is, and at its end how many records it holds. */
  const heed = (value: unknown, element: JsonElement) => {
    if (element.path === '$.format') isOurs = value === 'keepsake-export';
    if (isOurs && element.path === '$.version' && value !== 1)
      throw new MigrationError('file', 'The export is of a newer version of Keepsake, which this one does not read.');
    const isWhole = Object.keys(counts).length > 0 || value === records;
    if (isOurs && element.path === '$.count' && !isWhole)
      note('truncated', element, `The file says that it holds ${Number(value)} records, and holds ${records}.`);
  };

  try {
    const elements = createJsonElements();
    for await (const chunk of bytesOf(file)) {
      for (const element of elements.write(chunk)) take(element);
      read += chunk.length;
      onProgress({ done: read, total: read, what: 'bytes' });
    }
    for (const element of elements.end()) take(element);
    if (records === 0 && first.length > 0 && first[0]?.path === '$')
      throw new MigrationError('file', 'The file is no JSON: a list of records, or an object with such a list, is.');
  } catch (error) {
    spool.close();
    throw error;
  }

  return {
    people: async function* () {
      yield spool.people();
    },
    recordsOf: async function* (userId) {
      for (const texts of spool.textsOf(userId)) {
        const some = texts.map((text) => readRecord(JSON.parse(text)));
        yield some.flatMap((each) => ('record' in each ? [each.record] : []));
      }
    },
    search: async () => null,
    problems: () => ({ counts, first }),
    close: async () => spool.close(),
  };
}

import { flat } from './at-a-time';
import { addTo, noCounts } from './counts';
import { toLine } from './export-record';
import { type Mapping, toItem } from './mapping';
import type { MigrationCounts, Progress } from './migration-contract';
import type { Source } from './source';
import { writeWhole } from './write-whole';

export interface ExportOptions {
  source: Source;
  /** What the source is called. */
  from: string;
  file: string;
  mapping: Mapping;
  now: () => Date;
  onProgress: Progress;
}

/**
 * Writes everything to a file, person by person, oldest first, as the source has it: a record a line, and their number at the end. The file
 * is there when it is whole, and not before. Rejects as the source does, and with `MigrationError` where the disk does.
 */
export async function writeExport(options: ExportOptions, signal: AbortSignal): Promise<MigrationCounts> {
  const { source, from, file, mapping, now, onProgress } = options;
  const counts = noCounts();
  await writeWhole(file, async (write) => {
    const head = { format: 'keepsake-export', version: 1, exported_at: now(), source: from };
    await write(`${JSON.stringify(head).slice(0, -1)},"memories":[`);
    for await (const userId of flat(source.people(signal))) {
      for await (const records of source.recordsOf(userId, signal)) {
        const lines = records.map((record, i) => `${counts.done + i > 0 ? ',' : ''}\n${toLine(record)}`);
        await write(lines.join(''));
        for (const record of records) {
          const { kind, unmapped } = toItem(mapping, record);
          counts[kind === 'message' ? 'messages' : kind === 'memory' ? 'memories' : 'metadata']++;
          for (const each of unmapped) addTo(counts.unmapped, each, 1);
        }
        counts.done += records.length;
        onProgress({ done: counts.done, total: counts.done, what: 'items' });
        signal.throwIfAborted();
      }
      counts.people++;
    }
    await write(`\n],"count":${counts.done}}\n`);
  });
  return { ...counts, planned: counts.done, peopleDone: counts.people, problems: source.problems().counts };
}

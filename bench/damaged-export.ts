import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWhole } from '../shared/migration/write-whole';
import { startChild } from '../tests/support/child';
import { createZepServer } from '../tests/support/zep-server';
import type { Bench } from './run';

const people = 2_000;

/**
 * `npm run bench -- damaged-export [--mb 500] [--bytes 1000] [--to zep]`: an export of that size, in records of so many bytes, of which every
 * thousandth is damaged in one of four ways and which ends in the middle: counted in a dry run, or with `--to` brought to a loopback Zep or to
 * `local`. What is found of it and arrives, and the most memory that takes above the idle process.
 */
export const bench: Bench = async ({ mb = '500', bytes = '1000', to }) => {
  const recordBytes = Number(bytes);
  const home = mkdtempSync(join(tmpdir(), 'keepsake-bench-'));
  const file = join(home, 'export.json');
  const records = Math.round((Number(mb) * 1_048_576) / recordBytes);
  const filler = 'and so on, '.repeat(Math.round((recordBytes - 200) / 11));
  const line = (i: number) => {
    const at = new Date(Date.UTC(2026, 0, 1) + i * 1_000).toISOString();
    const row = { id: `m-${i}`, user_id: `person-${i % people}`, text: `Parcel ${i} ${filler}`, created_at: at };
    const isDamaged = i % 1_000 === 999;
    const kind = Math.floor(i / 1_000) % 4;
    if (!isDamaged) return JSON.stringify(row);
    if (kind === 0) return JSON.stringify({ ...row, created_at: 12 });
    if (kind === 1) return JSON.stringify({ ...row, id: 'm-0' });
    return kind === 2 ? JSON.stringify(row).slice(0, -1) : JSON.stringify(row).replace('Parcel', 'Par\ncel');
  };
  const zep = await createZepServer();
  try {
    await writeWhole(file, async (write) => {
      await write('{"format":"keepsake-export","version":1,"memories":[');
      for (let i = 0; i < records; i++) await write(`${i > 0 ? ',' : ''}\n${line(i)}`);
      await write(',\n{"id":"last","user_id":"person-1","te');
    });
    const started = performance.now();
    const step = {
      do: 'measure',
      idleMs: 5_000,
      request: { from: { file }, to: to ?? 'local', dryRun: to === undefined },
    };
    const own = { KEEPSAKE_HOME: join(home, 'keepsake'), DATABASE_URL: '', LOG_LEVEL: 'warn' };
    const env = { ...own, ZEP_API_KEY: zep.apiKey, ZEP_BASE_URL: zep.url };
    const ended = await startChild('tests/support/migration-child.ts', [JSON.stringify(step)], env, []).line(/^ended /);
    const { status, ...memory } = JSON.parse(ended.slice('ended '.length));
    const damaged = Math.floor(records / 1_000);
    const found = Object.values(status.counts.problems as Record<string, number>).reduce(
      (sum, count) => sum + count,
      0,
    );
    const { planned, done, poison } = status.counts;
    const figures = {
      ...{
        to: to ?? 'nowhere, a dry run',
        mb: Number(mb),
        records,
        damaged: damaged + 1,
        problems: found,
        usable: planned,
      },
      ...(to && { state: status.state, arrived: done, set_aside: JSON.stringify(poison) }),
      ...(to === 'zep' && { at_zep: zep.store.all().length }),
      isComplete: planned === records - damaged && found === damaged + 1 && (!to || done === planned),
      ...{ ...memory, seconds: Math.round((performance.now() - started) / 100) / 10 },
    };
    console.table(figures);
    console.table(status.problems.slice(0, 5));
    return { figures, problems: status.counts.problems };
  } finally {
    await zep.close();
    rmSync(home, { recursive: true, force: true });
  }
};

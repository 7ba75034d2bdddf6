import { createReadStream } from 'node:fs';
import { Argument } from 'commander';
import type { Job } from '../shared/brain/job-rows';
import type { Container } from '../shared/container';
import { jobView } from '../shared/http/views';
import type { Cli } from './cli';
import { type ExitCode, exitCode } from './exit-code';
import { wrongUsage } from './failure';
import type { AddCommand } from './keepsake';
import { type RecordFile, recordFiles } from './record-files';

interface Options {
  load?: boolean;
}

/** What became of a file's lines. `errors` are those of the first 100 wrong ones. */
interface Kept {
  lines: number;
  kept: number;
  wrong: number;
  errors: { line: number; path: string; message: string }[];
}

export const addLoad: AddCommand = (program, cli) => {
  program
    .command('load')
    .summary('keep records of people or companies, for the brain')
    .description(
      'Keeps records from a file of JSON lines: one object a line, with the fields of PUT /api/profiles/{id} or /api/companies/{id} and an id. ' +
        'A wrong line is said and left out. With --load the brain is loaded from all records right after; POST /api/brain/load does it later.',
    )
    .addArgument(new Argument('<what>', 'what the lines are').choices(Object.keys(recordFiles)))
    .argument('<file>', 'the file of JSON lines')
    .option('--load', 'load the brain from the records at once')
    .action(
      cli.action((what: keyof typeof recordFiles, file: string, { load = false }: Options) =>
        loadFile(cli, recordFiles[what], file, load),
      ),
    );
};

/** Lines that are kept together. */
const batchSize = 500;
const errorsAtMost = 100;
const askEveryMs = 250;

async function loadFile(cli: Cli, records: RecordFile, file: string, loads: boolean): Promise<ExitCode> {
  const total = await countLines(file);
  const services = await cli.services();
  const kept = await keepAll(cli, services, records, file, total);
  const job = loads && !cli.stopping.aborted ? await load(cli, services, records) : null;
  cli.output.answer({ ...kept, job: job && jobView(job) }, () => describe(kept, job));
  if (cli.stopping.aborted) return exitCode.interrupted;
  return kept.wrong === 0 && (job === null || job.failed === 0) ? exitCode.done : exitCode.failed;
}

/** Throws the usage error for a file that cannot be read. */
async function countLines(file: string): Promise<number> {
  try {
    let lines = 0;
    let endsOpen = false;
    for await (const chunk of createReadStream(file)) {
      for (const byte of chunk as Buffer) if (byte === 10) lines++;
      endsOpen = (chunk as Buffer).at(-1) !== 10;
    }
    return endsOpen ? lines + 1 : lines;
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw wrongUsage(`${file} cannot be read (${code}).`, 'See that the file is there, and that you may read it.');
  }
}

async function keepAll(
  cli: Cli,
  services: Container,
  { read }: RecordFile,
  file: string,
  total: number,
): Promise<Kept> {
  const sum: Kept = { lines: 0, kept: 0, wrong: 0, errors: [] };
  for await (const { lines, kept, wrong } of read(services, file, batchSize)) {
    sum.lines = lines;
    sum.kept += kept;
    for (const { line, errors } of wrong) {
      sum.wrong++;
      if (sum.wrong > errorsAtMost) continue;
      sum.errors.push(...errors.map((error) => ({ line, ...error })));
      const told = errors.map(({ path, message }) => [path, message].filter(Boolean).join(' ')).join('; ');
      cli.output.say((colors) => `${colors.yellow(`line ${line}`)}: ${told}`);
    }
    cli.progress().update({ done: lines, total: Math.max(total, lines), what: 'kept' });
    if (cli.stopping.aborted) break;
  }
  return sum;
}

/** The job goes on where the next process finds it, should this one be stopped. */
async function load({ progress, stopping }: Cli, services: Container, { subject }: RecordFile): Promise<Job> {
  const jobs = services.jobs();
  let job = await jobs.start(subject);
  while ((job.state === 'queued' || job.state === 'running') && !stopping.aborted) {
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    job = (await jobs.get(job.id)) ?? job;
    progress().update({ done: job.loaded + job.failed, total: job.total, what: 'loaded' });
  }
  await (stopping.aborted ? jobs.stop() : jobs.idle());
  return job;
}

function describe({ lines, kept, wrong, errors }: Kept, job: Job | null): string {
  const unsaid = wrong > errorsAtMost ? ` (the first ${errorsAtMost} are above)` : '';
  const codes = Object.entries(job?.errors ?? {}).map(([code, times]) => `${code} ${times}`);
  return [
    `${kept} of ${lines} records kept${errors.length > 0 ? `, ${wrong} wrong${unsaid}` : ''}.`,
    ...(job
      ? [`Brain ${job.state}: ${job.loaded} loaded, ${job.failed} failed, ${job.memoriesCreated} new memories.`]
      : []),
    ...(codes.length > 0 ? [`Failed with: ${codes.join(', ')}.`] : []),
    ...(job?.state === 'running' || job?.state === 'queued' ? [`Job ${job.id} goes on with npm start.`] : []),
  ].join('\n');
}

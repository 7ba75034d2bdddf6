import type { Command } from 'commander';
import type { Container } from '../shared/container';
import type { SyncReport } from '../shared/sync/sync';
import type { Cli } from './cli';
import { type ExitCode, exitCode } from './exit-code';
import type { AddCommand } from './keepsake';

interface Options {
  user?: string;
  full?: boolean;
}

export const addSync: AddCommand = (program, cli) =>
  withUser(program.command('sync'))
    .summary('bring the search index up to the provider')
    .description('Sends what waits in the outbox, then brings the search index up to the memory provider.')
    .option('--full', 'compare everything, and remove from the index what the provider no longer has')
    .action(cli.action(({ user, full = false }: Options) => sync(cli, user, full)));

export const addReconcile: AddCommand = (program, cli) =>
  withUser(program.command('reconcile'))
    .summary('compare provider and index memory by memory, and mend the index')
    .description('What the nightly timer does: compares all memories with the index by id and content, and mends it.')
    .action(cli.action(({ user }: Options) => sync(cli, user, true)));

const withUser = (command: Command) => command.option('--user <id>', 'this person alone');

/** One run's time: its lease, with a little more, is how long a killed one keeps others waiting. */
const runMs = 60_000;

async function sync(cli: Cli, userId: string | undefined, isFull: boolean): Promise<ExitCode> {
  const services = await cli.services();
  const report = await untilDone(cli, services, { ...(userId !== undefined && { userId }), isFull });
  cli.output.answer(report, () => describe(report));
  if (cli.stopping.aborted) return exitCode.interrupted;
  if (report.outcome === 'unreachable') return exitCode.unreachable;
  return report.outcome === 'complete' && report.errors === 0 ? exitCode.done : exitCode.failed;
}

/** Runs until nobody is left, or a run gets no further. A full one begins with those compared least recently, so each is compared once. */
async function untilDone(
  cli: Cli,
  services: Container,
  request: { userId?: string; isFull: boolean },
): Promise<SyncReport> {
  let sum: SyncReport | null = null;
  for (;;) {
    const before = sum ? sum.people - sum.remaining : 0;
    const total = sum?.people;
    const onProgress = (done: number, of: number) =>
      cli.progress().update({ done: before + done, total: total ?? of, what: request.isFull ? 'compared' : 'synced' });
    const report = await services.sync(request, runMs, { signal: cli.stopping, onProgress });
    const done = report.people - report.remaining;
    sum = sum ? add(sum, report, done) : report;
    const goesOn = report.outcome === 'partial' && done > 0 && sum.remaining > 0 && !cli.stopping.aborted;
    if (!goesOn) return sum;
  }
}

/** People are those who were due at first; the last run says how it ended. */
function add(sum: SyncReport, report: SyncReport, done: number): SyncReport {
  const counts = ['written', 'removed', 'missing', 'changed', 'orphaned', 'errors', 'ms', 'providerMs'] as const;
  const added = { ...report, people: sum.people, remaining: Math.max(0, sum.remaining - done) };
  for (const name of [...counts, 'embedMs', 'indexMs'] as const) added[name] += sum[name];
  return added.remaining === 0 ? { ...added, outcome: 'complete' } : added;
}

function describe(report: SyncReport): string {
  const { kind, outcome, reason, people, remaining, errors, written, removed, ms, outbox } = report;
  const done = people - remaining;
  const why = reason === null ? '' : ` (${reason})`;
  const how = {
    complete: `Complete: ${done} people ${kind === 'full' ? 'compared' : 'synced'}`,
    partial: `Stopped with ${remaining} of ${people} people to go${why}`,
    queued: 'Sent to the queue',
    unreachable: `The memory provider could not say who changed${why}`,
    running: 'Another run is under way; this one waits for no other. Try again in a minute',
  }[outcome];
  const drift = `${report.missing} missing, ${report.changed} changed, ${report.orphaned} orphaned`;
  return [
    `${how}; ${written} memories written, ${removed} removed, ${(ms / 1_000).toFixed(1)} s.`,
    ...(kind === 'full' ? [`Drift, mended: ${drift}.`] : []),
    ...(outbox.people > 0
      ? [`Outbox: ${outbox.people} people had writes waiting, ${outbox.failed} of them still have.`]
      : []),
    ...(errors > 0 ? [`${errors} people failed${why}; the next run tries them again.`] : []),
  ].join('\n');
}

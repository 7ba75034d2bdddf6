import type { MigrationStatus } from '../shared/migration/migration-contract';
import { type Colors, table } from './output';

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((total, count) => total + count, 0);

const listed = (counts: Record<string, number>) =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');

/** What a run came to, in lines: what was moved, what was not and why, and what to do next. */
export function describeRun(status: MigrationStatus, colors: Colors): string {
  const { id, from, to, state, dryRun, counts, startedAt, endedAt, lastError, keepUntil, problems } = status;
  const { poison, unmapped } = counts;
  const seconds = ((endedAt ?? new Date()).getTime() - startedAt.getTime()) / 1_000;
  const rows: (string | number)[][] = [
    ['run', id],
    ['from, to', `${from} → ${to}${dryRun ? ' (dry run: nothing is written)' : ''}`],
    ['state', stateText(status, colors)],
    ['people', `${counts.peopleDone} of ${counts.people}`],
    ['items', `${counts.messages} messages, ${counts.memories} memories, ${counts.metadata} metadata`],
    [
      'moved',
      `${counts.done} of ${counts.planned}${counts.present > 0 ? `; ${counts.present} were there before` : ''}`,
    ],
    ...(counts.rolledBack > 0 ? [['rolled back', String(counts.rolledBack)]] : []),
    ...(sum(poison) > 0 ? [['set aside', colors.red(`${sum(poison)} (${listed(poison)})`)]] : []),
    ...(sum(unmapped) > 0 ? [['no mapping', colors.yellow(`${listed(unmapped)}: carried as they are`)]] : []),
    ...(sum(counts.problems) > 0
      ? [['unusable', colors.red(`${sum(counts.problems)} records (${listed(counts.problems)})`)]]
      : []),
    [
      'calls',
      `${counts.calls}${dryRun ? ' estimated' : ''}${counts.cost === null ? '' : `, about $${counts.cost.toFixed(2)}`}`,
    ],
    ...(dryRun ? [] : [['time', `${seconds.toFixed(1)} s`]]),
    ...(keepUntil ? [['keep source until', keepUntil.toISOString()]] : []),
    ...(lastError === null ? [] : [['last error', colors.red(lastError)]]),
  ];
  const wrong = problems.slice(0, 20).map(({ line, path, message }) => `  line ${line}, ${path}: ${message}`);
  const more = problems.length > wrong.length ? [`  and more`] : [];
  return [
    table(rows),
    ...wrong,
    ...more,
    ...nextSteps(state, id, dryRun).map((step) => colors.yellow(`→ ${step}`)),
  ].join('\n');
}

function stateText({ state }: MigrationStatus, colors: Colors): string {
  const color = { done: colors.green, running: colors.cyan, paused: colors.yellow, failed: colors.red };
  return state === 'rolled_back' ? 'rolled back' : color[state](state);
}

function nextSteps(state: MigrationStatus['state'], id: string, isDryRun: boolean): string[] {
  if (isDryRun) return ['the same without --dry-run moves them'];
  if (state === 'done') return [`keepsake migrate validate ${id}`];
  if (state === 'paused' || state === 'failed') return [`keepsake migrate resume ${id}`];
  return [];
}

/** One line a run. */
export const listRuns = (runs: MigrationStatus[], colors: Colors): string =>
  table([
    ['run', 'began', 'from → to', 'state', 'people', 'moved', 'set aside'].map(colors.bold),
    ...runs.map((run) => [
      ...[run.id, run.startedAt.toISOString().slice(0, 16), `${run.from} → ${run.to}`, stateText(run, colors)],
      ...[run.counts.peopleDone, run.counts.done, sum(run.counts.poison)],
    ]),
  ]);

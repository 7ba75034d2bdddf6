import path from 'node:path';
import type { SettingProblem, Settings } from '../shared/config/settings';
import type { Host } from './host';
import { routePrefix } from './routes';

/** What `npm start` prints: every function, where it answers, where the data lies, and what is wrong with the settings. */
export function banner(host: Host, settings: Settings, problems: SettingProblem[]): string {
  const doors = host.http
    .map(({ methods, route, registration, authLevel }) => [
      methods.join(','),
      `/${routePrefix}/${route}`,
      registration.name,
      authLevel,
    ])
    .sort(([, a = ''], [, b = '']) => a.localeCompare(b));
  const timers = host.timers.running.map(({ name, schedule, next }) => [
    'timer',
    schedule,
    name,
    next ? `next at ${next.toISOString()}` : 'never fires',
  ]);
  const queues = host.queues.running.map(({ name, queue }) => ['queue', queue, name, '']);
  const wrong = [...problems, ...host.timers.refused, ...host.queues.refused].map(
    ({ name, message }) => `  ${name} ${message}`,
  );
  return [
    '',
    ...table([...doors, ...timers, ...queues]),
    '',
    ...(wrong.length > 0 ? ['Wrong settings:', ...wrong, ''] : []),
    `Data:      ${dataPlace(settings)}`,
    `Keepsake:  ${host.url}   (Ctrl-C stops it)`,
    '',
  ].join('\n');
}

function table(rows: string[][]): string[] {
  const widths = [0, 1, 2].map((column) => Math.max(0, ...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`);
}

/** The folder of the embedded database, or the server's address without who logs in there. */
export function dataPlace({ DATABASE_URL, KEEPSAKE_HOME }: Settings): string {
  if (!DATABASE_URL) return path.resolve(KEEPSAKE_HOME);
  const { host, pathname } = new URL(DATABASE_URL);
  return `Postgres at ${host}${pathname}`;
}

import type { Writable } from 'node:stream';
import { createColors } from 'picocolors';
import { snakeKeys } from '../shared/http/case';

export type Colors = ReturnType<typeof createColors>;

/** Its colours do nothing where nobody sees them. */
export type Text = string | ((colors: Colors) => string);

/** A stream that may be a terminal. */
export type Screen = Writable & { isTTY?: boolean; columns?: number };

/** What a command prints: its answer on stdout, everything else on stderr. */
export interface Output {
  readonly isJson: boolean;
  /** What it came to: with --json `value` in snake_case as one document, else the text. Once a run. */
  answer(value: unknown, text: Text): void;
  /** A message beside the answer. */
  say(text: Text): void;
}

const mayColor = ({ isTTY = false }: Screen, env: NodeJS.ProcessEnv) => isTTY && !env.NO_COLOR && env.TERM !== 'dumb';

export function createOutput(
  { stdout, stderr, env }: { stdout: Screen; stderr: Screen; env: NodeJS.ProcessEnv },
  isJson: boolean,
): Output {
  const write = (screen: Screen, text: Text) =>
    void screen.write(`${typeof text === 'string' ? text : text(createColors(mayColor(screen, env)))}\n`);
  return {
    isJson,
    answer: (value, text) => write(stdout, isJson ? JSON.stringify(snakeKeys(value), null, 2) : text),
    say: (text) => write(stderr, text),
  };
}

// A colour takes characters and no width.
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what begins a colour
const escapes = /\u001b\[\d+m/g;
const widthOf = (cell: string) => cell.replace(escapes, '').length;

/** Rows in columns two spaces apart; numbers stand to the right. */
export function table(rows: (string | number)[][]): string {
  const count = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(...rows.map((row) => widthOf(text(row[column])))),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => pad(cell, widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const grouped = new Intl.NumberFormat('en-US');
const text = (cell: string | number | undefined): string =>
  typeof cell === 'number' ? grouped.format(cell) : (cell ?? '');

function pad(cell: string | number, width: number): string {
  const space = ' '.repeat(Math.max(0, width - widthOf(text(cell))));
  return typeof cell === 'number' ? space + text(cell) : text(cell) + space;
}

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeMachine } from './machine';

/** What a benchmark file exports as `bench`: it prints its tables, and gives back what is written as JSON. */
export type Bench = (flags: Readonly<Record<string, string | undefined>>) => Promise<object>;

/** `npm run bench -- <name> [--flag value]` runs bench/<name>.ts and writes bench/results/<name>.json. */
async function main(): Promise<void> {
  const [name, ...rest] = process.argv.slice(2);
  if (!name || !/^[a-z-]+$/.test(name)) throw new Error('usage: npm run bench -- <name> [--flag value]');
  const flags = readFlags(rest);
  const { bench } = (await import(`./${name}`)) as { bench: Bench };
  const machine = describeMachine();
  console.log(
    Object.entries(machine)
      .map(([key, value]) => `${key} ${value}`)
      .join(', '),
  );
  const result = await bench(flags);
  const file = path.join(__dirname, 'results', `${name}.json`);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(
    file,
    `${JSON.stringify({ bench: name, at: new Date().toISOString(), machine, ...result }, null, 2)}\n`,
  );
  console.log(`written to ${path.relative(process.cwd(), file)}`);
}

/** `--data folder --quick`: a flag without a value is `true`. */
function readFlags(args: string[]): Record<string, string> {
  const flags: Record<string, string> = {};
  for (const [i, arg] of args.entries()) {
    const [, flag] = /^--([a-z-]+)$/.exec(arg) ?? [];
    const next = args[i + 1];
    if (flag) flags[flag] = next === undefined || next.startsWith('--') ? 'true' : next;
  }
  return flags;
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);

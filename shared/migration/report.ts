import { sumOf } from './counts';
import type { CheckPoint, MigrationStatus, Validation } from './migration-contract';

const row = (cells: (string | number)[]) => `| ${cells.join(' | ')} |`;
const table = (head: string[], rows: (string | number)[][]) =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

const named = (counts: Record<string, number>) => Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
const words = (name: string) => name.replaceAll('_', ' ');
/** What came from a source is set as code, so that no word of it is read as Markdown. */
const code = (text: string) => `\`${text.replaceAll('`', "'").replaceAll('|', '/')}\``;

const toCheck = ({ name, passed, expected, found, examples }: CheckPoint) => ({
  name,
  passed,
  expected,
  found,
  examples,
});

/** What a person can sign: everything a run did, by its checkpoints, with the sha256 over every item. */
export function writeReport(
  status: MigrationStatus,
  digest: { items: number; sha256: string },
  validation?: Validation,
) {
  const { id, from, to, state, counts, startedAt, endedAt, lastError, keepUntil } = status;
  const at = (moment: Date | null) => moment?.toISOString() ?? '–';
  const setAside = sumOf(counts.poison);
  const open = counts.planned - counts.done - counts.present - counts.rolledBack - setAside;
  const seconds = endedAt ? (endedAt.getTime() - startedAt.getTime()) / 1_000 : null;
  const json = {
    ...{ run: id, from, to, state, last_error: lastError },
    ...{ started_at: at(startedAt), ended_at: endedAt && at(endedAt), keep_source_until: keepUntil && at(keepUntil) },
    people: { begun: counts.people, done: counts.peopleDone },
    kinds: { messages: counts.messages, memories: counts.memories, metadata: counts.metadata },
    items: {
      ...{ planned: counts.planned, done: counts.done, present: counts.present, open },
      ...{ set_aside: setAside, rolled_back: counts.rolledBack },
    },
    ...{ set_aside: counts.poison, unmapped: counts.unmapped, problems: counts.problems },
    ...{ calls: counts.calls, cost_usd: counts.cost, sha256: digest.sha256 },
    validation: validation
      ? { passed: validation.passed, people: validation.people, checks: validation.checks.map(toCheck) }
      : null,
  };
  const list = (title: string, some: Record<string, number>, empty: string) =>
    `## ${title}\n\n${
      named(some).length > 0
        ? table(
            ['what', 'items'],
            named(some).map(([name, n]) => [code(name), n]),
          )
        : empty
    }`;
  const checks = validation
    ? table(
        ['check', 'expected', 'found', 'passed'],
        validation.checks.map(({ name, expected, found, passed }) => [
          words(name),
          expected,
          found,
          passed ? 'yes' : '**no**',
        ]),
      )
    : 'Not validated yet: `keepsake migrate validate`.';
  const markdown = [
    `# Migration from ${from} to ${to}`,
    table(
      ['', ''],
      [
        ['run', code(id)],
        ['state', lastError ? `${state} (${lastError})` : state],
        ['began, ended (UTC)', `${at(startedAt)}, ${at(endedAt)}`],
        ['people', `${counts.peopleDone} of ${counts.people}`],
        ['messages, memories, metadata', `${counts.messages}, ${counts.memories}, ${counts.metadata}`],
        ['items planned', counts.planned],
        ['brought by this run', counts.done],
        ['brought by an earlier run', counts.present],
        ['under way', open],
        ['set aside', setAside],
        ['rolled back', counts.rolledBack],
        ['calls to the target', counts.calls],
        ['cost', counts.cost === null ? 'no price known' : `${counts.cost} USD`],
        ['time', seconds === null ? '–' : `${seconds.toFixed(1)} s`],
        ['source to be kept until', at(keepUntil)],
        ['sha256 over every item', code(digest.sha256)],
      ],
    ),
    list('Set aside', counts.poison, 'Nothing.'),
    list('Without a mapping, carried as it is', counts.unmapped, 'Nothing.'),
    list('Records of the file that could not be used', counts.problems, 'None.'),
    `## Validation\n\n${checks}`,
    '## Signed\n\nName:\n\nDate:\n\nSignature:',
  ].join('\n\n');
  return { markdown: `${markdown}\n`, json };
}

import type { Embedder } from '../embedding/embedder';
import { type RankedMemory, type RankingPart, rankingWeights } from './ranking';

/** Memories as a model reads them, within a budget of tokens. */
export interface ContextPack {
  /** A heading and a line a memory, best first; '' when not one fits. */
  text: string;
  /** What `text` counts, heading included. */
  tokens: number;
  lines: ContextLine[];
}

export interface ContextLine {
  id: string;
  text: string;
  /** Why it was picked, for example `words in common, meaning`. */
  reason: string;
}

/** Stands above every pack, so that one that comes back as a message is known for what it is. */
const heading = '[Remembered by Keepsake]';

/** A part is a reason where it gave at least half of what it can. */
const reasons: [RankingPart, string][] = [
  ['lexical', 'words in common'],
  ['late', 'meaning'],
  ['speaker', 'said by who is asked about'],
  ['time', 'says when'],
  ['number', 'says how many'],
  ['date', 'said at that time'],
  ['current', 'holds now'],
];

const reasonless = 'the closest there is';
const alone = 'same conversation';
const endings = [...reasons.map(([, reason]) => reason), alone, reasonless];
/** How a line of a pack begins, also where it is quoted, and where it ends. */
const opening = /^[\s>|]*[-•*] (?:in|no longer true, said in) \p{L}+ \d{4}, /u;
const ending = new RegExp(`\\((?:(?:${endings.join('|')})(?:, )?)+\\)`, 'g');

/**
 * A text without the context packs in it, which come back where a bot sends its prompt as a message; other words stay as they are. ''
 * where there are none.
 */
export function withoutContextPack(text: string): string {
  if (!text.includes(heading)) return text;
  const kept: string[] = [];
  let isInside = false;
  for (const line of text.replaceAll(heading, `\n${heading}\n`).split('\n')) {
    if (line === heading) {
      isInside = true;
      continue;
    }
    const isOfPack: boolean = isInside && opening.test(line);
    const own = isOfPack ? afterLastReason(line) : line;
    const isEmpty = /^[\s>|]*$/.test(own);
    if (!isEmpty) kept.push(own);
    else if (!isInside) kept.push('');
    // Packs have no empty lines, but what carries them may put some in.
    isInside &&= isOfPack || isEmpty;
  }
  return kept
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** What somebody wrote behind a line of a pack, or behind all of them where they stand in one. */
function afterLastReason(line: string): string {
  const last = [...line.matchAll(ending)].at(-1);
  return last ? line.slice(last.index + last[0].length) : '';
}

/**
 * Packs memories, best first, into at most `maxTokens` tokens. A memory that does not fit is left out whole, and a shorter one after
 * it may still find room. Rejects only as `countTokens` does.
 */
export async function createContextPack(
  ranked: readonly RankedMemory[],
  maxTokens: number,
  { countTokens }: Pick<Embedder, 'countTokens'>,
): Promise<ContextPack> {
  const lines: ContextLine[] = [];
  let tokens = await countTokens(heading);
  for (const result of ranked) {
    const { parts, ...line } = toLine(result);
    let cost = 0;
    // Part by part, for the same ones come again and again: tokens end where words do.
    for (const part of parts) cost += await countTokens(part);
    if (tokens + cost > maxTokens) continue;
    tokens += cost;
    lines.push(line);
  }
  if (lines.length === 0) return { text: '', tokens: 0, lines };
  return { text: [heading, ...lines.map(({ text }) => text)].join('\n'), tokens, lines };
}

const months = new Intl.DateTimeFormat('en', { month: 'long', year: 'numeric', timeZone: 'UTC' });

function toLine({ memory, breakdown }: RankedMemory): ContextLine & { parts: string[] } {
  const said = memory.text.replace(/\s+/g, ' ').trim();
  const speaker = memory.speaker ? `${memory.speaker}: ` : '';
  const when = memory.supersededBy === null ? 'in' : 'no longer true, said in';
  const held = reasons.flatMap(([part, reason]) => {
    const given = breakdown[part] ?? 0;
    return given > 0 && given >= rankingWeights[part] / 2 ? [reason] : [];
  });
  const reason = held.join(', ') || (memory.sessionId ? alone : reasonless);
  const parts = [`- ${when} ${months.format(memory.createdAt)}, ${speaker}`.trim(), said, `(${reason})`];
  return { id: memory.id, text: parts.join(' '), reason, parts };
}
